package route53

import (
	"errors"
	"fmt"
	"log"
	"net"
	"sync"

	"github.com/miekg/dns"
)

// dnsServer is the two DNS listeners, UDP and TCP.
type dnsServer struct {
	address string
	udp     *dns.Server
	tcp     *dns.Server
}

// maxPortTries is how many ports are tried until one is free for both protocols.
const maxPortTries = 16

// listenDNS takes one port of 127.0.0.1 for UDP and TCP and serves a handler's answers there.
func listenDNS(handler dns.Handler, logger *log.Logger) (*dnsServer, error) {
	var failures error
	for range maxPortTries {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listening for DNS: %w", err)
		}
		address := packets.LocalAddr().String()
		streams, err := net.Listen("tcp", address)
		if err != nil {
			failures = errors.Join(failures, err, packets.Close())
			continue // another process listens on the TCP port
		}
		s := &dnsServer{address, &dns.Server{PacketConn: packets, Handler: handler}, &dns.Server{Listener: streams, Handler: handler}}
		for _, one := range []*dns.Server{s.udp, s.tcp} {
			started := make(chan struct{})
			one.NotifyStartedFunc = sync.OnceFunc(func() { close(started) })
			go func() {
				if err := one.ActivateAndServe(); err != nil {
					logger.Printf("Route 53: DNS is not answered any more: %v", err)
				}
				one.NotifyStartedFunc()
			}()
			<-started // Shutdown of a server that has not begun does nothing
		}
		return s, nil
	}
	return nil, fmt.Errorf("listening for DNS: %w", failures)
}

func (s *dnsServer) close() error {
	return errors.Join(s.udp.Shutdown(), s.tcp.Shutdown())
}
