package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// localLoadBalancer ends the names by which the emulator offers load balancers beside their DNS names: app.alb.localhost.
const localLoadBalancer = ".alb.localhost"

// newLoadBalancerNames finds the region of a load balancer addressed as name.alb.localhost: the first of the platform's
// regions that has one of that name. Names under elb.amazonaws.com name their region themselves (host.go).
func newLoadBalancerNames(string) (Gap, error) {
	return Gap{
		Name:    "load balancers of every region by name alone",
		AWS:     "A load balancer's DNS name reaches it from anywhere, without a signature.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
		Matches: func(c *Call) bool { return c.Region == "" && strings.HasSuffix(hostName(c.Host), localLoadBalancer) },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			region, err := g.regionOfLoadBalancer(c, strings.TrimSuffix(hostName(c.Host), localLoadBalancer))
			if err != nil {
				g.unavailable(w, c.Request, err)
				return
			}
			if region == "" {
				http.Error(w, "no region has a load balancer of that name", http.StatusNotFound)
				return
			}
			c.Region = region
			c.Header.Set(regionHeader, region)
			if !g.suffer(w, c) {
				g.pass(w, c)
			}
		},
	}, nil
}

func (g *Gateway) regionOfLoadBalancer(c *Call, name string) (string, error) {
	for _, region := range g.regions {
		found, err := g.query(c.Context(), region, "elasticloadbalancing", url.Values{
			"Action": {"DescribeLoadBalancers"}, "Version": {"2015-12-01"}, "Names.member.1": {name},
		})
		if err != nil {
			return "", err
		}
		if found.ok() {
			return region, nil
		}
	}
	return "", nil
}
