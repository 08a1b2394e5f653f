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

// hangTime bounds how long a connection to a lost region hangs. tcp(7), tcp_syn_retries: after 127 s Linux gives up a
// connection that nobody answers; most clients do sooner.
const hangTime = 127 * time.Second

// loadBalancerDomain ends the DNS names of load balancers.
// AWS: Elastic Load Balancing User Guide, "DNS name".
const loadBalancerDomain = ".elb.amazonaws.com"

// suffer does to a call what the faults of its region do; suffered is false when the call goes on, perhaps late.
func (g *Gateway) suffer(w http.ResponseWriter, call *Call) (suffered bool) {
	if _, lost := g.faults.Find(call.Region, fault.Unreachable); lost {
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
		g.send(w, call, denied(call))
		return true
	}
	kind, refuse := fault.Throttled, throttled
	if isLoadBalancer(call) {
		kind, refuse = fault.AppDown, badGateway
	}
	if _, ok := g.faults.Find(call.Region, kind); !ok {
		return false
	}
	g.send(w, call, refuse(call))
	return true
}

// isLoadBalancer says whether a request is a load balancer's traffic: nobody signs it.
func isLoadBalancer(call *Call) bool {
	name := hostName(call.Host)
	return call.balanced || call.Service == "" && (strings.HasSuffix(name, loadBalancerDomain) || strings.HasSuffix(name, localLoadBalancer))
}

// hang answers nothing: the client waits until it gives up, hangTime has passed, or the faults change. Then the connection
// is reset, since its ends no longer agree on what was sent. Nothing of the request is read: not even the 100 Continue that a
// client may wait for is sent.
func (g *Gateway) hang(w http.ResponseWriter, call *Call) {
	changed := g.faults.Changed()
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		g.unavailable(w, call.Request, fmt.Errorf("letting %s hang: %w", call.operation(), err))
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
	case <-time.After(hangTime):
	}
}

// reset closes a connection so that its partner sees that it is broken.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	connection.Close()
}

// badGateway is a load balancer's own answer for a target that fails.
// AWS: Elastic Load Balancing, Application Load Balancers, "HTTP 502: Bad gateway".
func badGateway(*Call) answer {
	const page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
	return answer{
		Status: http.StatusBadGateway,
		Header: http.Header{"Server": {"awselb/2.0"}, "Content-Type": {"text/html"}},
		Body:   []byte(page),
	}
}
