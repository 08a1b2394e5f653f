// Package audit logs what crosses the failover controller's boundary: changes of the journal that its table has confirmed,
// requests to RDS and their answers, and notices that were accepted. Package spec reads these lines.
package audit

import (
	"context"
	"errors"
	"log/slog"
	"maps"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/spec"
)

// Database returns a database that logs each request to move the writer, and its answer.
func Database(database move.Database, log *slog.Logger) move.Database {
	return auditedDatabase{database, log}
}

type auditedDatabase struct {
	move.Database
	log *slog.Logger
}

// Move implements move.Database.
func (d auditedDatabase) Move(ctx context.Context, action decision.Action, target string) error {
	d.log.Info(string(spec.Requested), "action", action, "target", target)
	err := d.Database.Move(ctx, action, target)
	outcome := spec.Accepted
	var refusal globaldb.Refusal
	switch {
	case errors.As(err, &refusal):
		outcome = spec.Refused
	case err != nil:
		outcome = spec.Unanswered
	}
	d.log.Info(string(spec.Answered), "action", action, "target", target, "outcome", outcome)
	return err
}

// Topic returns a topic that logs each notice that it has accepted.
func Topic(topic notice.Topic, log *slog.Logger) notice.Topic { return auditedTopic{topic, log} }

type auditedTopic struct {
	notice.Topic
	log *slog.Logger
}

// Publish implements notice.Topic.
func (t auditedTopic) Publish(ctx context.Context, n notice.Notice) error {
	err := t.Topic.Publish(ctx, n)
	if err == nil {
		t.log.Info(string(spec.Notified), "subject", n.Subject, "body", n.Body)
	}
	return err
}

// Store returns a store that logs each confirmed change: the move in progress and the notified concerns.
func Store(store journal.Store, log *slog.Logger) journal.Store { return auditedStore{store, log} }

type auditedStore struct {
	journal.Store
	log *slog.Logger
}

// Save implements journal.Store.
func (s auditedStore) Save(ctx context.Context, state journal.State) (int64, error) {
	version, err := s.Store.Save(ctx, state)
	if err != nil {
		return version, err
	}
	var m journal.Move
	if state.Move != nil {
		m = *state.Move
	}
	s.log.Info(string(spec.Saved), "version", version, "action", m.Action, "phase", string(m.Phase), "target", m.Target, "by", m.By,
		"loss", m.LossSince, "begun", m.Begun, "concerns", maps.Clone(state.Notified))
	return version, nil
}
