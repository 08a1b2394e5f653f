package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/healthcheck"
	"warmstandby/lambda/failover/history"
	"warmstandby/shared/naming"
	"warmstandby/test/access"
	"warmstandby/test/access/events"
	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/scenario"
)

// Open prepares a drill and attaches its queues. The caller must Run it, which removes them.
func Open(ctx context.Context, o Options, s scenario.Scenario, logf func(string, ...any)) (*Drill, error) {
	if s.Expectations.Corrupted && !o.Embedded() {
		return nil, errInsideVPC
	}
	if s.Expectations.Flooded && !o.Embedded() {
		return nil, errNoFlood
	}
	if s.Fault.BreaksBackups() && !o.Embedded() {
		return nil, errNoCalendar
	}
	account, deployed, err := o.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	namer, err := naming.New(o.Environment)
	if err != nil {
		return nil, err
	}
	reached, port, err := o.WithServers()
	if err != nil {
		return nil, err
	}
	o.Target = reached
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
	settings, err := access.AWSConfigs(ctx, deployed.PrimaryRegion, deployed.StandbyRegion)
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
	health, err := healthcheck.Find(ctx, settings[deployed.PrimaryRegion], checks)
	if err != nil {
		return nil, err
	}
	described := o.describe(ctx, deployed, p.Databases)
	log.Update(func(e *evidence.Evidence) { e.Platform = described })
	names := access.NewRegions(resolver.New(resolver.NewExchange(o.Resolver)), hosts)
	transport, token := access.Transport(port), o.TokenSource()
	d := &Drill{
		Scenario: s.WithMaxWait(o.Wait), Log: log, Injector: o.injector(settings), Operate: o.operate, Reconcile: o.reconcile, Logf: logf,
		Client: &client.Client{URL: global, Names: names, Token: token, HTTP: transport, Log: log, Name: name},
		Watch: &observe.Watch{
			Log:         log,
			Primary:     deployed.PrimaryRegion,
			Standby:     deployed.StandbyRegion,
			Databases:   [2]observe.Globals{p.Databases, p.PrimaryDatabases},
			Journal:     p.Table,
			Checks:      health,
			Exchange:    resolver.NewExchange(o.ZoneServer),
			Global:      global,
			Names:       names,
			HTTP:        transport,
			Token:       token,
			Patient:     name,
			Since:       began,
			CPUPressure: observe.CPUPressure,
		},
		Queues: map[string]*events.Queue{},
	}
	d.Users, d.Contention = d.Client.Users(port), d.Client.Contention()
	if s.Expectations.Documents {
		d.Client.Storage = http.DefaultTransport
	}
	group, err := history.ControllerLogGroup(o.Environment)
	if err != nil {
		return nil, err
	}
	logs := cloudwatchlogs.NewFromConfig(settings[deployed.StandbyRegion])
	d.CheckControllerLog = func(ctx context.Context) evidence.ControllerLog {
		return observe.ControllerLog(ctx, logs, group, began)
	}
	d.TakeBack = clusters{
		settings: settings[deployed.PrimaryRegion], environment: o.Environment, running: deployed.PrimaryCluster,
		secret: deployed.SecretName, patient: name,
	}.takeBack
	if s.Expectations.CommitsPause {
		if err := d.readRPO(ctx, p.Databases, settings[deployed.PrimaryRegion]); err != nil {
			return nil, err
		}
	}
	if o.Preview != "" {
		d.Preview = o.preview
	}
	if s.Fault.BreaksBackups() {
		if d.Backups, err = o.openBackups(ctx, log, settings, deployed, name); err != nil {
			return nil, err
		}
	}
	if s.Expectations.Flooded {
		watched, err := o.openFlood(ctx, log, settings[deployed.StandbyRegion], deployed, name)
		if err != nil {
			return nil, err
		}
		standby := deployed.StandbyRegion
		d.Concurrency = watched
		d.Flooder = &client.Flood{
			URL: global, Token: token, HTTP: transport, Log: log,
			Address: func(ctx context.Context) (netip.Addr, error) { return names.OwnAddress(ctx, standby) },
		}
	}
	for region, awsConfig := range settings {
		queue, err := events.Attach(ctx, awsConfig, region, deployed.BusName, name, events.Source)
		d.Queues[region] = queue
		if err != nil {
			for _, made := range d.Queues {
				err = errors.Join(err, d.cleanUp(ctx, made.Detach))
			}
			if d.Backups != nil {
				err = errors.Join(err, d.cleanUp(ctx, d.Backups.Detach))
			}
			if d.Concurrency != nil {
				err = errors.Join(err, d.cleanUp(ctx, d.Concurrency.Detach))
			}
			return nil, err
		}
	}
	return d, nil
}

// errRPOOff says that commits never wait for replication on this platform.
var errRPOOff = errors.New("the writer's parameter group has no " + globaldb.RPOParameter + ", so commits never wait: " +
	"set rpoSeconds of data-global to 20 or more and deploy it")

// readRPO notes at which lag the commits of the writer wait.
func (d *Drill) readRPO(ctx context.Context, databases observe.Globals, settings aws.Config) error {
	global, err := databases.Global(ctx)
	if err != nil {
		return fmt.Errorf("finding the writer's cluster: %w", err)
	}
	writer, known := global.Writer()
	if !known {
		return errors.New("finding the writer's cluster: RDS says of none that it is the writer")
	}
	seconds, err := observe.RPO(ctx, rds.NewFromConfig(settings), writer.Identifier())
	if err != nil {
		return err
	}
	if seconds == 0 {
		return errRPOOff
	}
	d.Log.Update(func(e *evidence.Evidence) { e.RPOSeconds = seconds })
	return nil
}
