package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
)

// The names in a backup plan. AWS: AWS Backup API Reference, BackupRule, CopyAction and BackupSelection.
type planRule struct {
	TargetBackupVaultName, ScheduleExpression string
	Lifecycle                                 lifecycle
	CopyActions                               []struct {
		DestinationBackupVaultArn string
		Lifecycle                 lifecycle
	}
}

type planSelection struct {
	IamRoleArn string
	Resources  []string
	Conditions struct {
		StringEquals []struct{ ConditionKey, ConditionValue string }
	}
}

// planRun is a rule of a plan that is due.
type planRun struct {
	at           time.Time
	region, plan string
	rule         planRule
}

// dueWork is what AWS Backup does at a moment.
type dueWork struct {
	at time.Time
	do func(context.Context) error
}

// RunBackupPlans runs the plans that have been due since the last call. What was due while the gateway did not run is not made up for.
func (g *Gateway) RunBackupPlans(ctx context.Context) error {
	h := g.backups
	h.calendar.running.Lock()
	defer h.calendar.running.Unlock()
	return h.runUntil(ctx, g, h.calendar.now())
}

// AdvanceBackups moves AWS Backup's calendar on, runs the plans that are due meanwhile, each at its time, and returns the new time.
func (g *Gateway) AdvanceBackups(ctx context.Context, by time.Duration) (time.Time, error) {
	h := g.backups
	if by <= 0 || by > maxAdvance {
		return time.Time{}, fmt.Errorf("AWS Backup's calendar moves on by up to %s at once, not by %s", maxAdvance, by)
	}
	h.calendar.running.Lock()
	defer h.calendar.running.Unlock()
	if err := h.runUntil(ctx, g, h.calendar.now()); err != nil {
		return time.Time{}, err
	}
	if err := h.runUntil(ctx, g, h.calendar.now().Add(by)); err != nil {
		return time.Time{}, err
	}
	if err := h.calendar.advance(by); err != nil {
		return time.Time{}, err
	}
	return h.calendar.now(), nil
}

// maxAdvance bounds how long the plans of all days in between run: a week of them takes a minute.
const maxAdvance = 7 * 24 * time.Hour

// runUntil runs what is due up to a moment, in the order of time, and deletes what restore tests have restored, once it is validated, and
// the recovery points whose time is over.
func (h *backupHandler) runUntil(ctx context.Context, g *Gateway, until time.Time) error {
	since := h.ran
	h.ran = until
	if since.IsZero() { // the gateway has just begun
		return nil
	}
	var due []dueWork
	var faults []error
	for _, region := range g.regions {
		if g.jobsStop(region) {
			continue
		}
		runs, err := h.dueIn(ctx, g, region, since, until)
		for _, run := range runs {
			due = append(due, dueWork{run.at, func(ctx context.Context) error { return h.runPlan(ctx, g, run) }})
		}
		tests, testErr := h.dueTests(g, region, since, until)
		due, faults = append(due, tests...), append(faults, err, testErr)
	}
	slices.SortStableFunc(due, func(a, b dueWork) int { return a.at.Compare(b.at) })
	for _, work := range due {
		faults = append(faults, work.do(ctx))
	}
	return errors.Join(append(faults, h.finishTests(ctx, g, until), h.expire(g, until))...)
}

// jobsStop says whether AWS Backup begins nothing in a region.
func (g *Gateway) jobsStop(region string) bool {
	_, silent := g.faults.Find(region, fault.BackupSilent)
	_, lost := g.faults.Find(region, fault.Unreachable)
	return silent || lost
}

// reach refuses what needs a region that is lost.
func (*backupHandler) reach(g *Gateway, region string) error {
	if _, lost := g.faults.Find(region, fault.Unreachable); lost {
		return refuse("%s cannot be reached.", region)
	}
	return nil
}

// dueIn returns the runs of a region's plans.
func (h *backupHandler) dueIn(ctx context.Context, g *Gateway, region string, since, until time.Time) ([]planRun, error) {
	var listed struct {
		BackupPlansList []struct{ BackupPlanId string }
	}
	if _, err := g.getJSON(ctx, region, "backup", backupPlans, &listed); err != nil {
		return nil, fmt.Errorf("listing the backup plans of %s: %w", region, err)
	}
	var due []planRun
	var faults []error
	for _, plan := range listed.BackupPlansList {
		var described struct {
			BackupPlan struct{ Rules []planRule }
		}
		if _, err := g.getJSON(ctx, region, "backup", backupPlans+url.PathEscape(plan.BackupPlanId), &described); err != nil {
			faults = append(faults, fmt.Errorf("reading backup plan %s in %s: %w", plan.BackupPlanId, region, err))
			continue
		}
		for _, rule := range described.BackupPlan.Rules {
			runs, err := dueTimes(rule.ScheduleExpression, since, until)
			if err != nil {
				faults = append(faults, fmt.Errorf("backup plan %s in %s: %w", plan.BackupPlanId, region, err))
			}
			for _, at := range runs {
				due = append(due, planRun{at, region, plan.BackupPlanId, rule})
			}
		}
	}
	return due, errors.Join(faults...)
}

