package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestDescriptionsAreFiltered(t *testing.T) {
	f := newFake(t, t.TempDir(), canned(map[string]string{"DescribeVpcEndpoints": `<R><vpcEndpointSet>
		<item><vpcEndpointId>vpce-1</vpcEndpointId><vpcId>vpc-1</vpcId><serviceName>com.amazonaws.us-east-1.s3</serviceName><tagSet><item><key>Region</key><value>us-east-1</value></item></tagSet></item>
		<item><vpcEndpointId>vpce-2</vpcEndpointId><vpcId>vpc-2</vpcId><serviceName>com.amazonaws.us-east-1.sts</serviceName><tagSet/></item>
		</vpcEndpointSet></R>`}))
	for name, test := range map[string]struct {
		filters []string
		want    string // ids
	}{
		"no filter": {nil, "vpce-1 vpce-2"},
		"one value": {[]string{"Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-2"}, "vpce-2"},
		"either value": {
			[]string{"Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-2", "Filter.1.Value.2", "vpc-1"}, "vpce-1 vpce-2",
		},
		"both filters": {
			[]string{"Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-2", "Filter.2.Name", "service-name", "Filter.2.Value.1", "*.s3"}, "",
		},
		"a wildcard":                  {[]string{"Filter.1.Name", "service-name", "Filter.1.Value.1", "com.amazonaws.*.st?"}, "vpce-2"},
		"a point that is no wildcard": {[]string{"Filter.1.Name", "service-name", "Filter.1.Value.1", "com-amazonaws*"}, ""},
		"a tag":                       {[]string{"Filter.1.Name", "tag:Region", "Filter.1.Value.1", "us-east-1"}, "vpce-1"},
		"a tag that none has":         {[]string{"Filter.1.Name", "tag:Owner", "Filter.1.Value.1", "*"}, ""},
	} {
		_, body := f.ec2("us-east-1", "DescribeVpcEndpoints", test.filters...)
		root, err := parseXML([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, item := range root.items("vpcEndpointSet") {
			ids = append(ids, item.findText("vpcEndpointId"))
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestAnUnknownFilterIsRefused(t *testing.T) {
	f := newFake(t, t.TempDir(), canned(nil))
	for _, action := range []string{"DescribeVpcEndpoints", "DescribeFlowLogs", "DescribeVpcPeeringConnections"} {
		status, body := f.ec2("us-east-1", action, "Filter.1.Name", "vpcid", "Filter.1.Value.1", "vpc-1")
		if status != http.StatusBadRequest || !strings.Contains(body, "The filter &#39;vpcid&#39; is invalid") {
			t.Errorf("%s: %d %s", action, status, body)
		}
	}
}

// FuzzFilters holds that any value of a filter, taken literally, lets itself through, and that no value panics.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{"vpc-1", "*", "a?b", `[\E`, "(", "\n", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		filters, refused := parseFilters(url.Values{"Filter.1.Name": {"id"}, "Filter.1.Value.1": {value}}, filterPaths{"id": {"id"}})
		if refused != nil || len(filters) != 1 {
			t.Fatalf("%q is refused", value)
		}
		if !filters[0].matches(newElement("item", text("id", value))) {
			t.Errorf("%q does not match itself", value)
		}
	})
}
