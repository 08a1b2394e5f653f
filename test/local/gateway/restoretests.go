package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"warmstandby/test/local/aurora"
)

// The states of a restore test's validation and of the deletion of what it restored. AWS: AWS Backup API Reference, DescribeRestoreJob,
// ValidationStatus and DeletionStatus.
const (
	validating      = "VALIDATING"
	validationLate  = "TIMED_OUT"
	deletionDone    = "SUCCESSFUL"
	deletionRefused = "FAILED"
)

// testedName begins the names of what AWS Backup restores in a test. AWS: AWS Backup Developer Guide, "Restore testing".
const testedName = "awsbackup-restore-test-"

const (
	// validationTime is how long the calendar waits on the machine's clock for the functions that validate what tests have restored, when it
	// is moved past the end of their windows: an hour of the calendar is no time at all, and a function takes a second.
	validationTime = 30 * time.Second
	// validationPoll is the pause between two looks whether they are done.
	validationPoll = 100 * time.Millisecond
)

// testSchedule is what is run of a restore testing plan. AWS: AWS Backup API Reference, RestoreTestingPlanForGet and
// RestoreTestingRecoveryPointSelection.
type testSchedule struct {
	ScheduleExpression     string
	RecoveryPointSelection struct {
		Algorithm                                        string
		IncludeVaults, ExcludeVaults, RecoveryPointTypes []string
		SelectionWindowDays                              int
	}
}

// testSelection is what a plan restores. AWS: AWS Backup API Reference, RestoreTestingSelectionForGet.
type testSelection struct {
	ProtectedResourceType, IamRoleArn string
	ProtectedResourceArns             []string
	ProtectedResourceConditions       struct{ StringEquals, StringNotEquals []any }
	RestoreMetadataOverrides          map[string]string
	ValidationWindowHours             int
}

// Values that AWS has where a plan has none. AWS: AWS Backup API Reference, RestoreTestingRecoveryPointSelection.
const (
	defaultSelectionDays = 30
	randomAlgorithm      = "RANDOM_WITHIN_WINDOW"
	snapshotPoints       = "SNAPSHOT"
)

// decode reads an object that was put.
func (d jsonObject) decode(into any) error {
	text, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	return err
}

// isTest says whether a restore testing plan has started the job.
func (j backupJob) isTest() bool { return j.TestPlanARN != "" }

// dueTests returns the runs of a region's restore testing plans.
func (h *backupHandler) dueTests(g *Gateway, region string, since, until time.Time) ([]dueWork, error) {
	var due []dueWork
	var faults []error
	for _, plan := range g.tests.plans.sorted(func(a, b restoreTestPlan) int { return cmp.Compare(a.ARN, b.ARN) }) {
		if plan.Region != region {
			continue
		}
		var schedule testSchedule
		err := plan.Plan.decode(&schedule)
		var times []time.Time
		if err == nil {
			times, err = dueTimes(schedule.ScheduleExpression, since, until)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("restore testing plan %s: %w", plan.ARN, err))
		}
		for _, at := range times {
			due = append(due, dueWork{at, func(ctx context.Context) error { return h.runTest(ctx, g, plan, schedule, at) }})
		}
	}
	return due, errors.Join(faults...)
}

// runTest restores one recovery point of each resource that a plan's selections name. AWS: AWS Backup Developer Guide, "Restore testing".
func (h *backupHandler) runTest(ctx context.Context, g *Gateway, plan restoreTestPlan, schedule testSchedule, at time.Time) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(plan.Selections)) {
		var selection testSelection
		err := plan.Selections[name].decode(&selection)
		if err == nil && len(selection.ProtectedResourceConditions.StringEquals)+len(selection.ProtectedResourceConditions.StringNotEquals) > 0 {
			err = errors.New("the local AWS emulator selects by ProtectedResourceArns, not by conditions on tags")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("restore testing selection %s of %s: %w", name, plan.ARN, err))
			continue
		}
		for _, point := range h.testedPoints(plan.Region, schedule, selection, at) {
			if err := h.testPoint(ctx, g, plan, selection, point, at); err != nil {
				faults = append(faults, fmt.Errorf("restore testing selection %s of %s: %w", name, plan.ARN, err))
			}
		}
	}
	return errors.Join(faults...)
}

// testedPoints returns one recovery point of each resource of a selection: the newest of those in the plan's vaults that are young enough,
// or any of them. A resource without one is left out.
func (h *backupHandler) testedPoints(region string, schedule testSchedule, selection testSelection, at time.Time) []recoveryPoint {
	points := schedule.RecoveryPointSelection
	if !slices.Contains(points.RecoveryPointTypes, snapshotPoints) { // the emulator's are all snapshots
		return nil
	}
	oldest := at.AddDate(0, 0, -cmp.Or(points.SelectionWindowDays, defaultSelectionDays))
	names := func(list []string, arn string) bool { return slices.Contains(list, "*") || slices.Contains(list, arn) }
	byResource := map[string][]recoveryPoint{}
	for _, point := range h.pointsOf(region, "") {
		if point.ResourceType == selection.ProtectedResourceType && names(selection.ProtectedResourceArns, point.ResourceARN) &&
			names(points.IncludeVaults, point.VaultARN) && !names(points.ExcludeVaults, point.VaultARN) &&
			!point.Created.Before(oldest) && !point.Created.After(at) {
			byResource[point.ResourceARN] = append(byResource[point.ResourceARN], point)
		}
	}
	var chosen []recoveryPoint
	for _, resource := range slices.Sorted(maps.Keys(byResource)) {
		candidates := byResource[resource] // the newest first
		if points.Algorithm == randomAlgorithm {
			chosen = append(chosen, candidates[rand.IntN(len(candidates))])
		} else {
			chosen = append(chosen, candidates[0])
		}
	}
	return chosen
}

