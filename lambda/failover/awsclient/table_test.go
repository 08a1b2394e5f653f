package awsclient

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/readiness"
)

// fakeItems is a table of DynamoDB that knows the three conditions in use and no other.
type fakeItems struct {
	items map[string]attributes
	// repeats makes each write be made twice, as by a client that did not hear the first answer.
	repeats bool
	err     error
}

func (f *fakeItems) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if !aws.ToBool(in.ConsistentRead) {
		return nil, errors.New("a read that may be old")
	}
	return &dynamodb.GetItemOutput{Item: maps.Clone(f.items[stringValue(in.Key[idAttribute])])}, f.err
}

func (f *fakeItems) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	times := 1
	if f.repeats {
		times = 2
	}
	var err error
	for range times {
		err = f.put(in)
	}
	return &dynamodb.PutItemOutput{}, err
}

func (f *fakeItems) put(in *dynamodb.PutItemInput) error {
	id := stringValue(in.Item[idAttribute])
	old, exists := f.items[id]
	var holds bool
	switch condition := aws.ToString(in.ConditionExpression); condition {
	case "":
		holds = true
	case "attribute_not_exists(id)":
		holds = !exists
	case "version = :read":
		holds = exists && numberValue(old[versionAttribute]) == numberValue(in.ExpressionAttributeValues[":read"])
	case "attribute_not_exists(id) OR #at < :at":
		holds = !exists || numberValue(old[in.ExpressionAttributeNames["#at"]]) < numberValue(in.ExpressionAttributeValues[":at"])
	default:
		return errors.New("the condition " + condition)
	}
	if holds {
		f.items[id] = in.Item
		return nil
	}
	failed := &types.ConditionalCheckFailedException{}
	if in.ReturnValuesOnConditionCheckFailure == types.ReturnValuesOnConditionCheckFailureAllOld {
		failed.Item = old
	}
	return failed
}

func newTable() (*fakeItems, Table) {
	f := &fakeItems{items: map[string]attributes{}}
	return f, Table{"failover", f}
}

func TestTableState(t *testing.T) {
	t.Run("the state is read as it was written", func(t *testing.T) {
		_, table := newTable()
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		want := journal.State{
			Lease:        journal.Lease{Owner: "run", Until: at},
			FailingSince: at,
			Failures:     3,
			LastProbe:    "a time-out",
			LastMove:     at,
			Writer:       "us-west-2",
			Move:         &journal.Move{Action: "failover", Phase: journal.Requested, Begun: at, Requested: at, Reasons: []string{"writes fail"}},
			Notified: map[string]time.Time{
				"writes fail": at,
			},
			Decision:      journal.Decision{At: at, Action: "advise", Recommended: "failover", Reasons: []string{"paused"}},
			ProbeDocument: at,
		}
		if empty, err := table.Load(t.Context()); err != nil || !reflect.DeepEqual(empty, journal.State{}) {
			t.Fatalf("an empty table has the state %+v (%v)", empty, err)
		}
		version, err := table.Save(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		want.Version = version
		if got, err := table.Load(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("it is read as\n%+v (%v), want\n%+v", got, err, want)
		}
	})
}

func TestTableConflict(t *testing.T) {
	t.Run("only the newest state is replaced", func(t *testing.T) {
		_, table := newTable()
		first, err := table.Save(t.Context(), journal.State{Writer: "us-east-1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Save(t.Context(), journal.State{Writer: "other"}); !errors.Is(err, journal.ErrConflict) {
			t.Errorf("a second first state is written: %v", err)
		}
		if _, err := table.Save(t.Context(), journal.State{Version: first, Writer: "us-west-2"}); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Save(t.Context(), journal.State{Version: first, Writer: "other"}); !errors.Is(err, journal.ErrConflict) {
			t.Errorf("an old state is replaced: %v", err)
		}
		if got, err := table.Load(t.Context()); err != nil || got.Writer != "us-west-2" || got.Version != 2 {
			t.Errorf("the state is %+v (%v)", got, err)
		}
	})
}

func TestTableRetry(t *testing.T) {
	t.Run("a write that is repeated is no conflict", func(t *testing.T) {
		items, table := newTable()
		items.repeats = true
		version, err := table.Save(t.Context(), journal.State{})
		if err == nil {
			version, err = table.Save(t.Context(), journal.State{Version: version})
		}
		if err != nil || version != 2 {
			t.Errorf("version %d: %v", version, err)
		}
		items.repeats, items.err = false, errors.New("throttled")
		if _, err := table.Save(t.Context(), journal.State{Version: version}); err == nil || errors.Is(err, journal.ErrConflict) {
			t.Errorf("a write that fails: %v", err)
		}
		items.err = nil
		items.items[stateItem][documentAttribute] = stringAttribute("{")
		if _, err := table.Load(t.Context()); err == nil {
			t.Error("a state that is spoiled is read")
		}
	})
}

func TestTableHeartbeat(t *testing.T) {
	t.Run("the newest heartbeat is kept", func(t *testing.T) {
		_, table := newTable()
		if _, known, err := table.Heartbeat(t.Context()); known || err != nil {
			t.Fatalf("an empty table has a heartbeat (%v)", err)
		}
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		for _, sent := range []time.Time{at, at.Add(time.Minute), at.Add(-time.Hour)} {
			if err := table.SaveHeartbeat(t.Context(), sent); err != nil {
				t.Fatal(err)
			}
		}
		if got, known, err := table.Heartbeat(t.Context()); !known || err != nil || !got.Equal(at.Add(time.Minute)) {
			t.Errorf("the last heartbeat is of %s (%v), want the youngest", got, err)
		}
	})
}

func TestTableReport(t *testing.T) {
	t.Run("the report is read as it was written", func(t *testing.T) {
		_, table := newTable()
		want := readiness.Report{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Checks: []readiness.Check{{Name: "alarms", Detail: "missing"}}}
		if err := table.SaveReport(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := table.LoadReport(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("it is read as %+v (%v)", got, err)
		}
	})
}
