package route53

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// closeTime is what requests that are being served get to end when a door closes.
const closeTime = 2 * time.Second

// doors are the addresses of load balancers: each has one of its own, 127.53.x.y, where what answers for it listens at the
// gateway's port. Listeners' own ports are not listened at: most need root, and two embedded AWSs on one machine, whose ports
// differ, would meet there.
type doors struct {
	port  int
	serve func(Balancer) http.Handler
	log   *log.Logger

	mu   sync.Mutex
	open map[string]*door // by the load balancer's DNS name
}

type door struct {
	address netip.Addr // 127.53.x.y
	socket  string     // where it listens
	without error      // why nobody can be led to address, or nil
	server  *http.Server
}

func newDoors(port int, serve func(Balancer) http.Handler, logger *log.Logger) *doors {
	return &doors{port: port, serve: serve, log: logger, open: map[string]*door{}}
}

// replace makes these load balancers those that are listened for.
func (d *doors) replace(balancers []Balancer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	stay := map[string]bool{}
	for _, balancer := range balancers {
		stay[balancer.DNSName] = true
	}
	for name, old := range d.open {
		if !stay[name] {
			delete(d.open, name)
			go d.shut(old)
		}
	}
	for _, balancer := range balancers {
		if d.open[balancer.DNSName] == nil {
			d.open[balancer.DNSName] = d.start(balancer)
		}
	}
}

// start opens a load balancer's door. Where the system has no such address the door is at a port of 127.0.0.1: health checks
// go through it, and nobody is led to it.
func (d *doors) start(balancer Balancer) *door {
	made := &door{address: d.free(balancer.DNSName)}
	listener, err := net.Listen("tcp", net.JoinHostPort(made.address.String(), strconv.Itoa(d.port)))
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		made.without = fmt.Errorf("load balancer %s has no address: this system's loopback interface has no %s, as on macOS, where"+
			" `sudo ifconfig lo0 alias %s` adds it before `make local-up`", balancer.Name, made.address, made.address)
		d.log.Printf("Route 53: %v", made.without)
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		made.without = fmt.Errorf("load balancer %s has no address: %w", balancer.Name, err)
		d.log.Printf("Route 53: %v", made.without)
		return made
	}
	made.socket = listener.Addr().String()
	made.server = &http.Server{Handler: d.serve(balancer), ErrorLog: d.log}
	go func() {
		if err := made.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.log.Printf("Route 53: load balancer %s does not listen at %s any more: %v", balancer.Name, made.socket, err)
		}
	}()
	return made
}

// free returns the address that a name's hash gives, or the next that no door has. The caller holds mu.
func (d *doors) free(name string) netip.Addr {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	for place := sum.Sum32(); ; place++ {
		const hosts = 254 // 1 to 254: 0 and 255 look like a network's own
		address := netip.AddrFrom4([4]byte{127, 53, byte(place/hosts%hosts) + 1, byte(place%hosts) + 1})
		if d.nameAt(address) == "" {
			return address
		}
	}
}

func (d *doors) nameAt(address netip.Addr) string {
	for name, one := range d.open {
		if one.address == address {
			return name
		}
	}
	return ""
}

// nameOf returns the DNS name of the load balancer at an address, or "".
func (d *doors) nameOf(address netip.Addr) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.nameAt(address)
}

var errNoDoor = errors.New("the load balancer is not listened for yet")

// find returns where a load balancer is; reachable says why nobody can be led there, or nil.
func (d *doors) find(name string) (address netip.Addr, reachable error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one := d.open[name]; one != nil {
		return one.address, one.without
	}
	return netip.Addr{}, errNoDoor
}

// socket returns where checks reach a load balancer: host:port.
func (d *doors) socket(name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch one := d.open[name]; {
	case one == nil:
		return "", errNoDoor
	case one.server == nil:
		return "", one.without
	default:
		return one.socket, nil
	}
}

// shut ends a door once its requests have ended, or closeTime has passed.
func (d *doors) shut(one *door) error {
	if one.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := one.server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		return one.server.Close()
	} else if err != nil {
		return fmt.Errorf("closing %s: %w", one.socket, err)
	}
	return nil
}

// close shuts all doors, side by side.
func (d *doors) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	failures := make(chan error, len(d.open))
	for _, one := range d.open {
		go func() { failures <- d.shut(one) }()
	}
	var err error
	for range d.open {
		err = errors.Join(err, <-failures)
	}
	clear(d.open)
	return err
}
