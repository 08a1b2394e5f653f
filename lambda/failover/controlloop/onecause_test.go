package controlloop_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
)

// Each of these has one cause, which several signals show. None may move the writer, because the primary's database lives.
func TestOneCauseMovesNothing(t *testing.T) {
	tests := []struct {
		name    string
		happens func(*failovertest.Simulation)
		minutes int
		within  time.Duration // the advice is due, counted from the fault; zero when it is not due so soon
		phrases []string      // in the notices
	}{
		{
			name: "the standby region does not see the primary", happens: (*failovertest.Simulation).Isolate, minutes: 9,
			phrases: []string{"Route 53 sends users to the primary region"},
		},
		{
			name: "the standby region does not see the primary for so long that commits wait", happens: (*failovertest.Simulation).Isolate,
			minutes: 60, phrases: []string{"Route 53 sends users to the primary region", "is no signal of their loss, and may be its cause"},
		},
		{
			name: "the standby region sees nothing at all",
			happens: func(sim *failovertest.Simulation) {
				sim.Isolate()
				sim.Routing = &decision.Routing{Detail: "none of 4 name servers answers"}
			},
			minutes: 60, phrases: []string{"Where Route 53 sends users is not known: none of 4 name servers answers"},
		},
		{
			name: "the standby region has lost its way out, and the regions still exchange data",
			happens: func(sim *failovertest.Simulation) {
				sim.LoseApplication("a time-out")
				sim.Routing = &decision.Routing{Detail: "none of 4 name servers answers"}
			},
			minutes: 60, phrases: []string{"Where Route 53 sends users is not known: none of 4 name servers answers"},
		},
		{
			name: "replication stalls, and commits wait", happens: stalled, minutes: 60, within: 2 * time.Minute,
			phrases: []string{"rds.global_db_rpo"},
		},
		{
			name: "the database is full", happens: (*failovertest.Simulation).Saturate, minutes: 24 * 60, within: 2*time.Minute + 5*time.Second,
			phrases: []string{"no connection left"},
		},
	}
	for _, test := range tests {
		for _, offset := range []time.Duration{0, 3 * time.Second, 31 * time.Second, 59 * time.Second} {
			t.Run(test.name+", "+offset.String()+" into a minute", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim := failovertest.New()
					watch(t, sim, 2)
					before, happened := len(sim.Notices()), time.Now().Add(offset)
					time.AfterFunc(offset, func() { test.happens(sim) })
					if test.within > 0 {
						adviseWithin(t, sim, happened.Add(test.within), test.phrases[0])
					}
					watch(t, sim, test.minutes)
					checkMoves(t, sim, failovertest.East)
					text := ""
					for _, n := range sim.Notices()[before:] {
						text += n.Subject + "\n" + n.Body
					}
					for _, phrase := range test.phrases {
						if !strings.Contains(text, phrase) && !slices.ContainsFunc(sim.State().Decision.Reasons, func(r string) bool {
							return strings.Contains(r, phrase)
						}) {
							t.Errorf("neither the notices nor the last reasons say %q:\n%s\n%q", phrase, text, sim.State().Decision.Reasons)
						}
					}
				})
			})
		}
	}
}

// stalled stops replication so long ago that commits begin to wait now.
func stalled(sim *failovertest.Simulation) { sim.RPO = 0; sim.Stall() }

// adviseWithin watches until a notice says something, which must be so by a time.
func adviseWithin(t *testing.T, sim *failovertest.Simulation, by time.Time, phrase string) {
	t.Helper()
	notified := make(chan time.Time, 1)
	go func() {
		for time.Now().Before(by.Add(time.Minute)) {
			for _, n := range sim.Notices() {
				if strings.Contains(n.Subject+n.Body, phrase) {
					notified <- time.Now()
					return
				}
			}
			time.Sleep(time.Second)
		}
		notified <- time.Time{}
	}()
	watch(t, sim, 4)
	if at := <-notified; at.IsZero() || at.After(by) {
		t.Errorf("the notice that says %q comes at %s, want it by %s", phrase, at, by)
	}
}