// runPlan backs up what a plan's selections have, and copies each backup that was completed.
func (h *backupHandler) runPlan(ctx context.Context, g *Gateway, run planRun) error {
	doing := fmt.Sprintf("running backup plan %s in %s", run.plan, run.region)
	vaultARN, resp, err := g.vaultCall(ctx, run.region, run.rule.TargetBackupVaultName)
	if err == nil && !resp.ok() {
		err = fmt.Errorf("vault %s: %d %s", run.rule.TargetBackupVaultName, resp.Status, resp.Body)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	path := backupPlans + url.PathEscape(run.plan) + "/selections/"
	var listed struct {
		BackupSelectionsList []struct{ SelectionId string }
	}
	if _, err := g.getJSON(ctx, run.region, "backup", path, &listed); err != nil {
		return fmt.Errorf("%s: listing its selections: %w", doing, err)
	}
	var faults []error
	for _, one := range listed.BackupSelectionsList {
		var described struct{ BackupSelection planSelection }
		if _, err := g.getJSON(ctx, run.region, "backup", path+url.PathEscape(one.SelectionId), &described); err != nil {
			faults = append(faults, fmt.Errorf("%s: reading selection %s: %w", doing, one.SelectionId, err))
			continue
		}
		for _, resource := range described.BackupSelection.Resources {
			err := h.runRule(ctx, g, run, described.BackupSelection, resource, vaultARN)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %s: %w", doing, resource, err))
			}
		}
	}
	return errors.Join(faults...)
}

// runRule backs up one resource of a selection, if it meets the conditions.
func (h *backupHandler) runRule(
	ctx context.Context, g *Gateway, run planRun, selection planSelection, resource, vaultARN string,
) error {
	selected, err := g.meets(ctx, run.region, resource, selection)
	if err != nil || !selected {
		return err
	}
	job, err := h.backUp(ctx, g, backupOrder{
		region: run.region, vault: run.rule.TargetBackupVaultName, vaultARN: vaultARN, resource: resource, role: selection.IamRoleArn,
		kept: run.rule.Lifecycle, plan: run.plan, at: run.at,
	})
	if err != nil || job.State != jobCompleted {
		return err
	}
	point, known := h.points.get(job.PointARN)
	if !known {
		return fmt.Errorf("recovery point %s is gone before it was copied", job.PointARN)
	}
	var faults []error
	for _, action := range run.rule.CopyActions {
		_, err := h.copyPoint(ctx, g, point, copyOrder{
			vaultARN: action.DestinationBackupVaultArn, role: selection.IamRoleArn, kept: action.Lifecycle, at: run.at,
		})
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// resourceTag begins the keys of conditions on tags. AWS: AWS Backup API Reference, BackupSelection, Conditions.
const resourceTag = "aws:ResourceTag/"

// meets says whether a resource carries all tags of a selection's conditions. One that is gone meets none.
func (g *Gateway) meets(ctx context.Context, region, resource string, selection planSelection) (bool, error) {
	var tags map[string]string
	var err error
	switch typeOf(resource) {
	case typeS3:
		tags, err = g.bucketTags(ctx, region, lastOf(resource))
	case typeAurora:
		var cluster *xmlElement
		if cluster, err = g.describeCluster(ctx, aurora.NewID(region, lastOf(resource))); cluster != nil {
			tags = tagsOf(cluster)
		}
	}
	var refused refusal
	if errors.As(err, &refused) {
		return false, nil
	}
	for _, condition := range selection.Conditions.StringEquals {
		key, of := strings.CutPrefix(condition.ConditionKey, resourceTag)
		if !of || tags[key] != condition.ConditionValue {
			return false, err
		}
	}
	return err == nil, err
}

// expire deletes the recovery points whose retention has ended. AWS: AWS Backup API Reference, Lifecycle, DeleteAfterDays. A vault's
// policy and lock keep clients from deleting, not AWS Backup itself.
func (h *backupHandler) expire(g *Gateway, now time.Time) error {
	var faults []error
	for _, point := range h.points.sorted(func(a, b recoveryPoint) int { return cmp.Compare(a.ARN, b.ARN) }) {
		if point.RetentionDays > 0 && point.Created.AddDate(0, 0, point.RetentionDays).Before(now) {
			faults = append(faults, h.removePoint(g, point))
		}
	}
	return errors.Join(faults...)
}
