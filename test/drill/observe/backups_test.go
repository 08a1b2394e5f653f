package observe

import (
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestBackupNotices(t *testing.T) {
	r := &regionBackups{BackupArgs: BackupArgs{
		Region: "us-east-1", Alarms: map[string]string{"alarm-no-backup-primary-blue": evidence.NoBackup},
	}}
	for _, test := range []struct {
		name, message string
		want          evidence.Notice
		is            bool
	}{
		{
			"an alarm of the region's own rings", `{"AlarmName":"alarm-no-backup-primary-blue","NewStateValue":"ALARM","Region":"US East"}`,
			evidence.Notice{Region: "us-east-1", Alarm: evidence.NoBackup, State: evidence.AlarmRinging}, true,
		},
		{
			"another environment's alarm is none of these", `{"AlarmName":"alarm-no-backup-primary-green","NewStateValue":"ALARM"}`,
			evidence.Notice{}, false,
		},
		{
			"a backup has failed", `{"source":"aws.backup","detail-type":"Backup Job State Change","detail":{"backupJobId":"b-1","state":"FAILED"}}`,
			evidence.Notice{Region: "us-east-1", Job: "b-1", State: evidence.JobFailed}, true,
		},
		{
			"a copy has failed", `{"source":"aws.backup","detail-type":"Copy Job State Change","detail":{"copyJobId":"c-1","state":"FAILED"}}`,
			evidence.Notice{Region: "us-east-1", Job: "c-1", State: evidence.JobFailed}, true,
		},
		{"the controller's notices are others", `the writer moves`, evidence.Notice{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, is := r.parse([]byte(test.message))
			got.At = test.want.At
			if is != test.is || is && got != test.want {
				t.Errorf("got %+v and %t, want %+v and %t", got, is, test.want, test.is)
			}
		})
	}
}
