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

// Route53 is Route 53's data plane: what [route53.Plane] does.
type Route53 interface {
	// Changed says that hosted zones, health checks or load balancers may have changed.
	Changed()
	Status(healthCheck string) (route53.Status, error)
	Statuses() []route53.Status
	// Route returns the load balancer to which a name of a hosted zone leads now. The error is a route53.RouteError.
	Route(name string) (route53.Balancer, error)
}

// tellRoute53 hands on that a call has changed what the data plane answers by.
func (g *Gateway) tellRoute53(call *Call) {
	if g.route53 != nil && slices.Contains([]string{"route53", "elasticloadbalancing"}, call.Service) {
		g.route53.Changed()
	}
}

// Targets says how many targets a target group has and how many of them are healthy. A region that is lost tells nobody.
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
	a, err := g.edited(call, g.edits(call))
	if err == nil && !a.ok() {
		err = fmt.Errorf("%d %s", a.Status, a.Body)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the targets of %s: %w", group, err)
	}
	root, err := parseXML(a.Body)
	if err != nil {
		return 0, 0, err
	}
	// A function that is not checked is not found unhealthy either.
	err = root.each("TargetHealthDescriptions", func(list *element) error {
		for _, target := range list.Children {
			all++
			if state := target.textAt("TargetHealth", "State"); state == healthy.state || state == notChecked.state {
				healthyOnes++
			}
		}
		return nil
	})
	return all, healthyOnes, err
}

// route53Region is where Route 53 publishes its metrics. AWS: Amazon Route 53 Developer Guide, "Monitoring health checks using
// CloudWatch": us-east-1, wherever the endpoints are.
const route53Region = "us-east-1"

// PublishHealth puts how the health checks stand into CloudWatch. When that region is lost, nobody hears of it.
// AWS: Amazon Route 53 Developer Guide, "Monitoring hosted zones and health checks using Amazon CloudWatch".
func (g *Gateway) PublishHealth(ctx context.Context) error {
	if g.route53 == nil {
		return nil
	}
	if _, lost := g.faults.Find(route53Region, fault.Unreachable); lost {
		return nil
	}
	// PutMetricData takes 1000 metrics. AWS: Amazon CloudWatch API Reference, PutMetricData.
	for statuses := range slices.Chunk(g.route53.Statuses(), 500) {
		published, err := g.query(ctx, route53Region, "monitoring", healthData(statuses))
		if err == nil && !published.ok() {
			err = fmt.Errorf("%d %s", published.Status, published.Body)
		}
		if err != nil {
			return fmt.Errorf("publishing how health checks stand: %w", err)
		}
	}
	return nil
}

// healthData is PutMetricData's query for some health checks.
func healthData(statuses []route53.Status) url.Values {
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
