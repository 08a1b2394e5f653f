//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// traits are what checks expect of a platform by its settings. The zero value is that of the profile local, which sets none.
type traits struct {
	// domain is the name that fails over; empty: that of an environment that sets none.
	domain string
	// https says that the load balancers have certificates: they listen at 443, and at 80 for the redirect.
	https bool
	// nat says that each zone has a NAT gateway.
	nat bool
	// firewall says that AWS WAF stands before the load balancers.
	firewall bool
}

// The ports at which load balancers listen.
const (
	httpPort  = 80
	httpsPort = 443
)

// domain is the name that fails over.
func (p *platform) domain() string {
	if p.traits.domain != "" {
		return p.traits.domain
	}
	return p.name + ".warmstandby.test"
}

// url is that of a region, or, without one, of the name that fails over. A region without a certificate has its load balancer's name.
func (p *platform) url(t testing.TB, deployed deployedRegion) string {
	t.Helper()
	if p.traits.https {
		return "https://" + deployed.region + "." + p.domain()
	}
	return "http://" + p.balancerName(t, deployed)
}

// globalURL is that of the name that fails over.
func (p *platform) globalURL() string {
	if p.traits.https {
		return "https://" + p.domain()
	}
	return "http://" + p.domain()
}

// ports are those at which the load balancer is open to the world.
func (tr traits) ports() []int32 {
	if tr.https {
		return []int32{httpPort, httpsPort}
	}
	return []int32{httpPort}
}

// transport reaches load balancers by the environment's proxy, and trusts their certificates. On AWS those are of a public authority.
func (p *platform) transport(t testing.TB) *http.Transport {
	t.Helper()
	transport := &http.Transport{Proxy: p.proxy()}
	if target.emulator && p.traits.https {
		content, err := os.ReadFile(filepath.Join(p.state, "certificates", "ca.pem"))
		if err != nil {
			t.Fatalf("reading the authority of the load balancers: %v", err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(content)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// absentKinds are the kinds of resources that the environment does not have, with the reason.
func (tr traits) absentKinds() map[string]string {
	absent := maps.Clone(notInLocalProfile)
	if tr.nat {
		delete(absent, "ec2 NAT gateways")
		delete(absent, "ec2 elastic IPs")
	}
	if tr.firewall {
		delete(absent, "wafv2 web ACLs")
	}
	return absent
}
