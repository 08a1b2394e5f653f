package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// balancerRequests counts the requests to load balancers since they were last published.
type balancerRequests struct {
	mu    sync.Mutex
	count map[balancerKey]int
}

type balancerKey struct{ region, dimension string }

// add counts a request.
func (r *balancerRequests) add(balancer route53.Balancer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == nil {
		r.count = map[balancerKey]int{}
	}
	r.count[balancerKey{balancer.Region, balancerDimension(balancer.ARN)}]++
}

// take returns the counts and begins anew.
func (r *balancerRequests) take() map[balancerKey]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.count
	r.count = nil
	return taken
}

// balancerDimension is a load balancer in the dimension LoadBalancer: the last part of its ARN. AWS: Application Load Balancers,
// "CloudWatch metrics for your Application Load Balancer", metric dimensions.
func balancerDimension(arn string) string {
	_, name, _ := strings.Cut(arn, ":loadbalancer/")
	return name
}

// PublishBalancers publishes what load balancers report each minute: the requests, where there were some, and how many targets are
// healthy and how many are not. AWS: Application Load Balancers, "CloudWatch metrics for your Application Load Balancer", reporting
// criteria. A region that is lost publishes nothing.
func (g *Gateway) PublishBalancers(ctx context.Context) error {
	requests := g.requests.take()
	for _, region := range g.regions {
		if _, lost := g.faults.Find(region, fault.Unreachable); lost {
			continue
		}
		data := balancerData{}
		for key, count := range requests {
			if key.region == region {
				data.add("RequestCount", count, "LoadBalancer", key.dimension)
			}
		}
		if err := g.addTargets(ctx, region, &data); err != nil {
			return err
		}
		if len(data.form) == 0 {
			continue
		}
		published, err := g.queryEmulator(ctx, region, "monitoring", data.form)
		if err == nil && !published.ok() {
			err = fmt.Errorf("%d %s", published.Status, published.Body)
		}
		if err != nil {
			return fmt.Errorf("publishing the metrics of load balancers in %s: %w", region, err)
		}
	}
	return nil
}

// addTargets adds the health of each target group that a load balancer sends requests to.
func (g *Gateway) addTargets(ctx context.Context, region string, data *balancerData) error {
	form := url.Values{"Action": {"DescribeTargetGroups"}, "Version": {"2015-12-01"}}
	resp, err := g.queryEmulator(ctx, region, "elasticloadbalancing", form)
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return fmt.Errorf("listing the target groups of %s: %w", region, err)
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return err
	}
	groups := root.find("DescribeTargetGroupsResult", "TargetGroups")
	if groups == nil {
		return nil
	}
	for _, group := range groups.Children {
		balancers := group.child("LoadBalancerArns")
		if balancers == nil || len(balancers.Children) == 0 {
			continue
		}
		arn := group.findText("TargetGroupArn")
		all, healthyOnes, err := g.Targets(ctx, region, arn)
		if err != nil {
			return err
		}
		for _, balancer := range balancers.Children {
			dimensions := []string{"LoadBalancer", balancerDimension(balancer.Text), "TargetGroup", lastOf(arn)}
			data.add("HealthyHostCount", healthyOnes, dimensions...)
			data.add("UnHealthyHostCount", all-healthyOnes, dimensions...)
		}
	}
	return nil
}

// balancerData is PutMetricData's query for some metrics of load balancers.
type balancerData struct {
	form  url.Values
	count int
}

// add adds a metric, with its dimensions as name, value, name, value.
func (d *balancerData) add(metric string, value int, dimensions ...string) {
	if d.form == nil {
		d.form = url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/ApplicationELB"}}
	}
	d.count++
	datum := fmt.Sprintf("MetricData.member.%d.", d.count)
	d.form.Set(datum+"MetricName", metric)
	d.form.Set(datum+"Unit", "Count")
	d.form.Set(datum+"Value", strconv.Itoa(value))
	for i := 0; i+1 < len(dimensions); i += 2 {
		of := fmt.Sprintf("%sDimensions.member.%d.", datum, i/2+1)
		d.form.Set(of+"Name", dimensions[i])
		d.form.Set(of+"Value", dimensions[i+1])
	}
}
