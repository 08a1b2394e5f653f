package report

import (
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
)

// The page of a flood says what Lambda refused, the controller's runs among it, and when the operators and the controller were aware.
func TestPageOfFlood(t *testing.T) {
	d := lost(start)
	d.Scenario = "flood"
	d = again(t, d, func(e *evidence.Evidence) {
		e.Flood = &evidence.Flood{
			Granted: 10, Threshold: 8, Began: after(61), Sent: 3000, Refused: 400, Throttled: new(0),
			Notices: []evidence.Notice{{At: after(170), Alarm: evidence.ConcurrencyAlarm, State: evidence.AlarmRinging}},
		}
	})
	page := html(t, d, nil)
	for _, want := range []string{
		"Of 3000 requests Lambda had no execution for 400. It refused 0 invocations of the controller",
		"The operators were notified 110.0 s after the fault",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if d = lost(start.Add(time.Hour)); strings.Contains(html(t, d, nil), "<h2>Flood</h2>") {
		t.Error("the page of another scenario has a flood")
	}
}
