package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// dataPlane is one whose health checks stand as a test says.
type dataPlane struct {
	statuses []route53.Status
	changes  int
}

func (d *dataPlane) NotifyChanged()             { d.changes++ }
func (d *dataPlane) Statuses() []route53.Status { return d.statuses }
func (d *dataPlane) Route(name string) (route53.Balancer, error) {
	return route53.Balancer{}, route53.RouteError{Failure: route53.NoZone, Reason: "no zone has " + name}
}
func (d *dataPlane) Status(id string) (route53.Status, error) {
	for _, status := range d.statuses {
		if status.ID == id {
			return status, nil
		}
	}
	if id == "alarm" {
		return route53.Status{}, errors.New("it is of type CLOUDWATCH_METRIC")
	}
	return route53.Status{}, route53.ErrUnknown
}

func standing() *dataPlane {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	good := &route53.Observation{Healthy: true, Status: "Success: HTTP Status Code 200, OK", Checked: at}
	bad := &route53.Observation{Status: "Failure: HTTP Status Code 503, Service Unavailable", Checked: at.Add(-time.Minute)}
	return &dataPlane{statuses: []route53.Status{
		{ID: "well", Kind: "HTTP", Healthy: true, Checkers: 1, Last: good},
		{ID: "ill", Kind: "HTTP", Last: good, LastFailure: bad},
		{ID: "sum", Kind: "CALCULATED", Healthy: true, Children: 1},
	}}
}

func TestAHealthCheckSaysWhatItsCheckerFound(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/healthcheck/none") {
			http.Error(w, "<Code>NoSuchHealthCheck</Code>", http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, "<GetHealthCheckResponse>%s</GetHealthCheckResponse>", r.URL.Path)
	})
	f.gateway.route53 = standing()
	const one = "<HealthCheckObservation><Region>eu-west-1</Region><IPAddress>127.0.0.1</IPAddress><StatusReport>"
	for path, test := range map[string]struct {
		status int
		want   string
	}{
		"well/status": {
			http.StatusOK, one + "<Status>Success: HTTP Status Code 200, OK</Status><CheckedTime>2026-01-02T03:04:05Z</CheckedTime>",
		},
		"ill/status": {http.StatusOK, "<Status>Success"},
		"ill/lastfailurereason": {
			http.StatusOK,
			one + "<Status>Failure: HTTP Status Code 503, Service Unavailable</Status><CheckedTime>2026-01-02T03:03:05Z</CheckedTime>",
		},
		"well/lastfailurereason": {
			http.StatusOK, "<HealthCheckObservations></HealthCheckObservations></GetHealthCheckLastFailureReasonResponse>",
		},
		"new/status": {http.StatusOK, "<HealthCheckObservations></HealthCheckObservations></GetHealthCheckStatusResponse>"},
		"sum/status": {
			http.StatusBadRequest, "<Code>InvalidInput</Code><Message>The health check sum is a calculated health check.</Message>",
		},
		"alarm/status": {http.StatusServiceUnavailable, "it is of type CLOUDWATCH_METRIC"},
		"none/status":  {http.StatusNotFound, "NoSuchHealthCheck"},
		"well":         {http.StatusOK, "<GetHealthCheckResponse>"},
	} {
		status, body := f.send(f.request(http.MethodGet, "/2013-04-01/healthcheck/"+path, "us-east-1", "route53", "", ""))
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d with %s", path, status, body, test.status, test.want)
		}
	}
}

