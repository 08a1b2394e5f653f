package gateway

import (
	"net"
	"net/http"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// balancerPath is the prefix under which the emulator serves load balancers for any Host header: /_alb/name/path.
const balancerPath = "/_alb/"

// Balancer returns the handler of one load balancer's own address. As on AWS the Host header does not matter; the target gets
// it unchanged. The faults of the load balancer's region apply, and then the rate limit of the web ACL before it. If it has
// several listeners, the port in the Host header selects one, else the first.
func (g *Gateway) Balancer(balancer route53.Balancer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed) // AWS: Application Load Balancers, "HTTP 405: Method not allowed"
			return
		}
		call := &Call{Request: r, Region: balancer.Region, viaLoadBalancer: true}
		r.Header.Set(regionHeader, balancer.Region)
		r.URL.Scheme, r.URL.Host = "", "" // a client that uses it as its proxy sends an absolute URL
		if _, lost := g.faults.Find(balancer.Region, fault.Unreachable); !lost {
			g.requests.add(balancer)
		}
		if !g.applyFaults(w, call) && !g.blocked(w, r, balancer) {
			retarget(r, balancer)
			g.forward(w, call)
		}
	})
}

// retarget rewrites a request so that the emulator serves it with this load balancer. A Host header that is one of AWS's own
// names would select what it names, so it is replaced by the load balancer's DNS name.
func retarget(r *http.Request, to route53.Balancer) {
	if !isAWSHost(r.Host) {
		escaped := r.URL.EscapedPath()
		r.URL.Path = balancerPath + to.Name + r.URL.Path
		r.URL.RawPath = balancerPath + to.Name + escaped
		return
	}
	host := hostName(to.DNSName)
	if _, port, ok := cutPort(r.Host); ok {
		host = net.JoinHostPort(host, port)
	}
	r.Host = host
}
