package instance

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/url"
	"time"

	"warmstandby/test/local/gateway"
	"warmstandby/test/local/route53"
)

const (
	// lagEvery is how often a secondary's lag is published. AWS does it once a minute; a rehearsal that takes three minutes
	// must see it move.
	lagEvery = 5 * time.Second
	// healthEvery is how often it is published how health checks stand. AWS: Amazon Route 53 Developer Guide, "Monitoring health
	// checks using CloudWatch".
	healthEvery = time.Minute
)

// publish publishes something until ctx ends. What cannot be published is in the log, and the next follows.
func publish(ctx context.Context, every time.Duration, what func(context.Context) error, logger *log.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := what(ctx); err != nil && ctx.Err() == nil {
				logger.Print(err)
			}
		}
	}
}

// dataPlane says what Route 53's data plane works on: the emulator, and the gateway, which is made after it, at its own port.
func dataPlane(emulated *url.URL, listener net.Listener, made func() *gateway.Gateway, logger *log.Logger) route53.Options {
	options := route53.Options{
		Read: route53.Reader{Emulator: emulated, Regions: regions, Client: direct}.Read,
		Targets: func(ctx context.Context, region, group string) (all, healthy int, err error) {
			return made().Targets(ctx, region, group)
		},
		Serve: func(b route53.Balancer) http.Handler { return made().Balancer(b) },
		Log:   logger,
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		options.Port = address.Port
	}
	return options
}
