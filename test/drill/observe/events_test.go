package observe

import (
	"fmt"
	"slices"
	"testing"
)

func event(kind, record string) []byte {
	return fmt.Appendf(nil, `{"detail-type":%q,"detail":{"recordId":%q,"version":1}}`, kind, record)
}

func TestTally(t *testing.T) {
	t.Run("events are compared with the stored records", func(t *testing.T) {
		q := &Queue{received: map[string]map[string]int{}}
		for _, message := range []struct{ body, id string }{
			{string(event(recordCreated, "kept")), "m1"},
			{string(event(recordCreated, "kept")), "m1"}, // SQS delivered the same message twice
			{string(event(recordCreated, "twice")), "m2"},
			{string(event(recordCreated, "twice")), "m3"},
			{string(event(recordCreated, "gone")), "m4"},
			{string(event(recordCreated, "of somebody else")), "m5"},
			{string(event("RecordUpdated", "silent")), "m6"},
			{`{"detail-type":`, "m7"},
		} {
			q.record([]byte(message.body), message.id)
		}
		stored := map[string]bool{"kept": true, "twice": true, "silent": true}
		acknowledged := map[string]bool{"kept": true, "twice": true, "gone": true}
		count := q.Tally(stored, acknowledged)
		if !count.Counted || !slices.Equal(count.Lost, []string{"silent"}) || count.Arrived != 3 || count.Doubled != 1 || count.Orphans != 1 {
			t.Errorf("counted %+v, want silent lost, 3 arrived, 1 doubled and 1 of a row that is gone", count)
		}
	})
}
