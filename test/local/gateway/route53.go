package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// Route53 is Route 53's data plane, implemented by [route53.Plane].
type Route53 interface {
	// Changed says that hosted zones, health checks or load balancers may have changed.
	NotifyChanged()
	Status(healthCheck string) (route53.Status, error)
	Statuses() []route53.Status
	// Route returns the load balancer to which a name of a hosted zone leads now. The error is a route53.RouteError.
	Route(name string) (route53.Balancer, error)
}

// notifyRoute53 informs the data plane of a call that changed hosted zones, health checks or load balancers.
func (g *Gateway) notifyRoute53(call *Call) {
	if g.route53 != nil && slices.Contains([]string{"route53", "elasticloadbalancing"}, call.Service) {
		g.route53.NotifyChanged()
	}
}

// Targets returns how many targets a target group has and how many of them are healthy. For a region that is unreachable it
// returns an error.
func (g *Gateway) Targets(ctx context.Context, region, group string) (all, healthyOnes int, err error) {
	if _, lost := g.faults.Find(region, fault.Unreachable); lost {
		return 0, 0, fmt.Errorf("%s is unreachable", region)
	}
	form := url.Values{"Action": {"DescribeTargetHealth"}, "Version": {"2015-12-01"}, "TargetGroupArn": {group}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the targets of %s: %w", group, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	signAs(request, region, "elasticloadbalancing")
	call := &Call{Request: request, Region: region, Service: "elasticloadbalancing", Action: form.Get("Action")}
	call.setForm(form)
	resp, err := g.callAndEdit(call, g.editorFor(call))
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the targets of %s: %w", group, err)
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return 0, 0, err
	}
	// A function without health checks counts as healthy.
	err = root.each("TargetHealthDescriptions", func(list *xmlElement) error {
		for _, target := range list.Children {
			all++
			if state := target.findText("TargetHealth", "State"); state == healthy.state || state == notChecked.state {
				healthyOnes++
			}
		}
		return nil
	})
	return all, healthyOnes, err
}

// route53Region is where Route 53 publishes its metrics. AWS: Amazon Route 53 Developer Guide, "Monitoring health checks using
// CloudWatch": us-east-1, whatever the regions of the endpoints.
const route53Region = "us-east-1"

// PublishHealth publishes the statuses of the health checks to CloudWatch in route53Region; while that region is unreachable,
// it publishes nothing. AWS: Amazon Route 53 Developer Guide, "Monitoring hosted zones and health checks using Amazon
// CloudWatch".
func (g *Gateway) PublishHealth(ctx context.Context) error {
	if g.route53 == nil {
		return nil
	}
	if _, lost := g.faults.Find(route53Region, fault.Unreachable); lost {
		return nil
	}
	// PutMetricData takes 1000 metrics. AWS: Amazon CloudWatch API Reference, PutMetricData.
	for statuses := range slices.Chunk(g.route53.Statuses(), 500) {
		published, err := g.queryEmulator(ctx, route53Region, "monitoring", healthMetricData(statuses))
		if err == nil && !published.ok() {
			err = fmt.Errorf("%d %s", published.Status, published.Body)
		}
		if err != nil {
			return fmt.Errorf("publishing the statuses of health checks: %w", err)
		}
	}
	return nil
}

// healthMetricData is PutMetricData's query for some health checks.
func healthMetricData(statuses []route53.Status) url.Values {
	form := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/Route53"}}
	put := func(id, metric, unit string, value int) {
		datum := fmt.Sprintf("MetricData.member.%d.", (len(form)-3)/5+1)
		form.Set(datum+"MetricName", metric)
		form.Set(datum+"Unit", unit)
		form.Set(datum+"Value", strconv.Itoa(value))
		form.Set(datum+"Dimensions.member.1.Name", "HealthCheckId")
		form.Set(datum+"Dimensions.member.1.Value", id)
	}
	for _, status := range statuses {
		put(status.ID, "HealthCheckStatus", "None", map[bool]int{true: 1}[status.Healthy])
		if status.Calculated() {
			put(status.ID, "ChildHealthCheckHealthyCount", "None", status.Children)
		} else {
			put(status.ID, "HealthCheckPercentageHealthy", "Percent", 100*status.Checkers)
		}
	}
	return form
}
