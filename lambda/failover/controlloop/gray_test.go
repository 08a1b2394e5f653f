package controlloop_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/failovertest"
)

func TestGrayFailure(t *testing.T) {
	const partly = "advice: the primary region fails in part"
	random := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		name    string
		gray    func(probe int) (bool, time.Duration)
		minutes int
		notices []string
		body    string
	}{
		{
			"a third of the probes fails",
			func(probe int) (bool, time.Duration) { return probe%3 == 0, 0 },
			60,
			[]string{partly},
			"a probe failed or all were slow",
		},
		{
			"a tenth of the probes fails",
			func(int) (bool, time.Duration) { return random.IntN(10) == 0, 0 },
			60,
			[]string{partly},
			"failed and 0 took more than 1s",
		},
		{"all are slow", func(int) (bool, time.Duration) { return false, 1200 * time.Millisecond }, 60, []string{partly}, "took more than 1s"},
		{"one of a hundred fails", func(probe int) (bool, time.Duration) { return probe%100 == 0, 0 }, 24 * 60, []string{}, ""},
		{"one of each minute is slow", func(probe int) (bool, time.Duration) {
			if probe%3 == 0 {
				return false, 1500 * time.Millisecond
			}
			return false, 0
		}, 24 * 60, []string{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				watch(t, sim, 2)
				sim.Gray = test.gray
				watch(t, sim, test.minutes)
				checkSubjects(t, sim, test.notices...)
				for _, n := range sim.Notices() {
					if strings.HasSuffix(n.Subject, partly) && !strings.Contains(n.Body, test.body) {
						t.Errorf("the notice does not say %q:\n%s", test.body, n.Body)
					}
				}
				sim.Gray = nil
				watch(t, sim, 40)
				if all := subjects(sim); len(all) > 0 && all[len(all)-1] != "all is well again" {
					t.Errorf("the notices are %q, want that it has passed", all)
				}
				checkMoves(t, sim, failovertest.East)
			})
		})
	}
	t.Run("a region that is gone for seconds, six times in two minutes, is no gray failure", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			for i := range 6 {
				time.AfterFunc(time.Duration(i)*20*time.Second, sim.LoseRegion)
				time.AfterFunc(time.Duration(i)*20*time.Second+5*time.Second, sim.Heal)
			}
			watch(t, sim, 60)
			checkSubjects(t, sim)
			checkMoves(t, sim, failovertest.East)
		})
	})
}
