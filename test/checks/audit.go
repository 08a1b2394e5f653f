package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"warmstandby/test/audit"
)

// statesTests are the packages whose tests write the states of production.
var statesTests = []string{
	"./stacks/foundation-network", "./stacks/data-global", "./stacks/internal/regionapp", "./stacks/global-edge",
}

// auditEnvironment is the environment that the audit deploys, on a local AWS emulator of its own: faults are planted there.
const auditEnvironment = "local-audit"

// auditors has auditors' tools look at production's states, at every policy and at a platform of the audit's own.
func auditors(ctx context.Context, r *runner) (err error) {
	states := r.built("audit", "states")
	if err := errors.Join(os.RemoveAll(r.built("audit")), os.MkdirAll(states, 0o755)); err != nil {
		return fmt.Errorf("making the folder of production's states: %w", err)
	}
	call := append([]string{"go", "test", "-count", "1", "-run", "^TestEnvironments$"}, statesTests...)
	if err := r.labeled("writing production's states", ".", append(call, "-args", "-record-states", states)...); err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	platform := []string{"ENV=" + auditEnvironment, "STATE=" + r.built("audit", "platform"), "PORT=" + strconv.Itoa(port)}
	defer func() { err = errors.Join(err, r.process(".", append([]string{"make", "destroy"}, platform...)...)) }()
	if err := r.process(".", append([]string{"make", "up"}, platform...)...); err != nil {
		return err
	}
	return audit.Auditor{Root: r.root, Folder: r.built("audit", "run"), Tools: r.built("auditors")}.Run(ctx, audit.Environment{
		States: states, Endpoint: "http://127.0.0.1:" + strconv.Itoa(port), Regions: []string{"us-east-1", "us-west-2"},
	})
}

// freePort returns a port of the loopback that is free.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("finding a free port: %v is no TCP address", listener.Addr())
	}
	return address.Port, nil
}
