package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"text/tabwriter"
	"time"

	"warmstandby/test/local/emulator/instance"
)

// exitDown is runStatus's exit status when the local AWS emulator does not serve: the one of service scripts for "not running"
// (Linux Standard Base, "Init Script Actions").
const exitDown = exitStatus(3)

// runStatus describes the local AWS emulator; its exit status is 0 only when it serves.
func runStatus(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var asJSON bool
	folder, err := instanceFlags("status", args, stderr, func(flags *flag.FlagSet) {
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	if err != nil {
		return err
	}
	status, err := folder.Status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(status)
	} else {
		err = printStatus(stdout, status)
	}
	if err != nil {
		return fmt.Errorf("printing the status: %w", err)
	}
	if status.State != instance.StateUp {
		return exitDown
	}
	return nil
}

func printStatus(stdout io.Writer, status instance.Status) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, values...))
	}
	row("state", "%s", status.State)
	if status.State == instance.StateUp {
		row("endpoint", "%s", status.Run.Endpoint)
		if host, port, err := net.SplitHostPort(status.DNS); err == nil { // none of an instance that an older build started
			row("DNS", "dig @%s -p %s NAME", host, port)
		}
		row("emulator", "%s, process %d", status.Run.Emulator, status.Run.EmulatorPID)
		row("gateway", "process %d, up %s", status.Run.GatewayPID, time.Duration(status.Uptime*float64(time.Second)).Round(time.Second))
	}
	if end := status.Unclean; end != nil {
		row("ended", "killed or crashed, last save %s", end.Saved.Format(time.RFC3339))
		row("last log line", "%s", end.LastLog)
	}
	for _, one := range status.Faults {
		row("fault", "%s, since %s", one, one.Since.Format(time.RFC3339))
	}
	row("state folder", "%s", status.StateDir)
	row("database CA", "%s", status.CA)
	row("gateway log", "%s", status.Logs["gateway"])
	row("emulator log", "%s", status.Logs["emulator"])
	return table.Flush()
}
