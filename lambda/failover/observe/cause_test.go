package observe

import (
	"slices"
	"testing"

	"warmstandby/lambda/failover/decision"
)

// FuzzWriteFailure: whatever stands before the application sends, the cause is one of those that are known.
func FuzzWriteFailure(f *testing.F) {
	for _, seed := range []string{
		`{"type":"urn:warmstandby:problem:unavailable","reason":"replication-wait"}`, `{"region":"us-east-1"}`, `{"reason":1}`, "", "null", "[]",
	} {
		f.Add([]byte(seed))
	}
	known := []decision.WriteFailure{
		decision.CauseUnreachable, decision.CauseReplicationWait, decision.CauseReadOnly, decision.CauseNoConnectionSlots,
		decision.CauseDatabaseUnreachable, decision.CauseUnknown,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got := writeFailure(body); !slices.Contains(known, got) {
			t.Errorf("%q has the cause %q", body, got)
		}
	})
}
