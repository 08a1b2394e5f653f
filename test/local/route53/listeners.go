package route53

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/fnv"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"warmstandby/test/local/makecommand"
	"warmstandby/test/local/securelistener"
)

// shutdownTimeout is the time that requests in flight get to end when a load balancer's listener is closed.
const shutdownTimeout = 2 * time.Second

// balancerListeners gives each load balancer an address of its own, 127.53.x.y, and serves it there at the gateway's port. The
// ports of its ALB listeners are not used: most need root, and two emulators on one machine, which differ in the gateway's
// port, would collide on them.
type balancerListeners struct {
	port  int
	serve func(Balancer) http.Handler
	// certificate returns that of a load balancer's listener.
	certificate func(context.Context, Balancer, Listener) (*tls.Certificate, error)
	log         *log.Logger

	mu        sync.Mutex
	listeners map[string]*balancerListener // by the load balancer's DNS name
}

// balancerListener is the socket at which one load balancer is served, for the listeners of all its ports: a client that begins with TLS
// reaches one of HTTPS.
type balancerListener struct {
	balancer    atomic.Pointer[Balancer]
	address     netip.Addr // 127.53.x.y
	socket      string     // host:port that is listened at; "" when there is none
	unreachable error      // why clients cannot connect to address, or nil
	server      *http.Server
}

func newBalancerListeners(options Options) *balancerListeners {
	return &balancerListeners{
		port: options.Port, serve: options.Serve, certificate: options.Certificate, log: options.Log, listeners: map[string]*balancerListener{},
	}
}

// replace opens and closes sockets so that exactly these load balancers are served.
func (l *balancerListeners) replace(balancers []Balancer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stay := map[string]bool{}
	for _, balancer := range balancers {
		stay[balancer.DNSName] = true
	}
	for name, removed := range l.listeners {
		if !stay[name] {
			delete(l.listeners, name)
			go l.shutdown(removed)
		}
	}
	for _, balancer := range balancers {
		if l.listeners[balancer.DNSName] == nil {
			l.listeners[balancer.DNSName] = l.start(balancer)
		}
		l.listeners[balancer.DNSName].balancer.Store(&balancer)
	}
}

// start serves a load balancer. If the system lacks its address, it is served at a port of 127.0.0.1, which health checks use;
// DNS then does not answer with the address.
func (l *balancerListeners) start(balancer Balancer) *balancerListener {
	listener := &balancerListener{address: l.freeAddress(balancer.DNSName)}
	socket, err := net.Listen("tcp", net.JoinHostPort(listener.address.String(), strconv.Itoa(l.port)))
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		listener.unreachable = fmt.Errorf("load balancer %s has no address: this system's loopback interface has no %s, as on macOS, where"+
			" `sudo ifconfig lo0 alias %s` adds it before `%s`", balancer.Name, listener.address, listener.address, makecommand.For("local-up"))
		l.log.Printf("Route 53: %v", listener.unreachable)
		socket, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		listener.unreachable = fmt.Errorf("load balancer %s has no address: %w", balancer.Name, err)
		l.log.Printf("Route 53: %v", listener.unreachable)
		return listener
	}
	listener.socket = socket.Addr().String()
	listener.balancer.Store(&balancer)
	listener.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l.serve(*listener.balancer.Load()).ServeHTTP(w, r)
		}),
		ConnContext: securelistener.Context,
		ErrorLog:    l.log,
	}
	go func() {
		if err := listener.server.Serve(securelistener.New(socket, l.tls(listener))); !errors.Is(err, http.ErrServerClosed) {
			l.log.Printf("Route 53: load balancer %s does not listen at %s any more: %v", balancer.Name, listener.socket, err)
		}
	}()
	return listener
}

// tls has the certificate of the listener of HTTPS. Without one the handshake fails, as at a port of HTTP.
func (l *balancerListeners) tls(listener *balancerListener) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		balancer := *listener.balancer.Load()
		secure, ok := balancer.ListenerOf(true)
		if !ok {
			return nil, fmt.Errorf("load balancer %s has no listener of HTTPS", balancer.Name)
		}
		return l.certificate(hello.Context(), balancer, secure)
	}}
}

// freeAddress returns the address that a name's hash selects, or the next one that is not taken. The caller holds mu.
func (l *balancerListeners) freeAddress(name string) netip.Addr {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	for offset := sum.Sum32(); ; offset++ {
		const hosts = 254 // 1 to 254: 0 and 255 look like a network's own
		address := netip.AddrFrom4([4]byte{127, 53, byte(offset/hosts%hosts) + 1, byte(offset%hosts) + 1})
		if l.nameAtLocked(address) == "" {
			return address
		}
	}
}

func (l *balancerListeners) nameAtLocked(address netip.Addr) string {
	for name, one := range l.listeners {
		if one.address == address {
			return name
		}
	}
	return ""
}

// nameOf returns the DNS name of the load balancer at an address, or "".
func (l *balancerListeners) nameOf(address netip.Addr) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nameAtLocked(address)
}

var errNotListening = errors.New("the load balancer has no address yet")

// addressOf returns a load balancer's address; unreachable says why clients cannot connect to it, or is nil.
func (l *balancerListeners) addressOf(name string) (address netip.Addr, reachable error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.listeners[name]; one != nil {
		return one.address, one.unreachable
	}
	return netip.Addr{}, errNotListening
}

// socket returns where checks reach a load balancer: host:port.
func (l *balancerListeners) socket(name string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch one := l.listeners[name]; {
	case one == nil:
		return "", errNotListening
	case one.server == nil:
		return "", one.unreachable
	default:
		return one.socket, nil
	}
}

// shutdown closes a socket when its requests have ended, or after shutdownTimeout.
func (l *balancerListeners) shutdown(one *balancerListener) error {
	if one.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := one.server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		return one.server.Close()
	} else if err != nil {
		return fmt.Errorf("closing %s: %w", one.socket, err)
	}
	return nil
}

// close shuts down all sockets, concurrently.
func (l *balancerListeners) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	failures := make(chan error, len(l.listeners))
	for _, one := range l.listeners {
		go func() { failures <- l.shutdown(one) }()
	}
	var err error
	for range l.listeners {
		err = errors.Join(err, <-failures)
	}
	clear(l.listeners)
	return err
}
