package gateway

import (
	"fmt"
	"net/http"
)

// refuseProxying says why a request may not pass, or "". Clients use the gateway as their proxy for plain http, so that
// they reach names which no DNS server knows, like a load balancer's. It must not become a proxy for anything else.
func refuseProxying(r *http.Request) string {
	switch {
	case r.Method == http.MethodConnect:
		return "the embedded AWS's gateway proxies plain http only, no CONNECT"
	case !r.URL.IsAbs():
		return ""
	case r.URL.Scheme != "http":
		return fmt.Sprintf("the embedded AWS's gateway proxies plain http only, not %s", r.URL.Scheme)
	}
	_, host, _ := accountPrefix(r.URL.Host)
	if isAWSHost(host) || isOwnHost(r, host) {
		return ""
	}
	return fmt.Sprintf("the embedded AWS's gateway is a proxy for the emulated AWS only, and %s is not part of it: put it in NO_PROXY", r.URL.Host)
}

// isOwnHost says whether host is the address at which the request came in.
func isOwnHost(r *http.Request, host string) bool {
	address, ok := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string })
	if !ok {
		return false
	}
	_, port, ok := cutPort(address.String())
	name, asked, hasPort := cutPort(host)
	return ok && hasPort && asked == port && (name == "127.0.0.1" || name == "localhost")
}
