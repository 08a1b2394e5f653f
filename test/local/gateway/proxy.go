package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"warmstandby/test/local/route53"
)

// proxyRefusal answers a request that the gateway does not proxy, or whose name leads to no load balancer.
type proxyRefusal struct {
	status int
	text   string
	// kind and rcode are parameters of the Proxy-Status field (RFC 9209, 2.3), which distinguishes this response from the
	// application's. Without a kind the field is left out; rcode is empty when DNS is not the reason.
	kind, rcode string
}

// ServeHTTP implements http.Handler.
func (f proxyRefusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f.kind != "" {
		field := "warmstandby; error=" + f.kind
		if f.rcode != "" {
			field += "; rcode=" + f.rcode
		}
		w.Header().Set("Proxy-Status", field)
	}
	http.Error(w, f.text, f.status)
}

// proxyHandler returns what answers a proxied request, or nil for a call to the emulated AWS's API. Clients use the gateway as
// their proxy for plain http to reach names that no DNS server of this machine knows: AWS's own, and those of the hosted
// zones, which the gateway resolves for them. It must not become a proxy for anything else.
func (g *Gateway) proxyHandler(r *http.Request) http.Handler {
	switch {
	case r.Method == http.MethodConnect:
		return g.tunnelHandler(r)
	case !r.URL.IsAbs():
		return nil
	case r.URL.Scheme != "http":
		return proxyRefusal{
			status: http.StatusForbidden,
			text:   fmt.Sprintf("the local AWS emulator's gateway proxies plain http only, not %s", r.URL.Scheme),
		}
	}
	_, host, _ := accountPrefix(r.URL.Host)
	switch name := hostName(host); {
	case isOwnHost(r, host), isAWSHost(host) && !strings.HasSuffix(name, localDomain):
		return nil
	case isAWSHost(host) && !g.isZoneName(name):
		return nil
	}
	return g.zoneNameHandler(r)
}

// localDomain is the suffix of names that the emulator adds to AWS's, as bucket.s3.localhost. A hosted zone may have it too.
const localDomain = ".localhost"

func (g *Gateway) isZoneName(name string) bool {
	if g.route53 == nil {
		return false
	}
	_, err := g.route53.Route(name)
	failure := route53.RouteError{}
	return !errors.As(err, &failure) || failure.Failure != route53.NoZone
}

// zoneNameHandler answers for a name of a hosted zone, with the load balancer to which Route 53 routes the name at this
// moment.
func (g *Gateway) zoneNameHandler(r *http.Request) http.Handler {
	balancer, port, refused := g.zoneListener(r.URL, route53.DefaultPort(false))
	if refused != nil {
		return *refused
	}
	return g.balancerAt(balancer, port)
}

// zoneListener returns the load balancer to which Route 53 routes the name of a hosted zone at this moment, and the port at which it
// listens; else why there is none.
func (g *Gateway) zoneListener(asked *url.URL, standard int) (balancer route53.Balancer, port int, refused *proxyRefusal) {
	outside := proxyRefusal{status: http.StatusForbidden, text: fmt.Sprintf(
		"the local AWS emulator's gateway is a proxy for the emulated AWS and the names of its hosted zones only, and %s is not part of it: put it in NO_PROXY",
		asked.Host,
	)}
	name := asked.Hostname()
	if g.route53 == nil || net.ParseIP(name) != nil {
		return balancer, 0, &outside
	}
	balancer, err := g.route53.Route(name)
	if failure := (route53.RouteError{}); errors.As(err, &failure) && failure.Failure == route53.NoZone {
		return balancer, 0, &outside
	} else if err != nil {
		refusal := routeRefusal(failure, err)
		return balancer, 0, &refusal
	}
	port = standard
	if text := asked.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return balancer, 0, &proxyRefusal{status: http.StatusBadRequest, text: fmt.Sprintf("reading the port of %s: %v", asked.Host, err)}
		}
	}
	if _, listens := balancer.Listener(port); !listens {
		return balancer, 0, &proxyRefusal{status: http.StatusBadGateway, kind: "connection_refused", text: fmt.Sprintf(
			"%s leads to load balancer %s of %s, which listens at %s, not at %d",
			name,
			balancer.Name,
			balancer.Region,
			portList(balancer.Listeners),
			port,
		)}
	}
	return balancer, port, nil
}

// routeRefusal answers for a name of a hosted zone that leads to no load balancer.
func routeRefusal(failure route53.RouteError, err error) proxyRefusal {
	refused := proxyRefusal{status: http.StatusBadGateway, text: err.Error(), kind: "dns_error"}
	switch failure.Failure {
	case route53.NoName:
		refused.status, refused.rcode = http.StatusNotFound, "NXDOMAIN"
	case route53.NoAddress:
		refused.rcode = "NOERROR"
	case route53.NoAnswer:
		refused.rcode = "SERVFAIL"
	case route53.OutsideEmulator:
		refused.status, refused.kind = http.StatusForbidden, "destination_ip_prohibited"
		refused.text += ": the local AWS emulator's gateway is a proxy for nothing else"
	}
	return refused
}

// portList lists the ports of listeners, for messages.
func portList(listeners []route53.Listener) string {
	text := ""
	for i, one := range listeners {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(one.Port)
	}
	if text == "" {
		return "no port"
	}
	return text
}

// isOwnHost says whether host is the address at which the request arrived.
func isOwnHost(r *http.Request, host string) bool {
	address, ok := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string })
	if !ok {
		return false
	}
	_, port, ok := cutPort(address.String())
	name, hostPort, hasPort := cutPort(host)
	return ok && hasPort && hostPort == port && (name == "127.0.0.1" || name == "localhost")
}