// testPoint runs the restore job of a recovery point.
func (h *backupHandler) testPoint(
	ctx context.Context, g *Gateway, plan restoreTestPlan, selection testSelection, point recoveryPoint, at time.Time,
) error {
	job := newRestoreJob(point, selection.IamRoleArn, at)
	job.TestPlanARN, job.WindowEnds = plan.ARN, at.Add(time.Duration(selection.ValidationWindowHours)*time.Hour)
	metadata := inferredMetadata(point.ResourceType, testedName+job.ID)
	for name, value := range selection.RestoreMetadataOverrides {
		maps.DeleteFunc(metadata, func(inferred, _ string) bool { return strings.EqualFold(inferred, name) })
		metadata[name] = value
	}
	_, err := h.restore(ctx, g, job, point, metadata)
	return err
}

// inferredMetadata is what AWS Backup restores a recovery point with in a test. AWS: AWS Backup Developer Guide, "Restore testing inferred
// metadata": names of keys are in any case.
func inferredMetadata(resourceType, name string) map[string]string {
	if resourceType == typeAurora {
		return map[string]string{"dbClusterIdentifier": name}
	}
	return map[string]string{"DestinationBucketName": name, "NewBucket": "true"}
}

// finishTests deletes what tests have restored whose validation is done, or whose window is over by a moment of the calendar. AWS:
// AWS Backup Developer Guide, "Restore testing": once the validation completes or its window closes, the resources are deleted.
func (h *backupHandler) finishTests(ctx context.Context, g *Gateway, now time.Time) error {
	h.awaitValidations(ctx, now)
	var faults []error
	for _, job := range h.jobs.sorted(func(a, b backupJob) int { return cmp.Compare(a.key(), b.key()) }) {
		over := job.Validation != validating || !now.Before(job.WindowEnds)
		if !job.isTest() || job.CreatedARN == "" || job.Deletion == deletionDone || !over || h.reach(g, job.Region) != nil {
			continue
		}
		deletion, err := deletionDone, g.removeRestored(ctx, job)
		if err != nil {
			deletion = deletionRefused
			faults = append(faults, fmt.Errorf("deleting what restore job %s has restored: %w", job.ID, err))
		}
		faults = append(faults, h.jobs.update(job.key(), func(row *backupJob) {
			if row.Validation == validating {
				row.Validation = validationLate
			}
			row.Deletion = deletion
		}))
	}
	return errors.Join(faults...)
}

// awaitValidations waits for the functions that validate tests whose windows are over by a moment of the calendar, for some seconds.
func (h *backupHandler) awaitValidations(ctx context.Context, now time.Time) {
	waiting := func(job backupJob) bool {
		return job.isTest() && job.Validated && job.Validation == validating && !now.Before(job.WindowEnds)
	}
	ctx, cancel := context.WithTimeout(ctx, validationTime)
	defer cancel()
	for slices.ContainsFunc(h.jobs.sorted(func(backupJob, backupJob) int { return 0 }), waiting) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(validationPoll):
		}
	}
}

// removeRestored deletes the bucket or the cluster that a test has restored. One that is gone is no error.
func (g *Gateway) removeRestored(ctx context.Context, job backupJob) error {
	ctx, name := context.WithoutCancel(ctx), lastOf(job.CreatedARN)
	if job.ResourceType == typeAurora {
		cluster, err := g.describeCluster(ctx, aurora.NewID(job.Region, name))
		if err != nil || cluster == nil {
			return err
		}
		_, err = g.describe(ctx, job.Region, "rds", "DeleteDBCluster", "DBClusterIdentifier", name, "SkipFinalSnapshot", "true")
		return err
	}
	err := g.removeBucket(ctx, job.Region, name)
	var gone refusal
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// removeBucket deletes a bucket with all that it holds.
func (g *Gateway) removeBucket(ctx context.Context, region, bucket string) error {
	versions, err := g.listVersions(ctx, region, bucket)
	if err != nil {
		return err
	}
	for _, version := range versions {
		query := map[string][]string{"versionId": {version.VersionID}}
		if _, err := g.callS3(ctx, region, http.MethodDelete, bucket+"/"+version.Key, query, nil, nil); err != nil {
			return err
		}
	}
	_, err = g.callS3(ctx, region, http.MethodDelete, bucket, nil, nil, nil)
	return err
}
