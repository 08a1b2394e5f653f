package instance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/testwait"
)

// validator answers AWS Backup what it finds in a restored bucket, as the platform's validation does, and publishes what failed.
const validator = `
const topic = "arn:aws:sns:us-west-2:` + testAccount + `:notices";
const auth = (service) => ({ authorization: "AWS4-HMAC-SHA256 Credential=test/20250101/" + process.env.AWS_REGION + "/" + service +
	"/aws4_request, SignedHeaders=host, Signature=0" });
const base = process.env.AWS_ENDPOINT_URL;
export const handler = async ({ detail }) => {
	console.log(JSON.stringify(detail));
	const bucket = detail.createdResourceArn.split(":").pop();
	const probe = await fetch(base + "/" + bucket + "/probe", { headers: auth("s3") });
	const passed = probe.status === 200;
	await fetch(base + "/restore-jobs/" + detail.restoreJobId + "/validations", {
		method: "PUT", headers: auth("backup"),
		body: JSON.stringify({ ValidationStatus: passed ? "SUCCESSFUL" : "FAILED", ValidationStatusMessage: "probe: " + probe.status }),
	});
	if (!passed) {
		await fetch(base + "/", { method: "POST", headers: { ...auth("sns"), "content-type": "application/x-www-form-urlencoded" },
			body: new URLSearchParams({ Action: "Publish", TopicArn: topic, Message: "failed " + detail.restoreJobId }) });
	}
};`

// restoreTest makes a plan that tests restores from a vault, of two buckets, every Sunday.
func (a aws) restoreTest(vault string, validationHours int, buckets ...string) (arn string) {
	a.t.Helper()
	const plans = "/restore-testing/plans"
	created := a.backup(west, http.MethodPut, plans, object{"RestoreTestingPlan": object{
		"RestoreTestingPlanName": "weekly", "ScheduleExpression": "cron(0 11 ? * SUN *)",
		"RecoveryPointSelection": object{
			"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": []string{vault}, "RecoveryPointTypes": []string{"SNAPSHOT"},
			"SelectionWindowDays": 7,
		},
	}})
	var resources []string
	for _, bucket := range buckets {
		resources = append(resources, "arn:aws:s3:::"+bucket)
	}
	a.backup(west, http.MethodPut, plans+"/weekly/selections", object{"RestoreTestingSelection": object{
		"RestoreTestingSelectionName": "documents", "ProtectedResourceType": "S3", "IamRoleArn": backupRole,
		"ProtectedResourceArns": resources, "ValidationWindowHours": validationHours,
	}})
	return fmt.Sprint(created["RestoreTestingPlanArn"])
}

// untilSunday is how long it is to the next Sunday at 13:00 UTC, when a test of 11:00 with an hour of validation is over.
func untilSunday(now time.Time) time.Duration {
	at := now.UTC().Truncate(24 * time.Hour).Add(13 * time.Hour)
	for at.Weekday() != time.Sunday || at.Before(now) {
		at = at.Add(24 * time.Hour)
	}
	return at.Sub(now)
}

// restoreTestJobs returns the jobs of a plan by the recovery point that each has restored.
func (a aws) restoreTestJobs(plan string) map[any]object {
	a.t.Helper()
	listed, _ := a.backup(west, http.MethodGet, "/restore-jobs?restoreTestingPlanArn="+plan, nil)["RestoreJobs"].([]any)
	jobs := map[any]object{}
	for _, one := range listed {
		job, _ := one.(map[string]any)
		jobs[job["RecoveryPointArn"]] = job
	}
	return jobs
}

