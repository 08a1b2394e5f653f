package instance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
)

// backupPlan makes a plan that backs a bucket up at 05:00 and copies it to the other region, an alarm as the platform's on its silence,
// and a topic with a queue behind it. It returns the queue.
func (a aws) backupPlan() (inbox string) {
	a.t.Helper()
	a.newVault(east, "vault")
	peer := a.newVault(west, "peer")
	for _, bucket := range []string{"own", "others"} {
		a.newBucket(east, bucket)
		a.s3(east, http.MethodPut, "/"+bucket+"?tagging", "<Tagging><TagSet><Tag><Key>Environment</Key><Value>"+bucket+
			"</Value></Tag></TagSet></Tagging>")
		a.s3(east, http.MethodPut, "/"+bucket+"/a", "a")
	}
	plan := a.backup(east, http.MethodPut, "/backup/plans/", object{"BackupPlan": object{"BackupPlanName": "plan", "Rules": []object{{
		"RuleName": "daily", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 5 * * ? *)",
		"Lifecycle":   object{"DeleteAfterDays": 3},
		"CopyActions": []object{{"DestinationBackupVaultArn": peer, "Lifecycle": object{"DeleteAfterDays": 3}}},
	}}}})
	a.backup(east, http.MethodPut, fmt.Sprintf("/backup/plans/%v/selections/", plan["BackupPlanId"]), object{"BackupSelection": object{
		"SelectionName": "selection", "IamRoleArn": a.backupRole(), "Resources": []string{"arn:aws:s3:::own", "arn:aws:s3:::others"},
		"Conditions": object{"StringEquals": []object{{"ConditionKey": "aws:ResourceTag/Environment", "ConditionValue": "own"}}},
	}})
	topic := a.field(a.query(east, "sns", "CreateTopic", "Name", "notices"), "TopicArn")
	a.query(east, "sns", "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue", policyOf(object{
		"Effect": "Allow", "Principal": object{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic,
	}))
	inbox = a.queue(east, "inbox")
	a.query(east, "sns", "Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", queueARN(east, "inbox"))
	a.json(east, "monitoring", "GraniteServiceVersion20100801.PutMetricAlarm", object{
		"AlarmName": "no-backup", "Namespace": "AWS/Backup", "MetricName": "NumberOfBackupJobsCompleted", "Statistic": "Sum",
		"Dimensions": []object{{"Name": "BackupVaultName", "Value": "vault"}}, "Period": 3600, "DatapointsToAlarm": 26, "EvaluationPeriods": 26,
		"Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
		"AlarmActions": []string{topic}, "OKActions": []string{topic},
	})
	return inbox
}

// backupRole makes a role that AWS Backup can assume.
func (a aws) backupRole() (arn string) {
	a.t.Helper()
	return a.field(a.query(east, "iam", "CreateRole", "RoleName", "backup", "AssumeRolePolicyDocument",
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}]}`), "Arn")
}

// awaitAlarm waits for the alarm's state, which follows the calendar within a second, until the test's own deadline.
func (a aws) awaitAlarm(name, state string) {
	a.t.Helper()
	for a.alarms(east)[name] != state {
		if a.t.Context().Err() != nil {
			a.t.Fatalf("the alarm %s never came to be %s", name, state)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// A plan runs when it is due, backs up what meets its conditions and copies it; an alarm of 26 hours misses what does not come.
func TestBackupPlans(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	inbox := a.backupPlan()
	advance := func(by time.Duration) time.Time {
		t.Helper()
		moved, err := e.folder.AdvanceBackups(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		return moved
	}
	began := time.Now()
	moved := advance(24 * time.Hour)
	if got := moved.Sub(began); got < 24*time.Hour || got > 25*time.Hour {
		t.Errorf("the calendar moved by %s, want 24 hours", got)
	}
	jobs, _ := a.backup(east, http.MethodGet, "/backup-jobs/", nil)["BackupJobs"].([]any)
	if len(jobs) != 1 {
		t.Fatalf("the jobs are %v, want one of the bucket that meets the condition", jobs)
	}
	job, _ := jobs[0].(map[string]any)
	seconds, _ := job["CreationDate"].(float64)
	if at := time.Unix(int64(seconds), 0).UTC(); job["State"] != "COMPLETED" || job["ResourceArn"] != "arn:aws:s3:::own" ||
		at.Hour() != 5 || at.Minute() != 0 {
		t.Errorf("the job is %v of %s, want one of 05:00", job, at)
	}
	if east, west := a.points(east, "vault"), a.points(west, "peer"); len(east) != 1 || len(west) != 1 {
		t.Errorf("the vaults have %v and %v", east, west)
	}
	a.awaitAlarm("no-backup", "OK")

	silent, err := fault.New(east, fault.BackupSilent, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.folder.Fault(t.Context(), silent); err != nil {
		t.Fatal(err)
	}
	advance(20 * time.Hour)
	if got := a.alarms(east)["no-backup"]; got != "OK" {
		t.Errorf("the alarm is %v before a backup is overdue", got)
	}
	advance(30 * time.Hour)
	a.awaitAlarm("no-backup", "ALARM")
	if err := e.folder.Heal(t.Context(), east); err != nil {
		t.Fatal(err)
	}
	advance(24 * time.Hour)
	a.awaitAlarm("no-backup", "OK")
	var states []string
	for _, message := range a.messages(east, inbox, 4) {
		for _, state := range []string{"ALARM", "OK"} {
			if strings.Contains(message, `\"NewStateValue\": \"`+state+`\"`) {
				states = append(states, state)
			}
		}
	}
	slices.Sort(states)
	// A new environment's alarm rings until its first night.
	if want := []string{"ALARM", "ALARM", "OK", "OK"}; !slices.Equal(states, want) {
		t.Errorf("the topic was notified of %q, want %q", states, want)
	}
	advance(4 * 24 * time.Hour)
	if left := a.points(east, "vault"); len(left) != 3 {
		t.Errorf("%d recovery points are left of those kept for three days, one a day", len(left))
	}
	if _, err := e.folder.AdvanceBackups(t.Context(), -time.Hour); err == nil || !strings.Contains(err.Error(), "moves on") {
		t.Errorf("the calendar goes back: %v", err)
	}
}
