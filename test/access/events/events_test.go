package events

import (
	"fmt"
	"maps"
	"testing"
)

func event(kind, record string) []byte {
	return fmt.Appendf(nil, `{"detail-type":%q,"detail":{"recordId":%q,"version":1}}`, kind, record)
}

func TestReceived(t *testing.T) {
	q := &Queue{received: map[key]map[string]int{}}
	for _, message := range []struct{ body, id string }{
		{string(event(RecordCreated, "kept")), "m1"},
		{string(event(RecordCreated, "kept")), "m1"}, // SQS delivered the same message twice
		{string(event(RecordCreated, "twice")), "m2"},
		{string(event(RecordCreated, "twice")), "m3"},
		{string(event("RecordUpdated", "silent")), "m6"},
		{string(event(RecordDeleted, "twice")), "m8"},
		{`{"detail-type":`, "m7"},
		{`{"detail-type":"RecordCreated"}`, "m9"},
	} {
		q.record([]byte(message.body), message.id)
	}
	if got, want := q.Received(RecordCreated), map[string]int{"kept": 1, "twice": 2}; !maps.Equal(got, want) {
		t.Errorf("created are %v, want %v", got, want)
	}
	if got, want := q.Received(RecordDeleted), map[string]int{"twice": 1}; !maps.Equal(got, want) {
		t.Errorf("deleted are %v, want %v", got, want)
	}
}
