package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// localLoadBalancer is the suffix of the names that the emulator gives load balancers besides their DNS names:
// app.alb.localhost.
const localLoadBalancer = ".alb.localhost"

// newLoadBalancerNames finds the region of a load balancer addressed as name.alb.localhost: the first of the platform's
// regions that has one of that name. Names under elb.amazonaws.com contain their region (host.go).
func newLoadBalancerNames(string) (Handler, error) {
	return Handler{
		Name:    "load balancers of every region by name alone",
		AWS:     "A load balancer's DNS name reaches it from anywhere, without a signature.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
		Matches: func(c *Call) bool { return c.Region == "" && strings.HasSuffix(hostName(c.Host), localLoadBalancer) },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			region, err := g.regionOfLoadBalancer(c, strings.TrimSuffix(hostName(c.Host), localLoadBalancer))
			if err != nil {
				g.respondUnavailable(w, c.Request, err)
				return
			}
			if region == "" {
				http.Error(w, "no region has a load balancer of that name", http.StatusNotFound)
				return
			}
			c.Region = region
			c.Header.Set(regionHeader, region)
			if !g.applyFaults(w, c) {
				g.forward(w, c)
			}
		},
	}, nil
}

func (g *Gateway) regionOfLoadBalancer(c *Call, name string) (string, error) {
	for _, region := range g.regions {
		found, err := g.queryEmulator(c.Context(), region, "elasticloadbalancing", url.Values{
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
