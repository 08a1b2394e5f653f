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
func Open(ctx context.Context, o Options, s scenario.Scenario, say func(string, ...any)) (*Drill, error) {
	account, told, err := o.configuration(ctx)
	if err != nil {
		return nil, err
	}
	namer, err := naming.New(o.Environment)
	if err != nil {
		return nil, err
	}
	o, port, err := o.servers()
	if err != nil {
		return nil, err
	}
	global, err := url.Parse(told.GlobalURL)
	if err != nil {
		return nil, fmt.Errorf("reading the global URL: %w", err)
	}
	p := account.Platform(told)
	began := time.Now()
	name := "drill-" + s.Name + "-" + began.UTC().Format("150405")
	log := evidence.NewLog(evidence.Evidence{
		Scenario: s.Name, Environment: o.Environment, Primary: told.PrimaryRegion, Standby: told.StandbyRegion, Began: began,
	})
	settings, err := settingsOf(ctx, told.PrimaryRegion, told.StandbyRegion)
	if err != nil {
		return nil, err
	}
	hosts, checks := map[string]string{}, map[string]string{}
	for region, role := range map[string]naming.Role{told.PrimaryRegion: naming.Primary, told.StandbyRegion: naming.Secondary} {
		hosts[region] = region + "." + global.Hostname()
		if checks[region], err = namer.Name(naming.HealthCheck, string(role)); err != nil {
			return nil, err
		}
	}
	health, err := observe.FindChecks(ctx, settings[told.PrimaryRegion], checks)
	if err != nil {
		return nil, err
	}
	names := client.NewRegions(resolver.New(resolver.To(o.Resolver)), hosts)
	transport := client.Transport(port)
	d := &Drill{
		Scenario: s.Within(o.Wait), Log: log, Injector: o.injector(settings), Operate: o.operate, Say: say,
		Client: &client.Client{URL: global, Names: names, Token: o.token(), HTTP: transport, Log: log, Name: name},
		Watch: &observe.Watch{
			Log: log, Primary: told.PrimaryRegion, Standby: told.StandbyRegion,
			Databases: [2]observe.Globals{p.Databases, p.PrimaryDatabases}, Journal: p.Table, Checks: health,
			Exchange: resolver.To(o.ZoneServer), Global: global, Names: names, HTTP: transport, Token: o.token(), Patient: name, Since: began,
			Waited: observe.Waited,
		},
		Queues: map[string]*observe.Queue{},
	}
	if o.Preview != "" {
		d.Preview = o.preview
	}
	for region, of := range settings {
		queue, err := observe.Attach(ctx, of, region, told.BusName, name, observe.EventSource)
		d.Queues[region] = queue
		if err != nil {
			for _, made := range d.Queues {
				err = errors.Join(err, d.tidy(ctx, made.Detach))
			}
			return nil, err
		}
	}
	return d, nil
}