// A test of a restore is started by its plan, validated by a function that a rule invokes, and removed. A backup that is whole passes; one
// without what must be in it fails, and the topic is notified.
func TestRestoreTests(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	vault := a.newVault(west, "vault")
	for _, bucket := range []string{"good", "spoiled"} {
		a.newBucket(west, bucket)
		a.s3(west, http.MethodPut, "/"+bucket+"/document", "content")
	}
	a.s3(west, http.MethodPut, "/good/probe", "2026-03-01T00:00:00Z")
	points := map[string]any{}
	for _, bucket := range []string{"good", "spoiled"} {
		points[bucket] = a.backUp(west, "vault", bucket)["RecoveryPointArn"]
	}
	topic := a.field(a.query(west, "sns", "CreateTopic", "Name", "notices"), "TopicArn")
	inbox := a.queue(west, "inbox")
	a.query(west, "sns", "Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", queueARN(west, "inbox"))
	plan := a.restoreTest(vault, 1, "good", "spoiled")
	function := a.function(west, "validate", validator)
	pattern := fmt.Sprintf(`{"source":["aws.backup"],"detail-type":["Restore Job State Change"],"detail":`+
		`{"restoreTestingPlanArn":[{"prefix":%q}],"status":["ABORTED","COMPLETED","FAILED"]}}`, plan)
	a.rule(west, "default", "restoretest", pattern, object{"Arn": function})
	a.lambda(west, "/2015-03-31/functions/validate/policy", `{"StatementId":"rule","Action":"lambda:InvokeFunction",`+
		`"Principal":"events.amazonaws.com","SourceArn":"arn:aws:events:us-west-2:`+testAccount+`:rule/restoretest"}`)

	if _, err := e.folder.AdvanceBackups(t.Context(), untilSunday(time.Now())); err != nil {
		t.Fatal(err)
	}
	jobs := a.restoreTestJobs(plan)
	for bucket, want := range map[string]string{"good": "SUCCESSFUL", "spoiled": "FAILED"} {
		job := jobs[points[bucket]]
		if job["Status"] != "COMPLETED" || job["ValidationStatus"] != want || job["DeletionStatus"] != "SUCCESSFUL" {
			t.Errorf("the restore of %s is %v, want %s", bucket, job, want)
			continue
		}
		name := strings.TrimPrefix(fmt.Sprint(job["CreatedResourceArn"]), "arn:aws:s3:::")
		if !strings.HasPrefix(name, "awsbackup-restore-test-") {
			t.Errorf("the restored bucket is %q", name)
		}
		if status, _ := a.tryS3(west, http.MethodGet, "/"+name+"?versions", ""); status != http.StatusNotFound {
			t.Errorf("the restored bucket %s is still there: %d", name, status)
		}
	}
	notices := a.messages(west, inbox, 1)
	if want := fmt.Sprint("failed ", jobs[points["spoiled"]]["RestoreJobId"]); len(notices) != 1 || !strings.Contains(notices[0], want) {
		t.Errorf("the topic is notified of %q, want %q alone", notices, want)
	}
}

// What a test has restored stays for its validation, and goes when the window is over without one.
func TestRestoreTestWithoutValidation(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	vault := a.newVault(west, "vault")
	a.newBucket(west, "documents")
	a.s3(west, http.MethodPut, "/documents/document", "content")
	point := a.backUp(west, "vault", "documents")["RecoveryPointArn"]
	plan := a.restoreTest(vault, 3, "documents")
	advance := func(by time.Duration) object {
		t.Helper()
		if _, err := e.folder.AdvanceBackups(t.Context(), by); err != nil {
			t.Fatal(err)
		}
		return a.restoreTestJobs(plan)[point]
	}
	job := advance(untilSunday(time.Now()))
	name := strings.TrimPrefix(fmt.Sprint(job["CreatedResourceArn"]), "arn:aws:s3:::")
	if job["ValidationStatus"] != "VALIDATING" || job["DeletionStatus"] != nil {
		t.Errorf("within its window the test is %v", job)
	}
	if got := a.s3(west, http.MethodGet, "/"+name+"/document", ""); got != "content" {
		t.Errorf("the restored document is %q", got)
	}
	if job = advance(2 * time.Hour); job["ValidationStatus"] != "TIMED_OUT" || job["DeletionStatus"] != "SUCCESSFUL" {
		t.Errorf("after its window the test is %v", job)
	}
	testwait.Until(t, "the restored bucket is deleted", func() error {
		if status, _ := a.tryS3(west, http.MethodGet, "/"+name+"?versions", ""); status != http.StatusNotFound {
			return fmt.Errorf("it answers %d", status)
		}
		return nil
	})
}
