package gateway

import (
	"net"
	"net/http"
	"strconv"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
	"warmstandby/test/local/securelistener"
)

// balancerPath is the prefix under which the emulator serves load balancers for any Host header: /_alb/name/path.
const balancerPath = "/_alb/"

// Balancer returns the handler of one load balancer's own address. As on AWS the Host header does not matter; the target gets
// it unchanged. The faults of the load balancer's region apply, and then the rate limit of the web ACL before it. If it has several
// listeners, that which speaks the client's protocol at the port in the Host header answers, else the one at the protocol's own port, else
// the first.
func (g *Gateway) Balancer(balancer route53.Balancer) http.Handler {
	return g.balancerAt(balancer, anyPort)
}

// anyPort stands for the port of a client that reached a load balancer's address and not one of its listeners.
const anyPort = 0

// balancerAt is Balancer for clients that have reached the listener of a port.
func (g *Gateway) balancerAt(balancer route53.Balancer, port int) http.Handler {
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
		secure := securelistener.IsTLS(r)
		listener, known := listenerFor(balancer, port, r.Host, secure)
		switch {
		case g.applyFaults(w, call):
		case listener.UsesTLS() && !secure:
			g.writeResponse(w, call, plainToSecure())
		case g.blocked(w, r, balancer):
		default:
			markListener(r, listener, known)
			retarget(r, balancer)
			g.forward(w, call)
		}
	})
}

// listenerFor returns the listener that a request has reached; known is false when the load balancer has none that is known.
func listenerFor(balancer route53.Balancer, port int, host string, secure bool) (listener route53.Listener, known bool) {
	if port != anyPort {
		return balancer.Listener(port)
	}
	if _, text, ok := cutPort(host); ok {
		if named, err := strconv.Atoi(text); err == nil {
			if found, ok := balancer.Listener(named); ok && found.UsesTLS() == secure {
				return found, true
			}
		}
	}
	if found, ok := balancer.ListenerOf(secure); ok {
		return found, true
	}
	return balancer.ListenerOf(!secure)
}

// listenerHeader carries the port of the listener that a request has reached, by which the emulator knows what to do with it, and what to
// tell the target of the client's protocol; launch.py removes it.
const listenerHeader = "X-Warmstandby-Listener"

// markListener says in a request which listener it has reached.
func markListener(r *http.Request, listener route53.Listener, known bool) {
	r.Header.Del(listenerHeader)
	if known {
		r.Header.Set(listenerHeader, strconv.Itoa(listener.Port))
	}
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
