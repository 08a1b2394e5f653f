package route53

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// endpoint answers one request on a connection without a network, as a test says.
func endpoint(t *testing.T, answer func(request string, connection net.Conn)) dialer {
	var served sync.WaitGroup
	t.Cleanup(served.Wait)
	return func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		served.Go(func() {
			defer theirs.Close()
			request := make([]byte, 4096)
			n, err := theirs.Read(request)
			if err != nil {
				return
			}
			answer(string(request[:n]), theirs)
		})
		return ours, nil
	}
}

func says(text string) func(string, net.Conn) {
	return func(_ string, connection net.Conn) { io.WriteString(connection, text) }
}

// An endpoint is healthy by its status, its time and its body.
func TestEndpointHealth(t *testing.T) {
	late := func(wait time.Duration, text string) func(string, net.Conn) {
		return func(_ string, connection net.Conn) {
			time.Sleep(wait)
			io.WriteString(connection, text)
		}
	}
	body := func(wait time.Duration, text string) func(string, net.Conn) {
		return func(_ string, connection net.Conn) {
			io.WriteString(connection, "HTTP/1.1 200 OK\r\n\r\n")
			time.Sleep(wait)
			io.WriteString(connection, text)
		}
	}
	const ok, instant = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", time.Millisecond
	for name, test := range map[string]struct {
		answer  func(string, net.Conn)
		search  string
		healthy bool
		says    string
	}{
		"200": {says(ok), "", true, "Success: HTTP Status Code 200, OK"},
		"302, which is not followed": {
			says("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n"), "", true, "Success: HTTP Status Code 302, Found",
		},
		"404":                               {says("HTTP/1.1 404 Not Found\r\n\r\n"), "", false, "Failure: HTTP Status Code 404, Not Found"},
		"503":                               {says("HTTP/1.1 503 Service Unavailable\r\n\r\n"), "", false, "Failure: HTTP Status Code 503"},
		"what is no HTTP":                   {says("SSH-2.0\r\n\r\n"), "", false, "Failure: No response"},
		"nothing, and the end":              {says(""), "", false, "the connection was closed"},
		"200 in time":                       {late(statusTimeout-instant, ok), "", true, "Success"},
		"200 too late":                      {late(statusTimeout+instant, ok), "", false, "Failure: No response: timed out"},
		"a body with the string":            {body(0, "all is well"), "is well", true, "Success"},
		"a body without it":                 {body(0, "all is lost"), "is well", false, "do not contain the string"},
		"a body that comes in time":         {body(bodyTimeout-instant, "all is well"), "is well", true, "Success"},
		"one that comes too late":           {body(bodyTimeout+instant, "all is well"), "is well", false, "timed out"},
		"the string within 5120 bytes":      {body(0, strings.Repeat("x", maxSearchedBody-2)+"ok"), "ok", true, "Success"},
		"the string not wholly within them": {body(0, strings.Repeat("x", maxSearchedBody-1)+"ok"), "ok", false, "The first 5120 bytes"},
		"a body that nobody searches":       {body(bodyTimeout+instant, "x"), "", true, "Success"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := httpCheck("check")
				if check.Search = test.search; test.search != "" {
					check.Kind = kindHTTPString
				}
				found := check.probe(t.Context(), endpoint(t, test.answer))
				if found.Healthy != test.healthy || !strings.Contains(found.Status, test.says) {
					t.Errorf("found %+v, want healthy %t: %s", found, test.healthy, test.says)
				}
			})
		})
	}
}

func TestAConnectionMustStandWithinFourSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]bool{connectTimeout - time.Millisecond: true, connectTimeout + time.Millisecond: false} {
		synctest.Test(t, func(t *testing.T) {
			slow := func(ctx context.Context) (net.Conn, error) {
				select {
				case <-time.After(wait):
					return endpoint(t, says("HTTP/1.1 200 OK\r\n\r\n"))(ctx)
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			if found := httpCheck("check").probe(t.Context(), slow); found.Healthy != want {
				t.Errorf("after %s: %+v", wait, found)
			}
		})
	}
}

func TestACheckersRequestSaysWhoseItIs(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Check)
		want   string
	}{
		"HTTP":           {func(*Check) {}, "GET /readyz HTTP/1.1\r\nHost: alb\r\n"},
		"another port":   {func(c *Check) { c.Port = 8080 }, "Host: alb:8080\r\n"},
		"an address":     {func(c *Check) { c.Host, c.IP = "", "127.0.0.1" }, "Host: 127.0.0.1\r\n"},
		"no path":        {func(c *Check) { c.Path = "" }, "GET / HTTP/1.1\r\n"},
		"a bare path":    {func(c *Check) { c.Path = "readyz?x=1" }, "GET /readyz?x=1 HTTP/1.1\r\n"},
		"its user agent": {func(*Check) {}, "User-Agent: Amazon-Route53-Health-Check-Service (ref check; report http://amzn.to/1vsZADi)\r\n"},
	} {
		check := httpCheck("check")
		test.change(&check)
		var got string
		check.probe(t.Context(), endpoint(t, func(request string, connection net.Conn) {
			got = request
			says("HTTP/1.1 200 OK\r\n\r\n")(request, connection)
		}))
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: the request is %q, want %q in it", name, got, test.want)
		}
	}
}

