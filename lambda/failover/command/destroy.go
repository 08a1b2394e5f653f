package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/pair"
)

// tryPrimaryMode sets the mode's copy in the primary region.
func (p Platform) tryPrimaryMode(ctx context.Context, mode decision.Mode) error {
	return pair.Try(ctx, slog.New(slog.DiscardHandler), "setting the mode", func(ctx context.Context) error {
		return p.PrimaryMode.SetMode(ctx, mode)
	})
}

// screen is the Board of a global database whose topics may be gone: whoever runs the command reads along.
type screen struct{ *session }

func (s screen) Announce(_ context.Context, n notice.Notice) error {
	s.say("%s", n.Subject)
	return nil
}

// ruins is what is to be destroyed.
type ruins struct {
	databases     Detacher
	primary       Clusters
	primaryRegion string
	store         journal.Store
	mover         move.Mover
}

// prepareDestroy makes the primary region the writer: the stacks are destroyed in the reverse of the order in which they were
// made, so the standby's cluster first, and RDS deletes no writer that others follow. Where the primary's cluster is gone,
// the global database is taken apart, the writer last (Amazon RDS API Reference, RemoveFromGlobalCluster).
func prepareDestroy(ctx context.Context, s *session) Answer {
	r, failed := s.ruins(ctx)
	if failed != nil {
		return *failed
	}
	global, err := r.databases.Global(ctx)
	writer, known := global.Writer()
	switch {
	case errors.Is(err, aurora.ErrNotFound), err == nil && len(global.Members) == 0:
		return Answer{Says: "There is no global database with members: nothing to do."}
	case err != nil:
		return Answer{ExitCode: Unknown, Says: "RDS in " + s.region + " does not say where the writer is: " + err.Error()}
	case !known:
		return Answer{ExitCode: Unknown, Says: "RDS names no writer: the database is " + global.Status + ".", Next: []string{"When it is available: " + s.command(invocation.PrepareDestroy)}}
	case writer.Region() == r.primaryRegion && !global.Moving:
		return already(r.primaryRegion)
	}
	home, member := global.In(r.primaryRegion)
	if member {
		if _, err := r.primary.Cluster(ctx, home.Identifier()); errors.Is(err, aurora.ErrNotFound) {
			member = false
		} else if err != nil {
			return Answer{ExitCode: Unknown, Says: "Whether the primary region's cluster is there is not known, so nothing was done: " + err.Error()}
		}
	}
	if !member {
		return s.detach(ctx, r, global)
	}
	answer := s.carry(ctx, r.store, r.mover, back(home.ARN, r.primaryRegion, writer.Region()), true)
	if answer.ExitCode != OK {
		answer.Says += " Do NOT destroy the stacks: the cluster of " + writer.Region() + " would stay, and cost."
	}
	return answer
}

// ruins finds what is to be destroyed by the configuration, or by the flags where that is gone already.
func (s *session) ruins(ctx context.Context) (ruins, *Answer) {
	parameter, err := s.parameter()
	if err != nil {
		return ruins{}, &Answer{ExitCode: Usage, Says: err.Error()}
	}
	p, err := s.connector.Connect(ctx, s.region, parameter)
	switch {
	case err == nil:
		return ruins{p.Databases, p.Primary, p.Config.PrimaryRegion, p.Store, p.Mover}, nil
	case !errors.Is(err, ErrNotDeployed):
		return ruins{}, &Answer{ExitCode: Unknown, Says: "Environment " + s.environment + " is not reached in " + s.region + ": " + err.Error()}
	case s.globalCluster == "":
		return ruins{}, &Answer{ExitCode: Usage, Says: "The controller's configuration is gone: name the global database with --global-cluster.", Next: s.byDestroy()}
	}
	standby, primary, err := s.connector.Databases(ctx, s.region, s.globalCluster, s.primaryRegion)
	if err != nil {
		return ruins{}, &Answer{ExitCode: Unknown, Says: err.Error()}
	}
	mover := move.Mover{Database: standby, Board: screen{s}, Log: slog.New(slog.DiscardHandler)}
	return ruins{standby, primary, s.primaryRegion, &journal.Memory{}, mover}, nil
}

// byDestroy names make's destroy, which reads from its stacks what the global database is called.
func (s *session) byDestroy() []string {
	if destroy := s.form.MakeTarget("destroy"); destroy != "" {
		return []string{"It is named by the stacks themselves, when they are destroyed: " + destroy}
	}
	return nil
}

// detach takes every member out of the global database, the writer last, and looks until RDS has done so.
func (s *session) detach(ctx context.Context, r ruins, global aurora.Global) Answer {
	order := make([]aurora.Member, 0, len(global.Members))
	for _, member := range global.Members {
		if !member.Writer {
			order = append(order, member)
		}
	}
	writer, _ := global.Writer()
	for _, member := range append(order, writer) {
		s.say("detaching %s", member.ARN)
		if err := s.detached(ctx, r.databases, member.ARN); err != nil {
			return Answer{ExitCode: Failed, Says: fmt.Sprintf("%s is not detached: %v. Do NOT destroy the stacks: its cluster would stay, and cost.", member.ARN, err)}
		}
	}
	return Answer{Says: "The cluster of " + r.primaryRegion + " is gone. All others are detached from the global database and can be destroyed each by itself."}
}

// detached asks RDS to let a member go, and returns when it has.
func (s *session) detached(ctx context.Context, databases Detacher, arn string) error {
	refused := databases.Detach(ctx, arn)
	for {
		global, err := databases.Global(ctx)
		if _, member := global.Member(arn); errors.Is(err, aurora.ErrNotFound) || err == nil && !member {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(refused, err, ctx.Err())
		case <-time.After(againEvery):
		}
		if refused != nil {
			refused = databases.Detach(ctx, arn)
		}
	}
}
