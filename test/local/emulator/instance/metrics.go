package instance

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"net/url"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/gateway"
	"warmstandby/test/local/route53"
)

const (
	// lagInterval is how often a secondary's lag is published. AWS publishes it once a minute; a drill that takes three
	// minutes must see it change.
	lagInterval = 5 * time.Second
	// rpoInterval is how often the lag of secondaries is compared with the RPO of their writer: a small part of 20 s, the least
	// that Aurora takes.
	rpoInterval = time.Second
	// healthInterval is how often the statuses of health checks are published. AWS: Amazon Route 53 Developer Guide,
	// "Monitoring health checks using CloudWatch".
	healthInterval = time.Minute
	// backupInterval is how often it is asked whether a backup is due, or its retention has ended.
	backupInterval = time.Minute
	// planInterval is how often it is asked whether a plan of AWS Backup is due.
	planInterval = 10 * time.Second
)

// publish calls publishOnce at every interval until ctx ends, and logs its errors.
func publish(ctx context.Context, interval time.Duration, publishOnce func(context.Context) error, logger *log.Logger) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := publishOnce(ctx); err != nil && ctx.Err() == nil {
				logger.Print(err)
			}
		}
	}
}

// route53Options connects Route 53's data plane to the emulator and the gateway. Both are created after the data plane, whose
// address functions are given, so they are passed as functions.
func route53Options(
	emulated func() *url.URL, listener net.Listener, made func() *gateway.Gateway, faults *fault.Store, logger *log.Logger,
) route53.Options {
	options := route53.Options{
		Read: func(ctx context.Context) (route53.Snapshot, error) {
			return route53.ControlPlane{Emulator: emulated(), Regions: regions, Client: direct}.Read(ctx)
		},
		Targets: func(ctx context.Context, region, group string) (all, healthy int, err error) {
			return made().Targets(ctx, region, group)
		},
		Serve: func(b route53.Balancer) http.Handler { return made().Balancer(b) },
		Certificate: func(ctx context.Context, b route53.Balancer, l route53.Listener) (*tls.Certificate, error) {
			return made().Certificate(ctx, b, l)
		},
		Regions: regions,
		Lost: func(region string) bool {
			_, lost := faults.Find(region, fault.Unreachable)
			return lost
		},
		Log: logger,
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		options.Port = address.Port
	}
	return options
}
