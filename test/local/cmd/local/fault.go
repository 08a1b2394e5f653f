package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/makecommand"
)

// runFault makes something be wrong with a region.
func runFault(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var region, kind, action string
	var delay time.Duration
	folder, err := instanceFlags("fault", args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&region, "region", "", "the region, as us-east-1")
		flags.StringVar(&kind, "kind", "", fmt.Sprintf("one of %v", fault.Kinds))
		flags.DurationVar(&delay, "delay", 0, fmt.Sprintf("of kind %s (default %s)", fault.Slow, fault.DefaultDelay))
		flags.StringVar(&action, "action", "", fmt.Sprintf("of kind %s, as rds:CreateDBInstance", fault.Denied))
	})
	if err != nil {
		return err
	}
	one, err := newFault(region, fault.Kind(kind), delay, action)
	if err != nil {
		return fmt.Errorf("making a fault: %w", err)
	}
	if err := folder.Fault(ctx, one); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s; to end it: %s\n", one, makecommand.For("heal"))
	return err
}

// newFault takes an action for a denial, and refuses it for all else.
func newFault(region string, kind fault.Kind, delay time.Duration, action string) (fault.Fault, error) {
	switch {
	case kind == fault.Denied:
		return fault.Deny(region, action)
	case action != "":
		return fault.Fault{}, fmt.Errorf("an action is for kind %s, not %s", fault.Denied, kind)
	}
	return fault.New(region, kind, delay)
}

// runHeal ends faults.
func runHeal(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var region string
	folder, err := instanceFlags("heal", args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&region, "region", "", "the region (default all)")
	})
	if err != nil {
		return err
	}
	before, err := folder.Status(ctx)
	if err != nil {
		return err
	}
	if err := folder.Heal(ctx, region); err != nil {
		return err
	}
	healed := 0
	for _, one := range before.Faults {
		if region == "" || one.Region == region {
			fmt.Fprintf(stdout, "healed: %s\n", one)
			healed++
		}
	}
	if healed == 0 {
		fmt.Fprintln(stdout, "nothing was wrong")
	}
	return nil
}
