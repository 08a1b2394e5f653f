package verdict

import (
	"slices"
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestBackups(t *testing.T) {
	drop := func(unwanted func(evidence.Notice) bool) func(*recording) {
		return func(r *recording) {
			r.Evidence.Backups.Notices = slices.DeleteFunc(r.Evidence.Backups.Notices, unwanted)
		}
	}
	for _, test := range []struct {
		name, scenario string
		breaks         func(*recording)
		verdict        Verdict
		message        string
	}{
		{
			"absent copies are not noticed", "backup-silent",
			drop(func(n evidence.Notice) bool { return n.Alarm == evidence.NoCopy && n.State == evidence.AlarmRinging }),
			Fail, "not notified of absent backups: no notice of no-backup-copy.",
		},
		{
			"nothing is noticed, on a machine that was busy, too", "backup-silent",
			func(r *recording) {
				r.Evidence.Backups.Notices = nil
				r.busy(0.99)
			},
			Fail, "no notice of no-backup and no-backup-copy.",
		},
		{
			"the notice came only when the fault was over", "backup-silent",
			func(r *recording) {
				for i := range r.Evidence.Backups.Notices[:2] {
					r.Evidence.Backups.Notices[i].At = secondsAfterFault(65)
				}
			},
			Fail, "not notified of absent backups",
		},
		{
			"the other region's alarm rings as well", "backup-silent",
			func(r *recording) {
				r.Evidence.Backups.Notices = append(r.Evidence.Backups.Notices,
					evidence.Notice{At: secondsAfterFault(14), Region: west, Alarm: evidence.NoBackup, State: evidence.AlarmRinging})
			},
			Fail, "The operators of us-west-2 were notified by no-backup, and its backups were there.",
		},
		{
			"the alarm does not end", "backup-silent",
			drop(func(n evidence.Notice) bool { return n.State == evidence.AlarmOK }), Fail, "not notified that backups are back",
		},
		{
			"backups do not come back", "backup-silent",
			func(r *recording) {
				r.Evidence.Backups.Jobs = slices.DeleteFunc(r.Evidence.Backups.Jobs, func(job evidence.Job) bool {
					return job.Seen.After(secondsAfterFault(60))
				})
			},
			Fail, "No backup of us-east-1 was completed after the fault.",
		},
		{
			"a job was begun in silence", "backup-silent",
			func(r *recording) {
				r.Evidence.Backups.Jobs = append(r.Evidence.Backups.Jobs, evidence.Job{Region: east, Seen: secondsAfterFault(20)})
			},
			Inconclusive, "The fault never took: 1 jobs were begun",
		},
		{
			"no cluster was backed up before", "backup-silent",
			func(r *recording) {
				r.Evidence.Backups.Jobs = slices.DeleteFunc(r.Evidence.Backups.Jobs, func(job evidence.Job) bool {
					return job.Region == west && job.Resource == "Aurora" && job.Kind == evidence.BackupJob
				})
			},
			Inconclusive, "No backup of a resource of type Aurora was completed in us-west-2 before the fault.",
		},
		{
			"nothing was watched", "backup-silent", func(r *recording) { r.Evidence.Backups = nil },
			Inconclusive, "AWS Backup was not watched.",
		},
		{
			"one failure is not reported", "backup-failing",
			func(r *recording) { r.Evidence.Backups.Notices = r.Evidence.Backups.Notices[1:] },
			Fail, "not notified of 1 of 4 failed backups",
		},
		{
			"no backup failed", "backup-failing",
			func(r *recording) {
				for i := range r.Evidence.Backups.Jobs {
					r.Evidence.Backups.Jobs[i].State = evidence.JobCompleted
				}
			},
			Inconclusive, "The fault never took: of 4 jobs in us-east-1 0 failed.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			test.breaks(r)
			assertVerdict(t, Of(s, r.Evidence), test.verdict, test.message)
		})
	}
	t.Run("the time to the last notice is counted from when backups were overdue", func(t *testing.T) {
		s, r := passingRecording("backup-silent")
		got := Of(s, r.Evidence).Backups
		if got.Noticed == nil || *got.Noticed != 4 || got.Notices != 2 || got.Before != 4 || got.During != 0 {
			t.Errorf("got %+v", got)
		}
	})
}
