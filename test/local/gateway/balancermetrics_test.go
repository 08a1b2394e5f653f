package gateway

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// A load balancer reports its requests, where there were some, and the health of its targets, each minute; a lost region reports nothing.
func TestPublishBalancers(t *testing.T) {
	const group = "arn:aws:elasticloadbalancing:us-east-1:" + account + ":targetgroup/app/1"
	balancer := route53.Balancer{
		Name: "app", Region: "us-east-1", ARN: "arn:aws:elasticloadbalancing:us-east-1:" + account + ":loadbalancer/app/app/9",
	}
	var mu sync.Mutex
	published := map[string]string{}
	healthy := balancedFunction("lambda", "true", "200", answering(503))
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.FormValue("Action") == "PutMetricData":
			for i := 1; r.FormValue(fmt.Sprintf("MetricData.member.%d.MetricName", i)) != ""; i++ {
				datum := fmt.Sprintf("MetricData.member.%d.", i)
				published[r.FormValue(datum+"MetricName")] = r.FormValue(datum+"Value") + " " +
					r.FormValue(datum+"Dimensions.member.1.Value") + " " + r.FormValue(datum+"Dimensions.member.2.Value")
			}
			io.WriteString(w, "<R/>")
		case r.FormValue("Action") == "DescribeTargetGroups" && r.FormValue("TargetGroupArns.member.1") == "":
			if !strings.Contains(r.Header.Get("Authorization"), "us-east-1") {
				io.WriteString(w, "<R/>")
				return
			}
			fmt.Fprintf(w, `<R><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>%s</TargetGroupArn><LoadBalancerArns>
				<member>%s</member></LoadBalancerArns></member><member><TargetGroupArn>unused</TargetGroupArn><LoadBalancerArns/></member>
				</TargetGroups></DescribeTargetGroupsResult></R>`, group, balancer.ARN)
		default:
			healthy(w, r)
		}
	})
	address := httptest.NewServer(f.gateway.Balancer(balancer))
	t.Cleanup(address.Close)
	publish := func() map[string]string {
		t.Helper()
		mu.Lock()
		clear(published)
		mu.Unlock()
		if err := f.gateway.PublishBalancers(t.Context()); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(published)
	}
	for range 2 {
		response, err := http.Get(address.URL)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	const targets = "app/app/9 targetgroup/app/1"
	want := map[string]string{"RequestCount": "2 app/app/9 ", "HealthyHostCount": "0 " + targets, "UnHealthyHostCount": "1 " + targets}
	if got := publish(); !maps.Equal(got, want) {
		t.Errorf("published are %v, want %v", got, want)
	}
	if got := slices.Sorted(maps.Keys(publish())); !slices.Equal(got, []string{"HealthyHostCount", "UnHealthyHostCount"}) {
		t.Errorf("without requests published are %v", got)
	}
	lost, err := fault.New("us-east-1", fault.Unreachable, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.faults.Add(lost); err != nil {
		t.Fatal(err)
	}
	if got := publish(); len(got) > 0 {
		t.Errorf("a lost region publishes %v", got)
	}
}
