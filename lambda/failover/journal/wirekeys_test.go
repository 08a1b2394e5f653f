package journal_test

import (
	"encoding/json"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
)

// The state of a deployed controller is in DynamoDB under these keys: a renamed key would forget a move in progress, or notify the
// operators of every concern again.
func TestWireKeys(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	move := &journal.Move{
		Action: "failover", Target: "arn", To: "us-west-2", From: "us-east-1", By: journal.Controller, LossSince: at,
		Reasons: []string{"r"}, Phase: journal.Intent, Begun: at, Asked: at, Requested: at, Ended: at, Refusal: "no",
	}
	state := journal.State{
		Version: 7, Lease: journal.Lease{Owner: "run", Until: at}, FailingSince: at, Failures: 3, LastProbe: "status 503",
		Move: move, Last: move, LastMove: at,
		Decision: journal.Decision{At: at, Action: "advise", Recommended: "failover", Reasons: []string{"r"}},
		Notified: map[string]time.Time{"replication has stopped": at}, Writer: "us-east-1", ProbeDocument: at,
		Cause: decision.CauseReplicationWait, DatabaseAnswered: at, RoutingUnknownSince: at, RoutedAway: at, RoutedAwaySince: at,
		Minutes: []journal.Minute{{At: at, Probes: 3, Failed: 1, Slow: 1}},
	}
	const (
		now      = `"2026-03-01T12:00:00Z"`
		moveJSON = `{"action":"failover","target":"arn","to":"us-west-2","from":"us-east-1","by":"controller","loss":` + now + `,` +
			`"reasons":["r"],"phase":"intent","begun":` + now + `,"asked":` + now + `,"requested":` + now + `,"ended":` + now + `,"refusal":"no"}`
		wantState = `{"lease":{"owner":"run","until":` + now + `},"failingSince":` + now + `,"failures":3,"lastProbe":"status 503",` +
			`"cause":"replication-wait","databaseAnswered":` + now + `,` +
			`"minutes":[{"at":` + now + `,"probes":3,"failed":1,"slow":1}],` +
			`"routingUnknownSince":` + now + `,"routedAway":` + now + `,"routedAwaySince":` + now + `,` +
			`"move":` + moveJSON + `,"last":` + moveJSON + `,"lastMove":` + now + `,` +
			`"decision":{"at":` + now + `,"action":"advise","would":"failover","reasons":["r"]},` +
			`"told":{"replication has stopped":` + now + `},"writer":"us-east-1","probeDocument":` + now + `}`
	)
	t.Run("the state is encoded under the keys that are deployed", func(t *testing.T) {
		got, err := json.Marshal(state)
		if err != nil || string(got) != wantState {
			t.Errorf("the state is encoded as\n%s (%v), want\n%s", got, err, wantState)
		}
	})
}
