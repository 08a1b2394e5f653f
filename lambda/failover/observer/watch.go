package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/lambda/failover/healthcheck"
	"warmstandby/lambda/failover/history"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

// The feeds of the page.
const (
	feedStatus     = "status"
	feedChecks     = "checks"
	feedAlarms     = "alarms"
	feedHistory    = "history"
	feedTraffic    = "traffic"
	feedDashboards = "dashboards"
	feedAction     = "action"
)

// The times between two questions. On AWS metrics cost 0.01 USD for a thousand in GetMetricData, and the log of a busy application is
// long, so that those are asked of less often there.
type periods struct{ status, checks, alarms, history, traffic, dashboards time.Duration }

var (
	emulatorPeriods = periods{3 * time.Second, 3 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second, 15 * time.Second}
	awsPeriods      = periods{10 * time.Second, 10 * time.Second, 15 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute}
)

const (
	// feedTimeout bounds a question: status waits for what is lost.
	feedTimeout = 20 * time.Second
	// historySpan is how far back the page shows what has happened.
	historySpan = 3 * time.Hour
)

// watcher asks AWS and the operator's command line what the page shows.
type watcher struct {
	deployed controller.Config
	settings aws.Config
	operator string
	hub      *hub
	periods  periods
	run      func(ctx context.Context, arguments []string) (string, error)
}

// watch asks until the context ends. Each feed is asked by itself, so that a region that hangs holds up no other.
func (w *watcher) watch(ctx context.Context) {
	var all sync.WaitGroup
	poll := func(feed string, every time.Duration, ask func(context.Context) (any, error)) {
		all.Go(func() { w.poll(ctx, feed, every, ask) })
	}
	poll(feedStatus, w.periods.status, w.status)
	poll(feedAlarms, w.periods.alarms, w.alarms)
	poll(feedHistory, w.periods.history, w.history)
	poll(feedTraffic, w.periods.traffic, w.traffic)
	poll(feedDashboards, w.periods.dashboards, w.dashboards)
	checks := &checks{watcher: w}
	poll(feedChecks, w.periods.checks, checks.ask)
	all.Wait()
}

// poll publishes what a question is answered with, at once and after each period. An answer that did not come is published, too.
func (w *watcher) poll(ctx context.Context, feed string, every time.Duration, ask func(context.Context) (any, error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		limited, cancel := context.WithTimeout(ctx, feedTimeout)
		data, err := ask(limited)
		cancel()
		if ctx.Err() != nil {
			return
		}
		m := message{At: time.Now().UTC(), Data: data}
		if err != nil {
			m.Error = err.Error()
		}
		w.hub.publish(feed, m)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// status is what make status shows, by the same program.
func (w *watcher) status(ctx context.Context) (any, error) {
	printed, err := w.run(ctx, []string{
		w.operator, invocation.Status, "--env", w.deployed.Environment, "--region", w.deployed.StandbyRegion, "--json",
	})
	start := strings.IndexByte(printed, '{')
	if start < 0 || !json.Valid([]byte(printed[start:])) {
		return nil, errors.Join(fmt.Errorf("status prints %q", printed), err)
	}
	return json.RawMessage(printed[start:]), nil // An exit code beside it is in it.
}

// history is what has happened, newest first.
func (w *watcher) history(ctx context.Context) (any, error) {
	result := happened(ctx, sourcesOf(w.deployed, w.settings), time.Now().Add(-historySpan))
	slices.Reverse(result.Events)
	return result, nil
}

// checks are Route 53's health checks, which are found once.
type checks struct {
	watcher *watcher
	found   *healthcheck.Checks
}

// checkState is the state of a region's health check.
type checkState struct {
	Region  string `json:"region"`
	Healthy bool   `json:"healthy"`
	Error   string `json:"error,omitempty"`
}

func (c *checks) ask(ctx context.Context) (any, error) {
	deployed := c.watcher.deployed
	roles := map[string]naming.Role{deployed.PrimaryRegion: naming.Primary, deployed.StandbyRegion: naming.Secondary}
	if c.found == nil {
		namer, err := naming.New(deployed.Environment)
		if err != nil {
			return nil, err
		}
		names := map[string]string{}
		for region, role := range roles {
			if names[region], err = namer.Name(naming.HealthCheck, string(role)); err != nil {
				return nil, err
			}
		}
		found, err := healthcheck.Find(ctx, in(c.watcher.settings, deployed.PrimaryRegion), names)
		if err != nil {
			return nil, err
		}
		c.found = &found
	}
	var all []checkState
	for _, region := range [...]string{deployed.PrimaryRegion, deployed.StandbyRegion} {
		one := checkState{Region: region}
		var err error
		if one.Healthy, err = c.found.Healthy(ctx, region); err != nil {
			one.Error = err.Error()
		}
		all = append(all, one)
	}
	return all, nil
}

// redAlarm is an alarm that is in alarm.
type redAlarm struct {
	Region string    `json:"region"`
	Name   string    `json:"name"`
	Since  time.Time `json:"since"`
	Why    string    `json:"why"`
	Text   string    `json:"text"` // what is wrong and what to do
}

// redAlarms are the alarms of both regions that are in alarm now. A region that does not answer is named.
type redAlarms struct {
	Alarms  []redAlarm `json:"alarms"`
	Unknown []string   `json:"unknown,omitempty"`
}

func (w *watcher) alarms(ctx context.Context) (any, error) {
	result := redAlarms{Alarms: []redAlarm{}}
	for _, region := range [...]string{w.deployed.PrimaryRegion, w.deployed.StandbyRegion} {
		pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(in(w.settings, region)), &cloudwatch.DescribeAlarmsInput{
			StateValue: types.StateValueAlarm, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		})
		limited, cancel := context.WithTimeout(ctx, feedTimeout/3)
		for pages.HasMorePages() {
			page, err := pages.NextPage(limited)
			if err != nil {
				result.Unknown = append(result.Unknown, "the alarms of "+region+": "+err.Error())
				break
			}
			for _, a := range page.MetricAlarms {
				result.add(region, w.deployed.Environment, a.AlarmName, a.StateReason, a.AlarmDescription, a.StateUpdatedTimestamp)
			}
			for _, a := range page.CompositeAlarms {
				result.add(region, w.deployed.Environment, a.AlarmName, a.StateReason, a.AlarmDescription, a.StateUpdatedTimestamp)
			}
		}
		cancel()
	}
	slices.SortStableFunc(result.Alarms, func(a, b redAlarm) int { return b.Since.Compare(a.Since) })
	return result, nil
}

func (r *redAlarms) add(region, environment string, name, why, text *string, since *time.Time) {
	if history.Owned(aws.ToString(name), environment) {
		r.Alarms = append(r.Alarms, redAlarm{region, aws.ToString(name), aws.ToTime(since).UTC(), aws.ToString(why), aws.ToString(text)})
	}
}
