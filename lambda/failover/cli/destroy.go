package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/dualregion"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/shared/contract/controller"
)

// tryPrimaryMode sets the copy of the mode in the primary region.
func (p Platform) tryPrimaryMode(ctx context.Context, mode controller.Mode) error {
	return dualregion.TryPrimary(ctx, slog.New(slog.DiscardHandler), "setting the mode", func(ctx context.Context) error {
		return p.PrimaryMode.SetMode(ctx, mode)
	})
}

// consoleNotifier is the Notifier of a global database whose topics may be deleted: it prints for the operator.
type consoleNotifier struct{ *session }

// Notify implements notice.Notifier.
func (s consoleNotifier) Notify(_ context.Context, n notice.Notice) error {
	s.progress("%s", n.Subject)
	return nil
}

// teardown holds what prepareDestroy needs.
type teardown struct {
	databases     Detacher
	primary       Clusters
	primaryRegion string
	store         journal.Store
	mover         move.Mover
}

// prepareDestroy makes the primary region the writer. The stacks are destroyed in reverse order, so the standby's cluster goes
// first, and RDS deletes no writer that has secondaries. If the primary's cluster is already deleted, all members are detached,
// the writer last (Amazon RDS API Reference, RemoveFromGlobalCluster).
//
// A restored cluster is removed: it holds on to the subnet group and the key, without which the stacks are not destroyed.
func prepareDestroy(ctx context.Context, s *session) Result {
	r, failed := s.findTeardown(ctx)
	if failed != nil {
		return *failed
	}
	switch result := s.removeRestored(ctx, r.primaryRegion); result.ExitCode {
	case OK:
	case Unknown: // a region that is lost keeps what it has, and the other region's stacks can be destroyed
		s.progress("%s", result.Message)
	default:
		result.Message += " Do NOT destroy the stacks: a restored DB cluster would stay, and cost."
		return result
	}
	global, err := r.databases.Global(ctx)
	writer, known := global.Writer()
	switch {
	case errors.Is(err, globaldb.ErrNotFound), err == nil && len(global.Members) == 0:
		return Result{Message: "There is no global database with members: nothing to do."}
	case err != nil:
		return Result{ExitCode: Unknown, Message: "RDS in " + s.region + " does not say where the writer is: " + err.Error()}
	case !known:
		return Result{
			ExitCode: Unknown,
			Message:  "RDS names no writer: the database is " + global.Status + ".",
			Next:     []string{"When it is available: " + s.commandLine(invocation.PrepareDestroy)},
		}
	case writer.Region() == r.primaryRegion && !global.Moving:
		return writerAlreadyIn(r.primaryRegion)
	}
	primary, member := global.MemberIn(r.primaryRegion)
	if member {
		if _, err := r.primary.Cluster(ctx, primary.Identifier()); errors.Is(err, globaldb.ErrNotFound) {
			member = false
		} else if err != nil {
			return Result{
				ExitCode: Unknown,
				Message:  "Whether the primary region's cluster is there is not known, so nothing was done: " + err.Error(),
			}
		}
	}
	if !member {
		return s.detachAll(ctx, r, global)
	}
	result := s.executeMove(ctx, r.store, r.mover, switchBack(primary.ARN, r.primaryRegion, writer.Region()), true)
	if result.ExitCode != OK {
		result.Message += " Do NOT destroy the stacks: the cluster of " + writer.Region() + " would stay, and cost."
	}
	return result
}

// findTeardown returns the clients from the configuration, or from the flags if the configuration is already deleted.
func (s *session) findTeardown(ctx context.Context) (teardown, *Result) {
	parameter, err := s.parameter()
	if err != nil {
		return teardown{}, &Result{ExitCode: Usage, Message: err.Error()}
	}
	p, err := s.connector.Connect(ctx, s.region, parameter)
	switch {
	case err == nil:
		return teardown{p.Databases, p.Primary, p.Config.PrimaryRegion, p.Store, p.Mover}, nil
	case !errors.Is(err, ErrNotDeployed):
		return teardown{}, &Result{
			ExitCode: Unknown,
			Message:  "Environment " + s.environment + " is not reached in " + s.region + ": " + err.Error(),
		}
	case s.globalCluster == "":
		return teardown{}, &Result{
			ExitCode: Usage,
			Message:  "The controller's configuration is gone: name the global database with --global-cluster.",
			Next:     s.destroyHint(),
		}
	}
	standby, primary, err := s.connector.Databases(ctx, s.region, s.globalCluster, s.primaryRegion)
	if err != nil {
		return teardown{}, &Result{ExitCode: Unknown, Message: err.Error()}
	}
	mover := move.Mover{Database: standby, Notifier: consoleNotifier{s}, Log: slog.New(slog.DiscardHandler)}
	return teardown{standby, primary, s.primaryRegion, &journal.MemoryStore{}, mover}, nil
}

// destroyHint recommends make destroy, which reads the global database's name from the stacks.
func (s *session) destroyHint() []string {
	if destroy := s.form.MakeTarget("destroy"); destroy != "" {
		return []string{"It is named by the stacks themselves, when they are destroyed: " + destroy}
	}
	return nil
}

// detachAll detaches every member from the global database, the writer last, and waits until RDS has done so.
func (s *session) detachAll(ctx context.Context, r teardown, global globaldb.Global) Result {
	order := make([]globaldb.Member, 0, len(global.Members))
	for _, member := range global.Members {
		if !member.Writer {
			order = append(order, member)
		}
	}
	writer, _ := global.Writer()
	for _, member := range append(order, writer) {
		s.progress("detaching %s", member.ARN)
		if err := s.detachMember(ctx, r.databases, member.ARN); err != nil {
			return Result{
				ExitCode: Failed,
				Message:  fmt.Sprintf("%s is not detached: %v. Do NOT destroy the stacks: its cluster would stay, and cost.", member.ARN, err),
			}
		}
	}
	return Result{
		Message: "The cluster of " + r.primaryRegion + " is gone. " +
			"All others are detached from the global database and can be destroyed each by itself.",
	}
}

// detachMember detaches a member and waits until RDS no longer lists it.
func (s *session) detachMember(ctx context.Context, databases Detacher, arn string) error {
	refused := databases.Detach(ctx, arn)
	for {
		global, err := databases.Global(ctx)
		if _, member := global.Member(arn); errors.Is(err, globaldb.ErrNotFound) || err == nil && !member {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(refused, err, ctx.Err())
		case <-time.After(retryInterval):
		}
		if refused != nil {
			refused = databases.Detach(ctx, arn)
		}
	}
}
