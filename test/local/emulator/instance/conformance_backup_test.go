package instance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/local/fault"
)

const backupRole = "arn:aws:iam::" + testAccount + ":role/backup"

// rest sends a request of a REST-JSON service and returns the answer, whatever its status.
func (a aws) rest(region, service, method, path string, input object) (status int, output object) {
	a.t.Helper()
	var body []byte
	if input != nil {
		var err error
		if body, err = json.Marshal(input); err != nil {
			a.t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.endpoint+path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	sign(request, region, service)
	status, answer := a.do(request)
	if answer != "" {
		if err := json.Unmarshal([]byte(answer), &output); err != nil {
			a.t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
	}
	return status, output
}

// backup sends a request of AWS Backup, which must be good.
func (a aws) backup(region, method, path string, input object) object {
	a.t.Helper()
	status, output := a.rest(region, "backup", method, path, input)
	if status >= http.StatusBadRequest {
		a.t.Fatalf("%s %s in %s: %d %v", method, path, region, status, output)
	}
	return output
}

// s3 sends a request of S3, which must be good.
func (a aws) s3(region, method, path, body string) string {
	a.t.Helper()
	status, answer := a.tryS3(region, method, path, body)
	if status >= http.StatusBadRequest {
		a.t.Fatalf("%s %s in %s: %d %s", method, path, region, status, answer)
	}
	return answer
}

func (a aws) tryS3(region, method, path, body string) (status int, answer string) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.endpoint+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	sign(request, region, "s3")
	return a.do(request)
}

// newBucket makes a bucket with versions.
func (a aws) newBucket(region, name string) {
	a.t.Helper()
	constraint := ""
	if region != east {
		constraint = "<CreateBucketConfiguration><LocationConstraint>" + region + "</LocationConstraint></CreateBucketConfiguration>"
	}
	a.s3(region, http.MethodPut, "/"+name, constraint)
	a.s3(region, http.MethodPut, "/"+name+"?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
}

// newVault makes a vault.
func (a aws) newVault(region, name string) (arn string) {
	a.t.Helper()
	arn, _ = a.backup(region, http.MethodPut, "/backup-vaults/"+name, object{})["BackupVaultArn"].(string)
	return arn
}

// backUp backs a bucket up and returns the job as it is described.
func (a aws) backUp(region, vault, bucket string) object {
	a.t.Helper()
	started := a.backup(region, http.MethodPut, "/backup-jobs", object{
		"BackupVaultName": vault, "ResourceArn": "arn:aws:s3:::" + bucket, "IamRoleArn": backupRole, "Lifecycle": object{"DeleteAfterDays": 7},
	})
	return a.backup(region, http.MethodGet, fmt.Sprintf("/backup-jobs/%v", started["BackupJobId"]), nil)
}

// restore restores a recovery point into a bucket and returns the job's status and message.
func (a aws) restore(region string, point any, bucket string, isNew bool) (status, message any) {
	a.t.Helper()
	started := a.backup(region, http.MethodPut, "/restore-jobs", object{
		"RecoveryPointArn": point, "IamRoleArn": backupRole,
		"Metadata": object{"DestinationBucketName": bucket, "NewBucket": fmt.Sprint(isNew)},
	})
	job := a.backup(region, http.MethodGet, fmt.Sprintf("/restore-jobs/%v", started["RestoreJobId"]), nil)
	return job["Status"], job["StatusMessage"]
}

// points are the recovery points of a vault.
func (a aws) points(region, vault string) []any {
	a.t.Helper()
	points, _ := a.backup(region, http.MethodGet, "/backup-vaults/"+vault+"/recovery-points/", nil)["RecoveryPoints"].([]any)
	return points
}

// messages receives a number of messages of a queue, and waits for them until the test's own deadline.
func (a aws) messages(region, url string, number int) (bodies []string) {
	a.t.Helper()
	for len(bodies) < number {
		output := a.json(region, "sqs", "ReceiveMessage", object{"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1})
		received, _ := output["Messages"].([]any)
		for _, one := range received {
			message, _ := one.(map[string]any)
			bodies = append(bodies, fmt.Sprint(message["Body"]))
		}
	}
	return bodies
}

func TestABackupOfABucketRestoresWhatWasInIt(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	a.newVault(east, "vault-east")
	west2 := a.newVault(west, "vault-west")
	a.newBucket(east, "documents")
	for _, key := range []string{"kept", "lost", "overwritten"} {
		a.s3(east, http.MethodPut, "/documents/"+key, "the first "+key)
	}
	job := a.backUp(east, "vault-east", "documents")
	if job["State"] != "COMPLETED" || job["ResourceType"] != "S3" {
		t.Fatalf("the job is %v", job)
	}
	point := job["RecoveryPointArn"]
	a.s3(east, http.MethodDelete, "/documents/lost", "")
	a.s3(east, http.MethodPut, "/documents/overwritten", "a mistake")
	a.s3(east, http.MethodPut, "/documents/new", "written after the backup")

	copied := a.backup(east, http.MethodPut, "/copy-jobs", object{
		"RecoveryPointArn": point, "SourceBackupVaultName": "vault-east", "DestinationBackupVaultArn": west2, "IamRoleArn": backupRole,
	})
	described, _ := a.backup(east, http.MethodGet, fmt.Sprintf("/copy-jobs/%v", copied["CopyJobId"]), nil)["CopyJob"].(map[string]any)
	if described["State"] != "COMPLETED" {
		t.Fatalf("the copy is %v", described)
	}
	if east, west := a.points(east, "vault-east"), a.points(west, "vault-west"); len(east) != 1 || len(west) != 1 {
		t.Fatalf("the vaults have %v and %v", east, west)
	}

	t.Run("in place: a deleted object by its own version, an overwritten one anew, a newer one is left", func(t *testing.T) {
		a := aws{t, a.endpoint}
		if status, message := a.restore(east, point, "documents", false); status != "COMPLETED" {
			t.Fatalf("the restore is %v: %v", status, message)
		}
		for key, want := range map[string]string{
			"kept": "the first kept", "lost": "the first lost", "overwritten": "the first overwritten", "new": "written after the backup",
		} {
			if got := a.s3(east, http.MethodGet, "/documents/"+key, ""); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		versions := a.s3(east, http.MethodGet, "/documents?versions", "")
		if strings.Contains(versions, "<DeleteMarker>") || strings.Count(versions, "<Key>lost</Key>") != 1 ||
			strings.Count(versions, "<Key>kept</Key>") != 1 {
			t.Errorf("the versions are %s, want no delete marker and no second version of what had one", versions)
		}
	})
	t.Run("in the other region, into a new bucket, what was there at the time of the backup", func(t *testing.T) {
		a := aws{t, a.endpoint}
		if status, message := a.restore(west, described["DestinationRecoveryPointArn"], "restored", true); status != "COMPLETED" {
			t.Fatalf("the restore is %v: %v", status, message)
		}
		for key, want := range map[string]string{"kept": "the first kept", "lost": "the first lost", "overwritten": "the first overwritten"} {
			if got := a.s3(west, http.MethodGet, "/restored/"+key, ""); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		if status, _ := a.tryS3(west, http.MethodGet, "/restored/new", ""); status != http.StatusNotFound {
			t.Errorf("what was written after the backup is there, too: %d", status)
		}
	})
	t.Run("a vault with recovery points is not deleted, and an empty one is", func(t *testing.T) {
		a := aws{t, a.endpoint}
		if status, output := a.rest(east, "backup", http.MethodDelete, "/backup-vaults/vault-east", nil); status < http.StatusBadRequest {
			t.Errorf("it is: %d %v", status, output)
		}
		a.backup(east, http.MethodDelete, "/backup-vaults/vault-east/recovery-points/"+url.PathEscape(fmt.Sprint(point)), nil)
		a.backup(east, http.MethodDelete, "/backup-vaults/vault-east", nil)
	})
}

// A vault's policy and its lock refuse, each alone, what would shorten a backup's life.
func TestALockedVaultKeepsItsRecoveryPoints(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	a.newVault(east, "vault")
	a.newBucket(east, "documents")
	a.s3(east, http.MethodPut, "/documents/a", "a")
	point := url.PathEscape(fmt.Sprint(a.backUp(east, "vault", "documents")["RecoveryPointArn"]))
	guards := []struct{ path, refused string }{
		{"/backup-vaults/vault/access-policy", "AccessDeniedException"}, {"/backup-vaults/vault/vault-lock", "InvalidRequestException"},
	}
	for i, input := range []object{
		{"Policy": `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["backup:DeleteRecoveryPoint"],"Resource":"*"}]}`},
		{"MinRetentionDays": 30},
	} {
		a.backup(east, http.MethodPut, guards[i].path, input)
		status, output := a.rest(east, "backup", http.MethodDelete, "/backup-vaults/vault/recovery-points/"+point, nil)
		if status < http.StatusBadRequest || output["__type"] != guards[i].refused {
			t.Errorf("with %v it is deleted: %d %v", input, status, output)
		}
		if i == 1 {
			if vault := a.backup(east, http.MethodGet, "/backup-vaults/vault", nil); vault["Locked"] != true || vault["MinRetentionDays"] != 30.0 {
				t.Errorf("the vault is %v", vault)
			}
			if job := a.backUp(
				east,
				"vault",
				"documents",
			); job["State"] != "FAILED" ||
				!strings.Contains(fmt.Sprint(job["StatusMessage"]), "at least 30 days") {
				t.Errorf("a backup of 7 days in the locked vault is %v", job)
			}
		}
		a.backup(east, http.MethodDelete, guards[i].path, nil)
	}
	a.backup(east, http.MethodDelete, "/backup-vaults/vault/recovery-points/"+point, nil)
	if left := a.points(east, "vault"); len(left) > 0 {
		t.Errorf("there are left %v", left)
	}
}

// A rule as the platform's own gets each failed job of its vault, and no other job.
func TestAFailedBackupReachesTheRuleOfItsVault(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	vault := a.newVault(east, "vault")
	a.newVault(east, "another")
	a.newBucket(east, "documents")
	topic := a.field(a.query(east, "sns", "CreateTopic", "Name", "notices"), "TopicArn")
	a.query(east, "sns", "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue", policyOf(object{
		"Effect": "Allow", "Principal": object{"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic,
	}))
	inbox := a.queue(east, "inbox")
	a.query(east, "sns", "Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", queueARN(east, "inbox"))
	pattern := fmt.Sprintf(`{"source":["aws.backup"],"detail-type":["Backup Job State Change","Copy Job State Change"],"detail":`+
		`{"state":["FAILED"],"$or":[{"backupVaultArn":[%q]},{"sourceBackupVaultArn":[%q]}]}}`, vault, vault)
	a.rule(east, "default", "backup-failed", pattern, object{"Arn": topic})

	good := a.backUp(east, "vault", "documents")
	if one, err := fault.New(east, fault.BackupFailing, 0); err != nil {
		t.Fatal(err)
	} else if err := e.folder.Fault(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	a.backUp(east, "another", "documents")
	bad := a.backUp(east, "vault", "documents")
	if good["State"] != "COMPLETED" || bad["State"] != "FAILED" || bad["StatusMessage"] == "" {
		t.Fatalf("the jobs are %v and %v", good, bad)
	}
	a.backup(east, http.MethodPut, "/copy-jobs", object{
		"RecoveryPointArn":          good["RecoveryPointArn"],
		"SourceBackupVaultName":     "vault",
		"DestinationBackupVaultArn": vault,
		"IamRoleArn":                backupRole,
	})
	var got []string
	for _, message := range a.messages(east, inbox, 2) {
		var notice struct{ Message string }
		var event struct {
			DetailType string `json:"detail-type"`
			Detail     struct{ BackupJobID string }
		}
		if err := json.Unmarshal([]byte(message), &notice); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(notice.Message), &event); err != nil {
			t.Fatal(err)
		}
		got = append(got, event.DetailType+" "+event.Detail.BackupJobID)
	}
	slices.Sort(got)
	if want := []string{fmt.Sprintf("Backup Job State Change %v", bad["BackupJobId"]), "Copy Job State Change "}; !slices.Equal(got, want) {
		t.Errorf("the rule got %q, want %q", got, want)
	}
	metric := a.json(east, "monitoring", "GraniteServiceVersion20100801.ListMetrics", object{"Namespace": "AWS/Backup"})
	for _, name := range []string{"NumberOfBackupJobsCompleted", "NumberOfBackupJobsFailed", "NumberOfCopyJobsFailed"} {
		if !strings.Contains(fmt.Sprint(metric), name) {
			t.Errorf("%s is not among the metrics %v", name, metric)
		}
	}
}

func TestARestoreTestingPlanReadsBackAsPut(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	const plans = "/restore-testing/plans"
	created := a.backup(west, http.MethodPut, plans, object{
		"Tags": object{"Environment": "blue"},
		"RestoreTestingPlan": object{
			"RestoreTestingPlanName": "weekly",
			"ScheduleExpression":     "cron(0 11 ? * SUN *)",
			"RecoveryPointSelection": object{
				"Algorithm":          "LATEST_WITHIN_WINDOW",
				"IncludeVaults":      []string{"*"},
				"RecoveryPointTypes": []string{"SNAPSHOT"},
			},
		},
	})
	a.backup(west, http.MethodPut, plans+"/weekly/selections", object{"RestoreTestingSelection": object{
		"RestoreTestingSelectionName": "documents", "ProtectedResourceType": "S3", "IamRoleArn": backupRole, "ValidationWindowHours": 1,
	}})
	a.backup(west, http.MethodPut, plans+"/weekly", object{"RestoreTestingPlan": object{"ScheduleExpression": "cron(0 12 ? * SUN *)"}})
	a.backup(west, http.MethodPut, plans+"/weekly/selections/documents", object{"RestoreTestingSelection": object{"ValidationWindowHours": 2}})
	plan, _ := a.backup(west, http.MethodGet, plans+"/weekly", nil)["RestoreTestingPlan"].(map[string]any)
	if plan["ScheduleExpression"] != "cron(0 12 ? * SUN *)" || plan["RestoreTestingPlanArn"] != created["RestoreTestingPlanArn"] ||
		plan["RecoveryPointSelection"] == nil {
		t.Errorf("the plan is %v", plan)
	}
	selection, _ := a.backup(west, http.MethodGet, plans+"/weekly/selections/documents", nil)["RestoreTestingSelection"].(map[string]any)
	if selection["ProtectedResourceType"] != "S3" || selection["ValidationWindowHours"] != 2.0 ||
		selection["RestoreTestingPlanName"] != "weekly" {
		t.Errorf("the selection is %v", selection)
	}
	tags := a.backup(west, http.MethodGet, "/tags/"+url.PathEscape(fmt.Sprint(created["RestoreTestingPlanArn"])), nil)["Tags"]
	if fmt.Sprint(tags) != "map[Environment:blue]" {
		t.Errorf("the plan has the tags %v", tags)
	}
	if status, _ := a.rest(east, "backup", http.MethodGet, plans+"/weekly", nil); status < http.StatusBadRequest {
		t.Error("the other region has the plan, too")
	}
	if status, _ := a.rest(west, "backup", http.MethodDelete, plans+"/weekly", nil); status < http.StatusBadRequest {
		t.Error("a plan with selections is deleted")
	}
	a.backup(west, http.MethodDelete, plans+"/weekly/selections/documents", nil)
	a.backup(west, http.MethodDelete, plans+"/weekly", nil)
	if left := a.backup(west, http.MethodGet, plans, nil)["RestoreTestingPlans"]; fmt.Sprint(left) != "[]" {
		t.Errorf("there are left %v", left)
	}
}
