package readiness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"warmstandby/lambda/failover/certificate"
	"warmstandby/shared/contract/controller"
)

// Certificates looks at what a load balancer presents.
type Certificates interface {
	// Until returns when the certificate ends that the server at an address, host:port, presents for a name. The error wraps
	// certificate.ErrInvalid when it is not good for the name now; after any other error nothing is known.
	Until(ctx context.Context, address, name string) (time.Time, error)
}

// presentation is a certificate that is looked at: what a region's load balancer presents for a name.
type presentation struct{ region, address, name string }

// presentations are those of both regions: each for its own name, by which it is probed, and for the global one, which users follow when
// Route 53 sends them there. There is none where the load balancers speak plain HTTP.
func presentations(c controller.Config) ([]presentation, error) {
	global, err := url.Parse(c.GlobalURL)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration's globalURL: %w", err)
	}
	var all []presentation
	for _, region := range []struct{ name, url string }{{c.PrimaryRegion, c.PrimaryURL}, {c.StandbyRegion, c.StandbyURL}} {
		own, err := url.Parse(region.url)
		if err != nil {
			return nil, fmt.Errorf("reading the configuration's URL of %s: %w", region.name, err)
		}
		if own.Scheme != "https" {
			continue
		}
		port := own.Port()
		if port == "" {
			port = "443"
		}
		for _, name := range []string{own.Hostname(), global.Hostname()} {
			all = append(all, presentation{region.name, net.JoinHostPort(own.Hostname(), port), name})
		}
	}
	return all, nil
}

// checkCertificates checks that both regions' load balancers present certificates that browsers accept, for the region's name and for the
// global one, and that none ends soon. Those of the primary region count, too: it is what users come back to.
func (v Validator) checkCertificates(ctx context.Context) Check {
	all, err := presentations(v.Config)
	invalid, unknown := make([]error, len(all)), make([]error, len(all))
	var first time.Time
	var mu sync.Mutex
	var looking sync.WaitGroup
	for i, one := range all {
		looking.Go(func() {
			until, err := v.Certificates.Until(ctx, one.address, one.name)
			left := time.Until(until)
			switch {
			case errors.Is(err, certificate.ErrInvalid):
				invalid[i] = fmt.Errorf("%s for %s: %w", one.region, one.name, err)
			case err != nil:
				unknown[i] = fmt.Errorf("%s for %s: not known: %w", one.region, one.name, err)
			case left < controller.CertificateValidity:
				invalid[i] = fmt.Errorf("%s for %s: it ends on %s, in %d days", one.region, one.name, until.UTC().Format(time.DateOnly),
					int(left.Hours())/hoursPerDay)
			default:
				mu.Lock()
				defer mu.Unlock()
				if first.IsZero() || until.Before(first) {
					first = until
				}
			}
		})
	}
	looking.Wait()
	switch {
	case err != nil:
	case errors.Join(invalid...) != nil:
		err = oneLine(invalid...)
	case errors.Join(unknown...) != nil:
		err = AsUnknown(oneLine(unknown...))
	}
	detail := "none: the load balancers speak plain HTTP"
	if len(all) > 0 {
		detail = "good in both regions until " + first.UTC().Format(time.DateOnly)
	}
	return NewCheck("certificates", detail, err)
}

const hoursPerDay = 24
