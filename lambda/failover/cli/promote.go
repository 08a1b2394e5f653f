package cli

import (
	"context"
	"errors"
	"fmt"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/promotion"
	"warmstandby/shared/contract/controller"
)

// promoteRestored makes the restored cluster the primary of the global database.
func (s *session) promoteRestored(ctx context.Context, p Platform) Result {
	mode, err := p.Sources.Modes.Mode(ctx)
	if err != nil {
		return Result{ExitCode: Unknown, Message: "The controller's mode is not known, and nothing was begun: " + err.Error()}
	}
	promote := p.Promotion
	promote.Paused, promote.Wait, promote.Progress = mode != controller.Automatic, retryInterval, s.progress
	report, err := promote.Run(ctx)
	if err != nil {
		return s.explainPromotion(err)
	}
	result := Result{
		Message: fmt.Sprintf("The global database has the data of %s. What it had before is in snapshot %s.", report.RestoredTo, report.Snapshot),
		Next:    []string{"Make the secondary, and bring the stacks in step, as the runbook says (7)."},
	}
	if report.Done {
		result.Message = "Nothing to do: t" + result.Message[1:]
	}
	return result
}

// explainPromotion returns the result of a promotion that did not end well.
func (s *session) explainPromotion(err error) Result {
	again := s.commandLine(invocation.Restore, invocation.Promote, invocation.AllowDataLoss)
	var refusal promotion.Refusal
	var declined globaldb.Refusal
	switch {
	case errors.As(err, &refusal):
		return Result{ExitCode: Refused, Message: "Nothing was begun: " + refusal.Reason + "."}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Result{ExitCode: Unfinished, Message: "The promotion is not finished: " + err.Error(), Next: []string{again}}
	case errors.As(err, &declined):
		return Result{ExitCode: Failed, Message: err.Error(), Next: []string{"When its cause is removed, it goes on: " + again}}
	}
	return Result{ExitCode: Unknown, Message: err.Error(), Next: []string{again}}
}
