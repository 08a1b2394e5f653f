package gateway

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"warmstandby/test/local/fault"
)

// hangTimeout bounds how long a connection to a lost region hangs. tcp(7), tcp_syn_retries: Linux gives up an unanswered
// connection after 127 s; most clients do so sooner.
const hangTimeout = 127 * time.Second

// loadBalancerDomain is the suffix of load balancers' DNS names. AWS: Elastic Load Balancing User Guide, "DNS name".
const loadBalancerDomain = ".elb.amazonaws.com"

// applyFaults injects the faults of the call's region. answered is false when the call continues, possibly delayed.
func (g *Gateway) applyFaults(w http.ResponseWriter, call *Call) (answered bool) {
	if _, lost := g.faults.Find(call.Region, fault.Unreachable); lost || g.separated(call) {
		g.hang(w, call)
		return true
	}
	if slow, ok := g.faults.Find(call.Region, fault.Slow); ok {
		select {
		case <-time.After(slow.Delay):
		case <-call.Context().Done():
			return true
		}
	}
	if one, ok := g.faults.Find(call.Region, fault.Denied); ok && one.Action == call.Service+":"+call.Action {
		g.writeResponse(w, call, accessDenied(call))
		return true
	}
	kind, refuse := fault.Throttled, throttlingError
	if isLoadBalancer(call) {
		kind, refuse = fault.AppDown, badGateway
	}
	if _, ok := g.faults.Find(call.Region, kind); !ok {
		return false
	}
	g.writeResponse(w, call, refuse(call))
	return true
}

// isLoadBalancer says whether a request is traffic to a load balancer: such requests are not signed.
func isLoadBalancer(call *Call) bool {
	name := hostName(call.Host)
	return call.viaLoadBalancer ||
		call.Service == "" && (strings.HasSuffix(name, loadBalancerDomain) || strings.HasSuffix(name, localLoadBalancer))
}

// hang sends no response: the client waits until it gives up, hangTimeout has passed, or the faults change. Then the
// connection is reset, because its ends no longer agree on what was sent. Nothing of the request is read, so that even a 100
// Continue that the client may wait for is not sent.
func (g *Gateway) hang(w http.ResponseWriter, call *Call) {
	changed := g.faults.Changed()
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		g.respondUnavailable(w, call.Request, fmt.Errorf("letting %s hang: %w", call.operation(), err))
		return
	}
	defer reset(connection)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		io.Copy(io.Discard, connection) // to its end, whatever that is
	}()
	select {
	case <-gone:
	case <-changed:
	case <-time.After(hangTimeout):
	}
}

// reset closes a connection with a TCP RST, so that its peer sees a broken connection and not a regular end.
func reset(connection net.Conn) {
	for {
		over, ok := connection.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		connection = over.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	connection.Close()
}

// badGateway is a load balancer's own response for a target that fails. AWS: Elastic Load Balancing, Application Load
// Balancers, "HTTP 502: Bad gateway".
func badGateway(*Call) apiResponse {
	return balancerPage(http.StatusBadGateway, "502 Bad Gateway", "502 Bad Gateway")
}

// plainToSecure is a load balancer's own response to a client that speaks no TLS to a listener of HTTPS. AWS: Application Load Balancers,
// "HTTP 400: Bad request".
func plainToSecure() apiResponse {
	return balancerPage(http.StatusBadRequest, "400 The plain HTTP request was sent to HTTPS port", "400 Bad Request")
}

// balancerPage is a response of a load balancer itself.
func balancerPage(status int, title, heading string) apiResponse {
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n" +
		"<body>\r\n<center><h1>" + heading + "</h1></center>\r\n</body>\r\n</html>\r\n"
	return apiResponse{
		Status: status,
		Header: http.Header{"Server": {"awselb/2.0"}, "Content-Type": {"text/html"}},
		Body:   []byte(page),
	}
}
