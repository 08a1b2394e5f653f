package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/access/events"
	"warmstandby/test/access/resolver"
)

// bus receives what a region's event bus carries.
type bus interface {
	Run(ctx context.Context)
	Received(kind string) map[string]int
	Detach(ctx context.Context) error
}

// platform is what the checks ask.
type platform struct {
	global           *url.URL
	primary, standby string // regions
	names            interface {
		Address(ctx context.Context, name string) (address netip.Addr, region string, err error)
	}
	http, storage http.RoundTripper
	token         func(context.Context) (string, error)
	// attach attaches a queue to a region's bus. What it returns with an error has to be detached, too, unless it is nil.
	attach func(ctx context.Context, region string) (bus, error)
	// name is the patient of the record, and its idempotency key.
	name string
}

func (p platform) regions() [2]string { return [2]string{p.primary, p.standby} }

// host is a region's own name, or the global one.
func (p platform) host(region string) string {
	if region == "" {
		return p.global.Hostname()
	}
	return region + "." + p.global.Hostname()
}

// url is the application's at a region's own name, or at the global one.
func (p platform) url(region string, path ...string) string {
	target := *p.global
	if region != "" {
		target.Host = region + "." + p.global.Host
	}
	return target.JoinPath(path...).String()
}

// open finds the platform by the failover controller's configuration.
func open(ctx context.Context, target access.Target) (platform, error) {
	_, deployed, err := target.Configuration(ctx)
	if err != nil {
		return platform{}, err
	}
	target, port, err := target.WithServers()
	if err != nil {
		return platform{}, err
	}
	global, err := url.Parse(deployed.GlobalURL)
	if err != nil {
		return platform{}, fmt.Errorf("reading the global URL: %w", err)
	}
	settings, err := access.AWSConfigs(ctx, deployed.PrimaryRegion, deployed.StandbyRegion)
	if err != nil {
		return platform{}, err
	}
	p := platform{
		global: global, primary: deployed.PrimaryRegion, standby: deployed.StandbyRegion, http: access.Transport(port),
		storage: http.DefaultTransport, token: target.TokenSource(),
		// It ends in the suffix, as every name of the environment does: so the sweep finds what a killed run has left.
		name: "smoke-" + time.Now().UTC().Format("20060102-150405") + "-" + target.Environment,
	}
	p.names = access.NewRegions(resolver.New(resolver.NewExchange(target.Resolver)), map[string]string{
		deployed.PrimaryRegion: p.host(deployed.PrimaryRegion), deployed.StandbyRegion: p.host(deployed.StandbyRegion),
	})
	p.attach = func(ctx context.Context, region string) (bus, error) {
		return events.Attach(ctx, settings[region], region, deployed.BusName, p.name, events.Source)
	}
	return p, nil
}