func TestHealthIsPublishedInTheRegionOfRoute53sMetrics(t *testing.T) {
	var region string
	var got url.Values
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		var service string
		region, service = signatureScope(r)
		region, got = region+" "+service, r.Form
	})
	f.gateway.route53 = standing()
	if err := f.gateway.PublishHealth(t.Context()); err != nil {
		t.Fatal(err)
	}
	if region != "us-east-1 monitoring" || got.Get("Action") != "PutMetricData" || got.Get("Namespace") != "AWS/Route53" {
		t.Errorf("published by %s of %s in %s", got.Get("Action"), got.Get("Namespace"), region)
	}
	for i, want := range []string{
		"HealthCheckStatus None 1 HealthCheckId well", "HealthCheckPercentageHealthy Percent 100 HealthCheckId well",
		"HealthCheckStatus None 0 HealthCheckId ill", "HealthCheckPercentageHealthy Percent 0 HealthCheckId ill",
		"HealthCheckStatus None 1 HealthCheckId sum", "ChildHealthCheckHealthyCount None 1 HealthCheckId sum",
		"    ",
	} {
		datum := fmt.Sprintf("MetricData.member.%d.", i+1)
		is := strings.Join([]string{got.Get(datum + "MetricName"), got.Get(datum + "Unit"), got.Get(datum + "Value"),
			got.Get(datum + "Dimensions.member.1.Name"), got.Get(datum + "Dimensions.member.1.Value")}, " ")
		if is != want {
			t.Errorf("datum %d is %q, want %q", i+1, is, want)
		}
	}
	got = nil
	f.addFault(fault.Unreachable, 0)
	if err := f.gateway.PublishHealth(t.Context()); err != nil || (lostRegion == "us-east-1") != (got == nil) {
		t.Errorf("while the region is lost %v is published, %v", got, err)
	}
}

func TestRoute53IsToldOfWhatItAnswersBy(t *testing.T) {
	status := http.StatusOK
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	plane := standing()
	f.gateway.route53 = plane
	for name, test := range map[string]struct {
		do   func()
		fail bool
		want int
	}{
		"a record changes": {func() {
			f.send(f.request(http.MethodPost, "/2013-04-01/hostedzone/Z/rrset", "us-east-1", "route53", "text/xml", "<x/>"))
		}, false, 1},
		"a change is refused": {func() {
			f.send(f.request(http.MethodPost, "/2013-04-01/hostedzone/Z/rrset", "us-east-1", "route53", "text/xml", "<x/>"))
		}, true, 0},
		"records are read": {
			func() { f.send(f.request(http.MethodGet, "/2013-04-01/hostedzone", "us-east-1", "route53", "", "")) }, false, 0,
		},
		"a load balancer is made": {func() { f.query("us-west-2", "elasticloadbalancing", "CreateLoadBalancer") }, false, 1},
		"load balancers are read": {func() { f.query("us-west-2", "elasticloadbalancing", "DescribeLoadBalancers") }, false, 0},
		"something else is made":  {func() { f.ec2("us-west-2", "CreateVpc") }, false, 0},
	} {
		status = http.StatusOK
		if test.fail {
			status = http.StatusBadRequest
		}
		plane.changes = 0
		if test.do(); plane.changes != test.want {
			t.Errorf("when %s it is notified %d times, want %d", name, plane.changes, test.want)
		}
	}
}

func TestTargetsAreCountedAsTheyAreNow(t *testing.T) {
	for name, test := range map[string]struct {
		enabled string
		status  int
		healthy int
	}{"a healthy one": {"true", 200, 1}, "one that is not": {"true", 503, 0}, "one that is not checked": {"false", 503, 1}} {
		f := newFake(t, t.TempDir(), balancedFunction("lambda", test.enabled, "200", answering(test.status)))
		if all, healthy, err := f.gateway.Targets(t.Context(), lostRegion, "arn"); all != 1 || healthy != test.healthy || err != nil {
			t.Errorf("%s: %d of %d are healthy, %v", name, healthy, all, err)
		}
		f.addFault(fault.Unreachable, 0)
		if _, _, err := f.gateway.Targets(t.Context(), lostRegion, "arn"); err == nil {
			t.Errorf("%s: a lost region says how its targets are", name)
		}
	}
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "TargetGroupNotFound", http.StatusBadRequest)
	})
	if _, _, err := f.gateway.Targets(t.Context(), lostRegion, "arn"); err == nil || !strings.Contains(err.Error(), "TargetGroupNotFound") {
		t.Errorf("of a group that is not there: %v", err)
	}
}
