package evidence

import (
	"slices"
	"time"
)

// ConcurrencyAlarm is the alarm on the executions at once that are in use, by the purpose in its name.
const ConcurrencyAlarm = "concurrency"

// Flood is a load beyond what Lambda grants, on the standby region's load balancer, and what was noticed of it. It has counts alone: its
// requests are thousands.
type Flood struct {
	// Granted is how many executions at once Lambda grants the account in the region, Threshold at how many the alarm rings.
	Granted   int       `json:"granted"`
	Threshold float64   `json:"alarmThreshold"`
	Began     time.Time `json:"began"`
	Ended     time.Time `json:"ended"`
	// Sent counts the requests, Answered those that the application answered, Refused those that the load balancer did because Lambda had
	// no execution for them, Unanswered those without an answer. Withheld were not sent, because as many were in flight as may be.
	Sent       int `json:"sent"`
	Answered   int `json:"answered"`
	Refused    int `json:"refused"`
	Unanswered int `json:"unanswered"`
	Withheld   int `json:"withheld"`
	// Notices are what the operators of the region were sent of the alarm.
	Notices []Notice `json:"notices,omitempty"`
	// Throttled counts the invocations of the controller that Lambda refused and tried again, by its metric; nil if nobody could say.
	Throttled *int `json:"controllerThrottled,omitempty"`
}

// Noticed returns when the operators were first notified since a moment that the alarm rings; ok is false if they were not.
func (f *Flood) Noticed(since time.Time) (at time.Time, ok bool) {
	if f == nil {
		return time.Time{}, false
	}
	i := slices.IndexFunc(f.Notices, func(n Notice) bool { return n.State == AlarmRinging && n.At.After(since) })
	if i < 0 {
		return time.Time{}, false
	}
	return f.Notices[i].At, true
}

// UpdateFlood changes what is known of the flood.
func (l *Log) UpdateFlood(change func(*Flood)) {
	l.Update(func(e *Evidence) {
		if e.Flood == nil {
			e.Flood = &Flood{}
		}
		change(e.Flood)
	})
}
