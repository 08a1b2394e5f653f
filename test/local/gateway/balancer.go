package gateway

import (
	"net"
	"net/http"

	"warmstandby/test/local/route53"
)

// balancerPath begins the paths by which the emulator offers load balancers whatever the host is: /_alb/name/path.
const balancerPath = "/_alb/"

// Balancer answers for one load balancer, as its own address does on AWS: whatever the Host header says, which its target gets
// as it was sent. Its region's faults hold. Of several listeners the one whose port the Host header names is meant, else the
// first.
func (g *Gateway) Balancer(balancer route53.Balancer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed) // AWS: Application Load Balancers, "HTTP 405: Method not allowed"
			return
		}
		call := &Call{Request: r, Region: balancer.Region, balanced: true}
		r.Header.Set(regionHeader, balancer.Region)
		r.URL.Scheme, r.URL.Host = "", "" // of a client that takes it for its proxy
		if !g.suffer(w, call) {
			aim(r, balancer)
			g.pass(w, call)
		}
	})
}

// aim has a request reach a load balancer of the emulator. A host of AWS's own would reach what it names there.
func aim(r *http.Request, to route53.Balancer) {
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
