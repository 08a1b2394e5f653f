package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/naming"
)

// restoreCluster makes a cluster with the data of an earlier time beside the writer's, or removes it.
func restoreCluster(ctx context.Context, s *session) Result {
	if chosen := map[bool]int{true: 1}; chosen[s.at != ""]+chosen[s.remove]+chosen[s.documents]+chosen[s.promote] != 1 {
		return Result{
			ExitCode: Usage,
			Message: "A restore needs a time, --at 2026-03-01T12:02:00Z or --at latest (for make AT=…), --documents (DOCUMENTS=yes), " +
				"--promote (PROMOTE=yes), or --remove (REMOVE=yes).",
		}
	}
	if s.promote && !s.allowDataLoss {
		return Result{
			ExitCode: Usage,
			Message: "A promotion gives up what was written since the restored cluster's time. To accept that: " +
				s.commandLine(invocation.Restore, invocation.Promote, invocation.AllowDataLoss) + ".",
		}
	}
	var at time.Time
	if s.at != "" {
		var err error
		if at, err = restore.ParseTime(s.at); err != nil {
			return Result{ExitCode: Usage, Message: err.Error()}
		}
	}
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	if s.promote {
		return s.promoteRestored(ctx, p)
	}
	if s.remove {
		return s.removeRestored(ctx, p.Config.PrimaryRegion)
	}
	global, err := p.Databases.Global(ctx)
	writer, known := global.Writer()
	if err != nil || !known || global.Moving {
		return Result{
			ExitCode: Unknown, Message: "RDS names no writer, so it is not known what is to be restored, and nothing was begun.",
			Next: []string{s.commandLine(invocation.Status)},
		}
	}
	r, err := s.restorer(ctx, writer.Region(), p.Config.PrimaryRegion)
	if err != nil {
		return Result{ExitCode: Unknown, Message: err.Error()}
	}
	if s.documents {
		return s.restoreDocuments(ctx, p, r, writer.Region())
	}
	r.Source = writer.Identifier()
	restored, err := r.Run(ctx, at)
	if err != nil {
		return s.explainRestore(err)
	}
	return Result{
		Message: fmt.Sprintf("DB cluster %s in %s has the data of %s, and answers at %s. %s was not touched.",
			restored.Identifier, writer.Region(), restored.RestoredTo, restored.Endpoint, writer.Identifier()),
		Next: []string{
			"Verify it and take back what is needed, as the runbook says (7).",
			"Then the documents that were removed with their records: " + s.commandLine(invocation.Restore, invocation.Documents),
			"When it has served: " + s.commandLine(invocation.Restore, invocation.Remove),
		},
	}
}

// restoreDocuments brings back the documents of records that there are, and that were removed since the time of the restored cluster.
func (s *session) restoreDocuments(ctx context.Context, p Platform, r restore.Restorer, region string) Result {
	to, err := r.RestoredTo(ctx)
	if err != nil {
		return s.explainRestore(err)
	}
	restorer, err := p.Documents(region)
	if err != nil {
		return Result{ExitCode: Failed, Message: err.Error()}
	}
	restorer.Progress = s.progress
	report, err := restorer.BringSince(ctx, to)
	result := Result{Documents: &report}
	if err != nil {
		result.ExitCode = Failed
		result.Message = "Not all documents are back; it goes on when it is run again: " + err.Error()
		result.Next = []string{s.commandLine(invocation.Restore, invocation.Documents)}
		return result
	}
	result.Message = fmt.Sprintf("%d documents are back that were removed since %s.", report.Returned, to.Format(restore.TimeFormat))
	return result
}

// restorer returns what restores in a region. The source is not set.
func (s *session) restorer(ctx context.Context, region, primaryRegion string) (restore.Restorer, error) {
	database, err := s.connector.Restores(ctx, region)
	role := naming.Secondary
	if region == primaryRegion {
		role = naming.Primary
	}
	return restore.Restorer{Database: database, Environment: s.environment, Role: role, Wait: retryInterval, Progress: s.progress}, err
}

// explainRestore returns the result of a restore that did not end well.
func (s *session) explainRestore(err error) Result {
	var refusal restore.Refusal
	var declined globaldb.Refusal
	switch {
	case errors.As(err, &refusal):
		result := Result{ExitCode: Refused, Message: "Nothing was begun: " + refusal.Reason + "."}
		if refusal.Exists {
			result.Next = []string{s.commandLine(invocation.Restore, invocation.Remove)}
		}
		return result
	case errors.As(err, &declined):
		return Result{ExitCode: Failed, Message: err.Error()}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Result{
			ExitCode: Unfinished, Message: "The restore is not finished, and RDS goes on with it: " + err.Error(),
			Next: []string{"The same command again goes on where this one ended."},
		}
	}
	return Result{ExitCode: Unknown, Message: err.Error()}
}

// removeRestored removes the restored clusters of both regions: which one has it depends on where the writer was.
func (s *session) removeRestored(ctx context.Context, primaryRegion string) Result {
	result := Result{Message: "There is no restored DB cluster: nothing to do."}
	for _, region := range []string{s.region, primaryRegion} {
		r, err := s.restorer(ctx, region, primaryRegion)
		found := false
		if err == nil {
			found, err = r.Remove(ctx)
		}
		switch {
		case err != nil:
			failed := s.explainRestore(err)
			if !found && failed.ExitCode == Unfinished {
				failed = Result{ExitCode: Unknown, Message: err.Error()}
			}
			failed.Message = "In " + region + ": " + failed.Message
			return failed
		case found:
			result.Message = "The restored DB cluster in " + region + " is gone."
		}
	}
	return result
}
