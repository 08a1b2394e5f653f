package run

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"warmstandby/shared/naming"
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/resolver"
	"warmstandby/test/drill/scenario"
)

// Open prepares a drill. The caller must Run it: the queues are attached already.
func Open(ctx context.Context, o Options, s scenario.Scenario, logf func(string, ...any)) (*Drill, error) {
	account, deployed, err := o.controllerConfig(ctx)
	if err != nil {
		return nil, err
	}
	namer, err := naming.New(o.Environment)
	if err != nil {
		return nil, err
	}
	o, port, err := o.resolveServers()
	if err != nil {
		return nil, err
	}
	global, err := url.Parse(deployed.GlobalURL)
	if err != nil {
		return nil, fmt.Errorf("reading the global URL: %w", err)
	}
	p := account.Platform(deployed)
	began := time.Now()
	name := "drill-" + s.Name + "-" + began.UTC().Format("150405")
	log := evidence.NewLog(evidence.Evidence{
		Scenario: s.Name, Environment: o.Environment, Primary: deployed.PrimaryRegion, Standby: deployed.StandbyRegion, Began: began,
	})
	settings, err := loadAWSConfigs(ctx, deployed.PrimaryRegion, deployed.StandbyRegion)
	if err != nil {
		return nil, err
	}
	hosts, checks := map[string]string{}, map[string]string{}
	for region, role := range map[string]naming.Role{deployed.PrimaryRegion: naming.Primary, deployed.StandbyRegion: naming.Secondary} {
		hosts[region] = region + "." + global.Hostname()
		if checks[region], err = namer.Name(naming.HealthCheck, string(role)); err != nil {
			return nil, err
		}
	}
	health, err := observe.FindChecks(ctx, settings[deployed.PrimaryRegion], checks)
	if err != nil {
		return nil, err
	}
	names := client.NewRegions(resolver.New(resolver.NewExchange(o.Resolver)), hosts)
	transport := client.Transport(port)
	d := &Drill{
		Scenario: s.WithMaxWait(o.Wait), Log: log, Injector: o.injector(settings), Operate: o.operate, Logf: logf,
		Client: &client.Client{URL: global, Names: names, Token: o.token(), HTTP: transport, Log: log, Name: name},
		Watch: &observe.Watch{
			Log: log, Primary: deployed.PrimaryRegion, Standby: deployed.StandbyRegion,
			Databases: [2]observe.Globals{p.Databases, p.PrimaryDatabases}, Journal: p.Table, Checks: health,
			Exchange: resolver.NewExchange(o.ZoneServer), Global: global, Names: names, HTTP: transport, Token: o.token(), Patient: name, Since: began,
			CPUPressure: observe.CPUPressure,
		},
		Queues: map[string]*observe.Queue{},
	}
	if o.Preview != "" {
		d.Preview = o.preview
	}
	for region, awsConfig := range settings {
		queue, err := observe.Attach(ctx, awsConfig, region, deployed.BusName, name, observe.EventSource)
		d.Queues[region] = queue
		if err != nil {
			for _, made := range d.Queues {
				err = errors.Join(err, d.cleanUp(ctx, made.Detach))
			}
			return nil, err
		}
	}
	return d, nil
}