func TestAnEndpointIsLocated(t *testing.T) {
	of := failoverSnapshot(record("own.app.test.", "A", "127.0.0.1"), record("out.app.test.", "A", "192.0.2.1"))
	of.Balancers[1].Listeners = append(of.Balancers[1].Listeners, Listener{Port: 443, Protocol: "HTTPS"})
	p, _ := newPlane(t, of)
	at := func(balancer string) string {
		socket, err := p.listeners.socket(balancer)
		if err != nil {
			t.Fatal(err)
		}
		return socket
	}
	for name, test := range map[string]struct {
		change func(*Check)
		want   string
		err    error
	}{
		"a load balancer by its name": {func(c *Check) { c.Host = strings.TrimSuffix(eastBalancer, ".") }, at(eastBalancer), nil},
		"by a name that leads to it":  {func(c *Check) { c.Host = "us-west-2.app.test" }, at(westBalancer), nil},
		"by HTTPS": {
			func(c *Check) { c.Host, c.Kind, c.Port = "us-west-2.app.test", kindHTTPS, 443 }, at(westBalancer), nil,
		},
		"by its address":                    {func(c *Check) { c.IP = p.mustAddress(t, eastBalancer).String() }, at(eastBalancer), nil},
		"a port where it does not listen":   {func(c *Check) { c.Host, c.Port = eastBalancer, 81 }, "", errNoListener},
		"HTTPS where it speaks HTTP":        {func(c *Check) { c.Host, c.Kind = eastBalancer, kindHTTPS }, "", errNoListener},
		"a server of this machine":          {func(c *Check) { c.Host, c.Port = "own.app.test", 8080 }, "127.0.0.1:8080", nil},
		"a server of this machine by HTTPS": {func(c *Check) { c.Host, c.Kind = "own.app.test", kindHTTPS }, "", errNoTLS},
		"an address elsewhere":              {func(c *Check) { c.IP = "192.0.2.1" }, "", errOutside},
		"a name that leads elsewhere":       {func(c *Check) { c.Host = "out.app.test" }, "", errOutside},
		"a name that nobody here has": {
			func(c *Check) { c.Host = "www.example.com" }, "", errors.New("no zone of the local AWS emulator has an address of www.example.com"),
		},
		"an address that is none": {func(c *Check) { c.IP = "x" }, "", errors.New(`ParseAddr("x"): unable to parse IP`)},
	} {
		check := httpCheck("check")
		test.change(&check)
		got, err := p.endpointSocket(check)
		if got != test.want || (err == nil) != (test.err == nil) || err != nil && err.Error() != test.err.Error() {
			t.Errorf("%s: %s, %v; want %s, %v", name, got, err, test.want, test.err)
		}
	}
}

func TestACheckOfALoadBalancerGoesThroughItsDoor(t *testing.T) {
	p, logs := newPlane(t, failoverSnapshot())
	check := httpCheck("east")
	check.Host = "us-east-1.app.test"
	p.probe(t.Context(), check)
	status, err := p.Status("east")
	if err != nil || !status.Healthy || status.Last == nil || status.Last.Status != "Success: HTTP Status Code "+"200, "+http.StatusText(200) {
		t.Errorf("the status is %+v, %v", status, err)
	}
	check.Port = 81
	for range check.Threshold {
		p.probe(t.Context(), check)
	}
	if status, err := p.Status("east"); err != nil || status.Healthy || !strings.Contains(status.LastFailure.Status, errNoListener.Error()) {
		t.Errorf("of a port without a listener the status is %+v, %v", status, err)
	}
	if got := logs.String(); strings.Count(got, "turns unhealthy: Failure: The endpoint cannot be connected to") != 1 {
		t.Errorf("the log says %q, want once that it turned", got)
	}
}
