package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"warmstandby/test/local/emulator/instance"
	"warmstandby/test/local/makecommand"
)

// stopped is what runDown says about what it found.
var stopped = map[instance.Stopped]string{
	instance.WasDown:    "the local AWS emulator was down",
	instance.WasStale:   "the local AWS emulator was down: it had been killed or had crashed, and keeps all that it had acknowledged",
	instance.WasStopped: "the local AWS emulator is down, its state is kept",
	instance.WasKilled:  "the local AWS emulator did not end in time and was killed; resources that it had acknowledged are kept",
}

// runDown stops the local AWS emulator.
func runDown(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var port int
	folder, err := instanceFlags("down", args, stderr, func(flags *flag.FlagSet) {
		flags.IntVar(&port, "port", 0, "where an emulator is looked for whose state was deleted; 0 looks for none")
	})
	if err != nil {
		return err
	}
	found, err := folder.Down(ctx, progressOn(stderr))
	if err != nil {
		return err
	}
	if found == instance.WasDown && port != 0 {
		if err := folder.CheckOrphan(ctx, port); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout, stopped[found])
	if found == instance.WasStale {
		fmt.Fprintln(stdout, "to start it again:", makecommand.For("local-up"))
	}
	return nil
}
