package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/lambda/failover/history"
	"warmstandby/shared/contract/controller"
)

// regionTimeout bounds what is asked of one region, which may be lost.
const regionTimeout = 10 * time.Second

// notices prints the controller's notices and the alarms' transitions, newest last.
func notices(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("observer notices", flag.ContinueOnError)
	flags.SetOutput(stderr)
	environment := flags.String("env", "", "the environment's name (required)")
	region := flags.String("region", "us-west-2", "the standby region")
	since := flags.Duration("since", 24*time.Hour, "how far back")
	asJSON := flags.Bool("json", false, "print one JSON object")
	if flags.Parse(arguments) != nil || *environment == "" || flags.NArg() > 0 || *since <= 0 {
		fmt.Fprintln(stderr, "observer notices: want --env NAME, and --since more than nothing")
		return errUsage
	}
	deployed, settings, err := open(ctx, *environment, *region)
	if err != nil {
		return err
	}
	found := happened(ctx, sourcesOf(deployed, settings), time.Now().Add(-*since)).without(history.Decision)
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(found)
	} else {
		_, err = io.WriteString(stdout, found.text(*since))
	}
	if err != nil {
		return fmt.Errorf("printing the notices: %w", err)
	}
	if found.standbyUnknown {
		return fmt.Errorf("%w: the standby region, %s, does not answer", errUnknown, deployed.StandbyRegion)
	}
	return nil
}

// source reads one part of what has happened.
type source struct {
	name    string
	standby bool // it is in the standby region, without which there is no answer
	read    func(ctx context.Context, from time.Time) ([]history.Event, error)
}

// sourcesOf are the controller's log and the alarms of both regions.
func sourcesOf(deployed controller.Config, settings aws.Config) []source {
	standby := in(settings, deployed.StandbyRegion)
	all := []source{{"the controller's log", true, func(ctx context.Context, from time.Time) ([]history.Event, error) {
		group, err := history.ControllerLogGroup(deployed.Environment)
		if err != nil {
			return nil, err
		}
		return history.Controller(ctx, cloudwatchlogs.NewFromConfig(standby), group, deployed.StandbyRegion, from)
	}}}
	for _, region := range [...]string{deployed.PrimaryRegion, deployed.StandbyRegion} {
		client := cloudwatch.NewFromConfig(in(settings, region))
		all = append(all, source{"the alarms of " + region, region == deployed.StandbyRegion,
			func(ctx context.Context, from time.Time) ([]history.Event, error) {
				return history.Alarms(ctx, client, region, deployed.Environment, from)
			}})
	}
	return all
}

// found is what has happened, as far as it is known.
type found struct {
	Events []history.Event `json:"events"`
	// Unknown names the sources that do not answer, and why.
	Unknown        []string `json:"unknown,omitempty"`
	standbyUnknown bool
}

// happened reads all sources at once.
func happened(ctx context.Context, sources []source, from time.Time) found {
	ctx, cancel := context.WithTimeout(ctx, regionTimeout)
	defer cancel()
	events, errs := make([][]history.Event, len(sources)), make([]error, len(sources))
	var all sync.WaitGroup
	for i, one := range sources {
		all.Go(func() { events[i], errs[i] = one.read(ctx, from) })
	}
	all.Wait()
	result := found{Events: []history.Event{}}
	for i, one := range sources {
		if errs[i] != nil {
			result.Unknown = append(result.Unknown, one.name+": "+errs[i].Error())
			result.standbyUnknown = result.standbyUnknown || one.standby
			continue
		}
		for _, e := range events[i] {
			if e.IsNews() {
				result.Events = append(result.Events, e)
			}
		}
	}
	result.Events = history.Sorted(result.Events)
	return result
}

// without leaves out a kind of event.
func (f found) without(kind history.Kind) found {
	f.Events = slices.DeleteFunc(f.Events, func(e history.Event) bool { return e.Kind == kind })
	return f
}

// text is what has happened, newest last. Of a notice it has all lines.
func (f found) text(since time.Duration) string {
	var lines strings.Builder
	for _, e := range f.Events {
		at := e.At.UTC().Format("2006-01-02 15:04:05")
		if e.Kind == history.Notice {
			fmt.Fprintf(&lines, "%s  NOTICE  %s\n", at, e.Subject)
			for line := range strings.Lines(e.Text) {
				fmt.Fprintf(&lines, "    %s\n", strings.TrimRight(line, "\n"))
			}
			continue
		}
		fmt.Fprintf(&lines, "%s  alarm   %-17s  %s  %s\n", at, e.State, e.Region, e.Subject)
	}
	if len(f.Events) == 0 {
		fmt.Fprintf(&lines, "Nothing was notified, and no alarm changed its state, in the last %s.\n", since)
	}
	for _, unknown := range f.Unknown {
		fmt.Fprintf(&lines, "not known: %s\n", unknown)
	}
	return lines.String()
}
