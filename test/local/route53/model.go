package route53

import (
	"fmt"
	"slices"
	"time"
)

// Snapshot is the content of the control planes at one moment: hosted zones and health checks of Route 53, load balancers of
// all regions. Names are absolute and in lower case: "example.com.".
type Snapshot struct {
	Zones     []Zone
	Checks    []Check
	Balancers []Balancer
}

// Zone is a hosted zone.
type Zone struct {
	ID, Name string
	Private  bool // not answered: users are outside of VPCs
	Sets     []RecordSet
}

// RecordSet is a resource record set.
type RecordSet struct {
	Name, Type string
	ID         string // distinguishes the sets of one name and type
	TTL        uint32 // in seconds; not of an alias
	Values     []string
	Alias      *Alias
	Failover   string // failoverPrimary, failoverSecondary, or "" for simple routing
	CheckID    string
	Policy     string // the name of a routing policy that is not evaluated here, or ""
}

// Alias is the target of a record set without values of its own.
type Alias struct {
	Name     string
	Evaluate bool // the target's health decides the alias's
}

// The parts in a failover. AWS: Amazon Route 53 API Reference, ResourceRecordSet, Failover.
const (
	// The roles in failover routing. AWS: Amazon Route 53 API Reference, ResourceRecordSet, Failover.
	failoverPrimary   = "PRIMARY"
	failoverSecondary = "SECONDARY"
)

// The types of health checks that are evaluated here. AWS: Amazon Route 53 API Reference, HealthCheckConfig, Type.
const (
	kindHTTP        = "HTTP"
	kindHTTPS       = "HTTPS"
	kindHTTPString  = "HTTP_STR_MATCH"
	kindHTTPSString = "HTTPS_STR_MATCH"
	kindCalculated  = "CALCULATED"
)

// Check is a health check.
type Check struct {
	ID           string
	Version      int // grows with each update
	Kind         string
	Host         string // of an endpoint; empty when IP alone names it
	IP           string
	Port         int
	Path         string
	SNI          bool          // the handshake of TLS names the host
	Search       string        // what the body must contain, of the two kinds that look for it
	Interval     time.Duration // between two checks
	Threshold    int           // how many consecutive results change the status
	Inverted     bool
	Disabled     bool
	Children     []string // of a calculated check
	HealthyCount int      // how many of them must be healthy
}

// supported returns nil, or why the check cannot be evaluated here.
func (c Check) supported() error {
	if !slices.Contains([]string{kindHTTP, kindHTTPS, kindHTTPString, kindHTTPSString, kindCalculated}, c.Kind) {
		return fmt.Errorf(
			"health check %s is of type %s, which the local AWS emulator does not evaluate: names that depend on it are answered SERVFAIL",
			c.ID,
			c.Kind,
		)
	}
	return nil
}

// usesTLS says whether the checker connects with TLS.
func (c Check) usesTLS() bool { return c.Kind == kindHTTPS || c.Kind == kindHTTPSString }

// searchesBody says whether the check searches the response body.
func (c Check) searchesBody() bool { return c.Kind == kindHTTPString || c.Kind == kindHTTPSString }

// endpoint names the checked endpoint in messages.
func (c Check) endpoint() string {
	name := c.Host
	if name == "" {
		name = c.IP
	}
	return fmt.Sprintf("%s:%d", name, c.Port)
}

// Balancer is a load balancer.
type Balancer struct {
	ARN, Name, Region string
	DNSName           string // absolute
	Listeners         []Listener
	Groups            []Group
}

// Listener is a port of a load balancer.
type Listener struct {
	Port     int
	Protocol string // protocolHTTP or protocolHTTPS
	// Certificate is the ARN of the certificate of an HTTPS listener.
	Certificate string `xml:"Certificates>member>CertificateArn"`
}

// The protocols of a listener. AWS: Elastic Load Balancing API Reference, Listener, Protocol.
const (
	protocolHTTP  = "HTTP"
	protocolHTTPS = "HTTPS"
)

// UsesTLS says whether clients of the listener speak TLS.
func (l Listener) UsesTLS() bool { return l.Protocol == protocolHTTPS }

// DefaultPort is the port that a client takes who names none. RFC 9110, sections 4.2.1 and 4.2.2.
func DefaultPort(usesTLS bool) int {
	const httpPort, httpsPort = 80, 443
	if usesTLS {
		return httpsPort
	}
	return httpPort
}

// Listener returns the listener of a port.
func (b Balancer) Listener(port int) (Listener, bool) {
	i := slices.IndexFunc(b.Listeners, func(l Listener) bool { return l.Port == port })
	if i < 0 {
		return Listener{}, false
	}
	return b.Listeners[i], true
}

// ListenerOf returns the listener that stands for all that speak TLS, or for all that do not: that of the default port, else the first.
func (b Balancer) ListenerOf(usesTLS bool) (Listener, bool) {
	if found, ok := b.Listener(DefaultPort(usesTLS)); ok && found.UsesTLS() == usesTLS {
		return found, true
	}
	i := slices.IndexFunc(b.Listeners, func(l Listener) bool { return l.UsesTLS() == usesTLS })
	if i < 0 {
		return Listener{}, false
	}
	return b.Listeners[i], true
}

// Group is a target group of a load balancer.
type Group struct {
	ARN                string
	Interval           time.Duration // between two health checks
	Healthy, Unhealthy int           // how many consecutive results change a target's state
}

// balancer returns the load balancer with a DNS name, or nil.
func (s *Snapshot) balancer(name string) *Balancer {
	for i := range s.Balancers {
		if s.Balancers[i].DNSName == name {
			return &s.Balancers[i]
		}
	}
	return nil
}

// balancersWithEvaluatedTargets returns the load balancers whose targets' health decides an answer.
func (s *Snapshot) balancersWithEvaluatedTargets() []Balancer {
	var found []Balancer
	for _, balancer := range s.Balancers {
		if slices.ContainsFunc(s.Zones, func(zone Zone) bool {
			return slices.ContainsFunc(zone.Sets, func(set RecordSet) bool {
				return set.Alias != nil && set.Alias.Evaluate && set.Alias.Name == balancer.DNSName
			})
		}) {
			found = append(found, balancer)
		}
	}
	return found
}
