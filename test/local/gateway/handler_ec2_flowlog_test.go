package gateway

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func flowLogs(created *url.Values) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("Action") {
		case "CreateFlowLogs":
			*created = r.PostForm
			io.WriteString(w, "<R><flowLogIdSet><item>fl-1</item><item>fl-2</item></flowLogIdSet><unsuccessful/></R>")
		case "DescribeFlowLogs":
			io.WriteString(w, "<R><flowLogSet><item><flowLogId>fl-1</flowLogId></item><item><flowLogId>fl-2</flowLogId></item></flowLogSet></R>")
		default:
			io.WriteString(w, "<R><unsuccessful/></R>")
		}
	}
}

func TestAFlowLogReadsBackAsPut(t *testing.T) {
	for name, test := range map[string]struct{ create, want []string }{
		"the defaults": {nil, []string{"<maxAggregationInterval>600<", "<logFormat>${version} ${account-id} ", "<deliverLogsStatus>SUCCESS<"}},
		"what was put": {
			[]string{"DeliverLogsPermissionArn", "arn:aws:iam::1:role/r", "MaxAggregationInterval", "60", "LogFormat", "${srcaddr}"},
			[]string{"<maxAggregationInterval>60<", "<logFormat>${srcaddr}<", "<deliverLogsPermissionArn>arn:aws:iam::1:role/r<"},
		},
		"a group by its ARN": {
			[]string{"LogDestination", "arn:aws:logs:us-east-1:1:log-group:/vpc/flow"}, []string{"<logGroupName>/vpc/flow<"},
		},
		"a group by its streams": {
			[]string{"LogDestination", "arn:aws:logs:us-east-1:1:log-group:/vpc/flow:*"}, []string{"<logGroupName>/vpc/flow<"},
		},
		"a group by its name": {[]string{"LogGroupName", "/vpc/flow"}, []string{"<logGroupName>/vpc/flow<"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			var sent url.Values
			newFake(t, folder, flowLogs(&sent)).ec2("us-east-1", "CreateFlowLogs", test.create...)
			_, described := newFake(t, folder, flowLogs(&sent)).ec2("us-east-1", "DescribeFlowLogs")
			for _, want := range test.want {
				if strings.Count(described, want) != 2 {
					t.Errorf("not both flow logs have %s: %s", want, described)
				}
			}
		})
	}
}

func TestFlowLogTagsReachTheEmulatorUnderItsName(t *testing.T) {
	var sent url.Values
	f := newFake(t, t.TempDir(), flowLogs(&sent))
	f.ec2(
		"us-east-1", "CreateFlowLogs", "TagSpecification.1.ResourceType", "vpc-flow-log", "TagSpecification.1.Tag.1.Key", "Region",
		"TagSpecification.1.Tag.1.Value", "vpc-flow-log",
	)
	if got := sent.Get("TagSpecification.1.ResourceType"); got != "flow-log" {
		t.Errorf("the emulator got the tags for a %q", got)
	}
	if got := sent.Get("TagSpecification.1.Tag.1.Value"); got != "vpc-flow-log" {
		t.Errorf("the emulator got the tag value %q, want it as put", got)
	}
}

func TestADeletedFlowLogIsForgotten(t *testing.T) {
	var sent url.Values
	f := newFake(t, t.TempDir(), flowLogs(&sent))
	f.ec2("us-east-1", "CreateFlowLogs")
	f.ec2("us-east-1", "DeleteFlowLogs", "FlowLogId.1", "fl-1")
	if _, described := f.ec2("us-east-1", "DescribeFlowLogs"); strings.Count(described, "<maxAggregationInterval>") != 1 {
		t.Errorf("want the fields of the other flow log only: %s", described)
	}
}
