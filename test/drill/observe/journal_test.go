package observe

import (
	"context"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/drill/evidence"
)

// journalOf is a journal with one decision.
type journalOf journal.Decision

func (j journalOf) Load(context.Context) (journal.State, error) {
	return journal.State{Decision: journal.Decision(j)}, nil
}

func TestRPOAdvice(t *testing.T) {
	const names = "The standby lags by more than rds.global_db_rpo allows."
	began := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		action  decision.Action
		reasons []string
		want    string
	}{
		{"an advice that names the parameter in a later reason", decision.Advise, []string{"Writes fail.", names}, evidence.Yes},
		{"an advice that does not", decision.Advise, []string{"Replication has stopped."}, "no"},
		{"a move that names it is no advice", decision.Failover, []string{names}, "no"},
		{"no decision but that all is well", decision.None, []string{"All is well."}, "no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &Watch{
				Log: evidence.NewLog(evidence.Evidence{}), Since: began,
				Journal: journalOf{At: began.Add(time.Minute), Action: test.action, Reasons: test.reasons},
			}
			w.observeJournal(t.Context())
			seen := w.Log.Copy()
			if !seen.Currently(evidence.RPOAdvice, test.want) {
				t.Errorf("noted %+v, want %q", seen.Observations[evidence.RPOAdvice], test.want)
			}
		})
	}
}
