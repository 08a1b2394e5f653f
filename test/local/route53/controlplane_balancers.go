package route53

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type balancerList struct {
	Balancers []struct {
		ARN     string `xml:"LoadBalancerArn"`
		Name    string `xml:"LoadBalancerName"`
		DNSName string
		Type    string
	} `xml:"DescribeLoadBalancersResult>LoadBalancers>member"`
}

type listenerList struct {
	Listeners []Listener `xml:"DescribeListenersResult>Listeners>member"`
}

type groupList struct {
	Groups []struct {
		ARN      string `xml:"TargetGroupArn"`
		Interval int    `xml:"HealthCheckIntervalSeconds"`
		Good     int    `xml:"HealthyThresholdCount"`
		Bad      int    `xml:"UnhealthyThresholdCount"`
	} `xml:"DescribeTargetGroupsResult>TargetGroups>member"`
}

// balancers reads a region's application load balancers; the emulator has no data plane for other types.
func (c ControlPlane) balancers(ctx context.Context, region string) ([]Balancer, error) {
	var described balancerList
	if err := c.query(ctx, region, url.Values{"Action": {"DescribeLoadBalancers"}}, &described); err != nil {
		return nil, err
	}
	var all []Balancer
	for _, one := range described.Balancers {
		if one.Type != "application" {
			continue
		}
		balancer := Balancer{ARN: one.ARN, Name: one.Name, Region: region, DNSName: canonicalName(one.DNSName)}
		var listeners listenerList
		if err := c.query(ctx, region, url.Values{"Action": {"DescribeListeners"}, "LoadBalancerArn": {one.ARN}}, &listeners); err != nil {
			return nil, err
		}
		balancer.Listeners = listeners.Listeners
		var groups groupList
		if err := c.query(ctx, region, url.Values{"Action": {"DescribeTargetGroups"}, "LoadBalancerArn": {one.ARN}}, &groups); err != nil {
			return nil, err
		}
		for _, group := range groups.Groups {
			balancer.Groups = append(balancer.Groups, Group{
				ARN: group.ARN, Interval: time.Duration(max(group.Interval, 1)) * time.Second, Healthy: group.Good, Unhealthy: group.Bad,
			})
		}
		all = append(all, balancer)
	}
	return all, nil
}

func (c ControlPlane) query(ctx context.Context, region string, form url.Values, into any) error {
	form.Set("Version", "2015-12-01")
	if err := c.call(ctx, http.MethodPost, region, "elasticloadbalancing", "/", form, into); err != nil {
		return fmt.Errorf("%s: %w", form.Get("Action"), err)
	}
	return nil
}
