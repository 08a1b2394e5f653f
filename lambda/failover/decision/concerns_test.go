package decision

import (
	"slices"
	"testing"
	"time"

	"warmstandby/shared/contract/controller"
)

func TestConcerns(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Evidence)
		want   []Concern
	}{
		{"a healthy platform has none", func(*Evidence) {}, nil},
		{"a blip is none", func(e *Evidence) { failing(e, 30*time.Second) }, nil},
		{
			name:   "a lost region is of all that it took with it",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute) },
			want:   []Concern{WritesLost, HeartbeatLost, ReplicationLost},
		},
		{"what is not known is a concern", func(e *Evidence) {
			e.Writes, e.Heartbeat, e.Replication, e.Standby = Writes{}, Heartbeat{}, Replication{}, Standby{}
		}, []Concern{WritesUnknown, HeartbeatUnknown, ReplicationUnknown, StandbyUnknown}},
		{"an unhealthy standby", func(e *Evidence) { e.Standby.Faults = []string{"no instance"} }, []Concern{StandbyUnhealthy}},
		{"a paused controller", func(e *Evidence) { e.Mode = controller.Advisory }, []Concern{NotAutomatic}},
		{
			name:   "a writer that is not known hides the rest",
			change: func(e *Evidence) { regionLost(e, time.Hour); e.Database.Known = false },
			want:   []Concern{WriterUnknown},
		},
		{"a writer in the standby region leaves none", func(e *Evidence) { regionLost(e, time.Hour); e.Database.WriterInStandby = true }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := healthy()
			test.change(&e)
			if got := e.Concerns(); !slices.Equal(got, test.want) {
				t.Errorf("the concerns are %q, want %q", got, test.want)
			}
		})
	}
}

// Operators are notified of concerns: advice without a concern would not reach them.
func TestAdviceHasConcern(t *testing.T) {
	t.Run("advice never comes without a concern", func(t *testing.T) {
		everyEvidence(func(names []string, e Evidence) {
			if got := Decide(e); got.Action == Advise && len(e.Concerns()) == 0 && e.LastMove.IsZero() {
				t.Errorf("%v is advised (%q) without a concern", names, got.Reasons)
			}
		})
	})
}
