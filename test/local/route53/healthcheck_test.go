package route53

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAHealthChecksStatus(t *testing.T) {
	endpoint := func(id string, change func(*Check)) Check {
		check := httpCheck(id)
		if change != nil {
			change(&check)
		}
		return check
	}
	calculated := func(healthy int, change func(*Check)) Check {
		check := Check{ID: "sum", Kind: kindCalculated, Children: []string{"a", "b", "off"}, HealthyCount: healthy, Interval: time.Second}
		if change != nil {
			change(&check)
		}
		return check
	}
	inverted, disabled := func(c *Check) { c.Inverted = true }, func(c *Check) { c.Disabled = true }
	for name, test := range map[string]struct {
		of   Check
		down string // ids whose endpoints are lost
		want bool
	}{
		"a new one is healthy":              {endpoint("new", nil), "", true},
		"a new one that is inverted is not": {endpoint("new", inverted), "", false},
		"one whose endpoint is lost is not": {endpoint("new", nil), "new", false},
		"inverted it is":                    {endpoint("new", inverted), "new", true},
		"disabled it is":                    {endpoint("new", disabled), "new", true},
		"disabled and inverted it is not": {
			endpoint("new", func(c *Check) { c.Disabled, c.Inverted = true, true }), "", false,
		},
		"a calculated one with enough healthy children is healthy": {calculated(2, nil), "a", true},
		"one that is disabled counts as a healthy child":           {calculated(1, nil), "a b", true},
		"a calculated one with too few is not":                     {calculated(2, nil), "a b", false},
		"inverted that is healthy":                                 {calculated(2, inverted), "a b", true},
		"a calculated one that wants none is healthy":              {calculated(0, nil), "a b", true},
		"a calculated one that wants more than there are is not":   {calculated(4, nil), "", false},
	} {
		p, _ := newPlane(t, Snapshot{Checks: []Check{httpCheck("a"), httpCheck("b"), endpoint("off", disabled), test.of}})
		for _, id := range strings.Fields(test.down) {
			p.forceStatus(id, false)
		}
		if status, err := p.Status(test.of.ID); err != nil || status.Healthy != test.want {
			t.Errorf("%s: %+v, %v", name, status, err)
		}
	}
}

func TestAStatusNobodyKnowsIsAnError(t *testing.T) {
	alarm := Check{ID: "alarm", Kind: "CLOUDWATCH_METRIC", Interval: time.Second}
	sum := func(id, child string) Check {
		return Check{ID: id, Kind: kindCalculated, Children: []string{child}, Interval: time.Second}
	}
	p, logs := newPlane(t, Snapshot{Checks: []Check{alarm, sum("of-alarm", "alarm"), sum("of-none", "none"), sum("of-sum", "of-alarm")}})
	for id, want := range map[string]string{
		"alarm":    "type CLOUDWATCH_METRIC, which the local AWS emulator does not evaluate",
		"of-alarm": "type CLOUDWATCH_METRIC",
		"of-none":  "no such health check: none",
		"of-sum":   "is calculated itself",
		"none":     "no such health check: none",
	} {
		if _, err := p.Status(id); err == nil || !strings.Contains(err.Error(), want) ||
			errors.Is(err, ErrUnknown) != strings.HasSuffix(id, "none") {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	if got := len(p.Statuses()); got != 0 {
		t.Errorf("%d statuses are published", got)
	}
	if got := logs.String(); strings.Count(got, "health check alarm is of type CLOUDWATCH_METRIC") != 1 {
		t.Errorf("the log says %q", got)
	}
}

func TestChecksAreMadeOncePerInterval(t *testing.T) {
	fast, off := httpCheck("fast"), httpCheck("off")
	fast.Interval, off.Disabled = 10*time.Second, true
	c := newChecks()
	c.replace(
		[]Check{
			httpCheck("slow"), fast, off, {ID: "sum", Kind: kindCalculated, Interval: time.Second}, {ID: "tcp", Kind: "TCP", Interval: time.Second},
		},
		testTime,
	)
	made := map[string]int{}
	for at := testTime; at.Before(testTime.Add(time.Minute)); at = at.Add(time.Second) {
		for _, check := range c.due(at) {
			made[check.ID]++
			c.observe(check.ID, Observation{Healthy: true})
		}
	}
	if len(made) != 2 || made["slow"] != 2 || made["fast"] != 6 {
		t.Errorf("in a minute the checks are made %v, want slow twice and fast six times", made)
	}
}

// A loss is detected within threshold times interval and a return likewise.
func TestDetectionTime(t *testing.T) {
	const interval = 30 * time.Second
	for phase := time.Duration(0); phase < interval; phase += time.Second {
		c := newChecks()
		c.replace([]Check{httpCheck("check")}, testTime)
		lost := testTime.Add(2*interval + phase)
		back := lost.Add(10 * interval)
		var turns []time.Duration
		for at := testTime; len(turns) < 2; at = at.Add(time.Second) {
			for range c.due(at) {
				healthy := at.Before(lost) || !at.Before(back)
				if _, turned := c.observe("check", Observation{Healthy: healthy, Checked: at}); turned {
					since := map[bool]time.Time{false: lost, true: back}[healthy]
					turns = append(turns, at.Sub(since))
				}
			}
		}
		for _, took := range turns {
			if took < 2*interval || took > 3*interval {
				t.Errorf("with a loss in phase %s it turns after %v, want 60 to 90 s each", phase, turns)
			}
		}
	}
}

// A check that was updated keeps its status and counts anew.
func TestUpdatedCheck(t *testing.T) {
	c := newChecks()
	check := httpCheck("check")
	c.replace([]Check{check}, testTime)
	bad := func(times int) (healthy bool) {
		for range times {
			healthy, _ = c.observe("check", Observation{})
		}
		return healthy
	}
	bad(2)
	check.Version, check.Path = 2, "/other"
	c.replace([]Check{check}, testTime)
	if !bad(2) || bad(1) {
		t.Error("after an update it does not take the threshold's three bad results")
	}
	check.Version = 3
	c.replace([]Check{check}, testTime)
	if status, err := c.status("check"); err != nil || status.Healthy {
		t.Errorf("after an update the status is %+v, %v, want that it stays", status, err)
	}
	c.replace(nil, testTime)
	if healthy, turned := c.observe("check", Observation{}); healthy || turned {
		t.Error("a check that was deleted while it was made has a result")
	}
	c.replace([]Check{check}, testTime)
	if status, err := c.status("check"); err != nil || !status.Healthy || status.Last != nil {
		t.Errorf("one that is made again is %+v, %v, want a new one", status, err)
	}
}

func TestTheLastFailureOutlivesLaterSuccesses(t *testing.T) {
	c := newChecks()
	c.replace([]Check{httpCheck("check")}, testTime)
	c.observe("check", Observation{Status: "Failure"})
	c.observe("check", Observation{Healthy: true, Status: "Success"})
	if status, err := c.status("check"); err != nil || status.Last.Status != "Success" || status.LastFailure.Status != "Failure" ||
		status.Checkers != 1 {
		t.Errorf("the status is %+v, %v", status, err)
	}
}
