package verdict

import (
	"slices"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// Backups is what a fault of AWS Backup did and of whom it was noticed.
type Backups struct {
	// Before are the primary region's jobs that were completed before the fault, During those begun while it lasted, and Failed those of
	// them that failed.
	Before int `json:"before"`
	During int `json:"during"`
	Failed int `json:"failed"`
	// Notices counts what the operators of the primary region were sent about it while it lasted.
	Notices int `json:"notices"`
	// Noticed is from the fault, or from the move of the calendar by which backups were overdue, to the last notice that was due, in
	// seconds of this machine's clock; nil if one never came.
	Noticed *float64 `json:"noticedSeconds"`
}

// kindsOfBackups are the jobs that a good day has in each region.
var kindsOfBackups = [...]struct{ kind, resource string }{
	{evidence.BackupJob, "Aurora"}, {evidence.BackupJob, "S3"}, {evidence.CopyJob, "Aurora"}, {evidence.CopyJob, "S3"},
}

// checkBackups fails a platform whose operators are not notified of backups that are absent or have failed, and doubts a drill that had
// no good backup before its fault, or whose fault took no effect.
func (j *judge) checkBackups() {
	switch {
	case !j.Scenario.Fault.BreaksBackups():
		j.skip(notPart)
		return
	case j.Aborted != "" && j.Evidence.Backups == nil:
		j.skip(brokenOff)
		return
	}
	found, healed := j.Evidence.Backups, j.markedOrEnd(evidence.Healed)
	if found == nil || !j.faulted {
		j.doubt("AWS Backup was not watched.")
		return
	}
	result := &Backups{}
	j.result.Backups = result
	for _, want := range kindsOfBackups {
		for _, region := range [...]string{j.Primary, j.Standby} {
			if !slices.ContainsFunc(found.Jobs, func(job evidence.Job) bool {
				return job.Region == region && job.Kind == want.kind && job.Resource == want.resource &&
					job.State == evidence.JobCompleted && job.Seen.Before(j.faultTime)
			}) {
				j.doubt("No %s of a resource of type %s was completed in %s before the fault.", want.kind, want.resource, region)
			}
		}
	}
	after := 0
	for _, job := range found.Jobs {
		switch {
		case job.Region != j.Primary:
		case job.Seen.Before(j.faultTime):
			result.Before++
		case job.Seen.Before(healed):
			result.During++
			if job.State == evidence.JobFailed {
				result.Failed++
			}
		case job.State == evidence.JobCompleted:
			after++
		}
	}
	if after == 0 {
		j.fail("No backup of %s was completed after the fault.", j.Primary)
	}
	for _, notice := range found.Notices {
		if notice.Region == j.Primary && notice.At.After(j.faultTime) && notice.At.Before(healed) {
			result.Notices++
		}
	}
	if j.Scenario.Fault == scenario.BackupSilent {
		j.checkSilence(found, result, healed)
	} else {
		j.checkFailures(found, result, healed)
	}
}

// checkSilence checks the notices of absent backups: of both alarms, in the primary region alone, and again when backups have come back.
func (j *judge) checkSilence(found *evidence.Backups, result *Backups, healed time.Time) {
	if result.During > 0 {
		j.doubt("The fault never took: %d jobs were begun in %s while it lasted.", result.During, j.Primary)
	}
	overdue := j.faultTime
	for _, move := range found.Calendar {
		if move.At.After(j.faultTime) && move.At.Before(healed) {
			overdue = move.At
		}
	}
	before := *found
	before.Notices = slices.DeleteFunc(slices.Clone(found.Notices), func(n evidence.Notice) bool { return n.At.After(healed) })
	if missing := before.Unnoticed(j.Primary, evidence.AlarmRinging, j.faultTime); len(missing) > 0 {
		j.fail("The operators of %s were not notified of absent backups: no notice of %s.", j.Primary, strings.Join(missing, " and "))
	} else {
		result.Noticed = between(overdue, lastNotice(before.Notices, j.Primary, overdue, func(n evidence.Notice) bool {
			return n.State == evidence.AlarmRinging
		}))
	}
	for _, notice := range before.Notices {
		if notice.Region == j.Standby && notice.State == evidence.AlarmRinging && notice.At.After(j.faultTime) {
			j.fail("The operators of %s were notified by %s, and its backups were there.", j.Standby, notice.Alarm)
		}
	}
	if missing := found.Unnoticed(j.Primary, evidence.AlarmOK, healed); len(missing) > 0 {
		j.fail("The operators of %s were not notified that backups are back: no notice of %s.", j.Primary, strings.Join(missing, " and "))
	}
}

// checkFailures checks the notices of failed backups, one of each.
func (j *judge) checkFailures(found *evidence.Backups, result *Backups, healed time.Time) {
	if result.Failed == 0 || result.Failed < result.During {
		j.doubt("The fault never took: of %d jobs in %s %d failed.", result.During, j.Primary, result.Failed)
	}
	if failed, unreported := found.Failures(j.Primary, j.faultTime); len(unreported) > 0 {
		j.fail("The operators of %s were not notified of %d of %d failed backups: %s.",
			j.Primary, len(unreported), failed, strings.Join(unreported, ", "))
		return
	}
	result.Noticed = between(j.faultTime, lastNotice(found.Notices, j.Primary, j.faultTime, func(n evidence.Notice) bool {
		return n.State == evidence.JobFailed && n.At.Before(healed)
	}))
}

// lastNotice returns when the last notice of a region came that fits; the moment from which on it counts if none did.
func lastNotice(notices []evidence.Notice, region string, from time.Time, fits func(evidence.Notice) bool) time.Time {
	last := from
	for _, notice := range notices {
		if notice.Region == region && fits(notice) && notice.At.After(last) {
			last = notice.At
		}
	}
	return last
}
