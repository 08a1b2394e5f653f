package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"warmstandby/lambda/failover/invocation"
)

// shutdownTimeout is how long an open page may hold up the end.
const shutdownTimeout = 2 * time.Second

// live serves the page on the loopback address until the context ends.
func live(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("observer live", flag.ContinueOnError)
	flags.SetOutput(stderr)
	environment := flags.String("env", "", "the environment's name (required)")
	region := flags.String("region", invocation.DefaultRegion, "the standby region")
	operator := flags.String("operator", "", "the operator's command line (required)")
	local := flags.String("local", "", "on the local AWS emulator: the local command; without it the page only reads")
	state := flags.String("state", "", "on the local AWS emulator: its folder")
	kinds := flags.String("kinds", "", "on the local AWS emulator: the kinds of fault that the page offers, separated by commas")
	port := flags.Int("port", 0, "the port on 127.0.0.1 (default: one that is free)")
	if flags.Parse(arguments) != nil || *environment == "" || *operator == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "observer live: want --env NAME and --operator FILE")
		return errUsage
	}
	deployed, settings, err := open(ctx, *environment, *region)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return fmt.Errorf("opening a port for the page (another one: LIVE_PORT=): %w", err)
	}
	h := newHub()
	page := pageSettings{
		Environment: deployed.Environment, Primary: deployed.PrimaryRegion, Standby: deployed.StandbyRegion, On: "AWS, read-only",
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	w := &watcher{deployed: deployed, settings: settings, operator: *operator, hub: h, periods: awsPeriods, run: runProgram}
	var act func(action) error
	if *local != "" {
		w.periods = emulatorPeriods
		page.On, page.Kinds = "the local AWS emulator", strings.Split(*kinds, ",")
		a := &actor{
			operator: *operator, local: *local, state: *state, environment: *environment, region: *region, kinds: page.Kinds,
			regions: []string{deployed.PrimaryRegion, deployed.StandbyRegion}, run: runProgram,
			publish: func(o outcome) { h.publish(feedAction, message{At: time.Now().UTC(), Data: o}) },
		}
		act = func(wanted action) error { return a.act(watching, wanted) }
	}
	address := listener.Addr().(*net.TCPAddr)
	hosts := []string{fmt.Sprintf("127.0.0.1:%d", address.Port), fmt.Sprintf("localhost:%d", address.Port)}
	server := &http.Server{
		Handler: newServer(h, hosts, page, act), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return watching },
	}
	fmt.Fprintf(stdout, "the platform, live: http://%s/ (Ctrl-C ends it)\n", hosts[0])
	go w.watch(watching)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving the page: %w", err)
	case <-ctx.Done():
	}
	stop()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(closing); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("ending the page: %w", err)
	}
	return nil
}
