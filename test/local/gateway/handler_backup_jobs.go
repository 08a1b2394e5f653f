package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The states of jobs. AWS: AWS Backup API Reference, BackupJob, State, and RestoreJobsListMember, Status.
const (
	jobCompleted = "COMPLETED"
	jobFailed    = "FAILED"
)

// The kinds of jobs, as their paths begin.
const (
	backupJobs  = "backup-jobs"
	copyJobs    = "copy-jobs"
	restoreJobs = "restore-jobs"
)

// backupHandler is AWS Backup's data plane: jobs that store, copy and restore, and what a vault holds. A job is done when its start
// is answered. MiniStack keeps the vaults, plans and selections.
type backupHandler struct {
	vaults *table[vaultGuards]
	points *table[recoveryPoint]
	jobs   *table[backupJob]
	// calendar is the clock of all jobs.
	calendar *backupCalendar
	// ran is up to when plans have run, by the calendar; guarded by its running.
	ran time.Time
	// stored is the folder of what was backed up, a folder for each recovery point.
	stored string
}

// recoveryPoint is one of a vault. AWS: AWS Backup API Reference, RecoveryPointByBackupVault.
type recoveryPoint struct {
	ARN, Region, Vault, VaultARN string
	ResourceARN, ResourceType    string
	RoleARN, SourceVaultARN      string
	Created                      time.Time
	Bytes                        int64
	RetentionDays                int
	Tags                         map[string]string
}

// backupJob is a job of any kind. AWS: AWS Backup API Reference, BackupJob, CopyJob and RestoreJobsListMember.
type backupJob struct {
	ID, Kind, Region, State, Message string
	Vault, VaultARN                  string // of the recovery point that it makes, or restores
	SourceVaultARN                   string
	ResourceARN, ResourceType        string
	PointARN, SourcePointARN         string
	CreatedARN                       string // what a restore made
	RoleARN                          string
	PlanID                           string    // of the plan that started it, "" for one that a client did
	Created                          time.Time // by the calendar
	Bytes                            int64
	Validation, ValidationMessage    string

	// Of a job that tests a restore: see restoretests.go.
	TestPlanARN string
	Deletion    string    // of what was restored
	WindowEnds  time.Time // of its validation, by the calendar
	Validated   bool      // whether a rule has a function validate it
}

func newBackups(folder string) (Handler, error) {
	vaults, err := openTable[vaultGuards](folder, "backup-vaults")
	if err != nil {
		return Handler{}, err
	}
	points, err := openTable[recoveryPoint](folder, "backup-recovery-points")
	if err != nil {
		return Handler{}, err
	}
	jobs, err := openTable[backupJob](folder, "backup-jobs")
	if err != nil {
		return Handler{}, err
	}
	calendar, err := openBackupCalendar(folder)
	h := &backupHandler{vaults: vaults, points: points, jobs: jobs, calendar: calendar, stored: filepath.Join(folder, "backups")}
	return Handler{
		Backups: h,
		Name:    "AWS Backup's jobs and recovery points",
		AWS: "StartBackupJob stores a resource in a vault as a recovery point, StartCopyJob copies one to another vault, StartRestoreJob" +
			" makes a resource of one. A vault's policy and its lock refuse to delete recovery points. Each job's end is an event and a metric.",
		Source:  "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html",
		Matches: func(c *Call) bool { return c.Service == "backup" && h.route(c) != nil },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			resp, err := h.route(c)(g, c)
			g.respond(w, c, resp, err)
		},
	}, err
}

// backupOperation serves one operation.
type backupOperation func(*Gateway, *Call) (apiResponse, error)

// segments are the parts of a path, unescaped: an ARN is one part.
func segments(c *Call) []string {
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(c.URL.EscapedPath(), "/"), "/") {
		if text, err := url.PathUnescape(part); err == nil {
			parts = append(parts, text)
		}
	}
	return parts
}

// route finds the operation of a request, or nil: the emulator's. AWS: AWS Backup API Reference, "Request Syntax" of each operation.
func (h *backupHandler) route(c *Call) backupOperation {
	parts := segments(c)
	pattern := c.Method + " " + parts[0]
	switch len(parts) {
	case 2:
		pattern += "/{}"
	case 3:
		pattern += "/{}/" + parts[2]
	case 4:
		pattern += "/{}/" + parts[2] + "/{}"
	}
	return map[string]backupOperation{
		"PUT backup-jobs":     h.startBackup,
		"PUT copy-jobs":       h.startCopy,
		"PUT restore-jobs":    h.startRestore,
		"GET backup-jobs":     h.listJobs,
		"GET copy-jobs":       h.listJobs,
		"GET restore-jobs":    h.listJobs,
		"GET backup-jobs/{}":  h.describeJob,
		"GET copy-jobs/{}":    h.describeJob,
		"GET restore-jobs/{}": h.describeJob,

		"PUT restore-jobs/{}/validations": h.putValidation,

		"GET backup-vaults":                          h.listVaults,
		"GET backup-vaults/{}":                       h.describeVault,
		"DELETE backup-vaults/{}":                    h.deleteVault,
		"GET backup-vaults/{}/access-policy":         h.getPolicy,
		"PUT backup-vaults/{}/access-policy":         h.putPolicy,
		"DELETE backup-vaults/{}/access-policy":      h.deletePolicy,
		"PUT backup-vaults/{}/vault-lock":            h.putLock,
		"DELETE backup-vaults/{}/vault-lock":         h.deleteLock,
		"GET backup-vaults/{}/recovery-points":       h.listPoints,
		"GET backup-vaults/{}/recovery-points/{}":    h.describePoint,
		"DELETE backup-vaults/{}/recovery-points/{}": h.deletePoint,
		"GET resources/{}/recovery-points":           h.listPointsOfResource,
		"GET account-settings":                       h.regionSettings,
		"GET tags/{}":                                h.tagsOfPoint(parts),
	}[pattern]
}

// restError is the REST-JSON protocol's answer to a call that is refused. Smithy: "AWS restJson1 protocol", operation errors.
func restError(status int, code, message string) (apiResponse, error) {
	resp := jsonError(code, message)
	resp.Status = status
	resp.Header.Set("X-Amzn-Errortype", code)
	return resp, nil
}

func notFound(what, name string) (apiResponse, error) {
	return restError(http.StatusBadRequest, "ResourceNotFoundException", fmt.Sprintf("%s %s cannot be found.", what, name))
}

// decodeREST reads the body of a REST-JSON call.
func decodeREST(c *Call, into any) error {
	body, err := io.ReadAll(io.LimitReader(c.Body, formLimit))
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.operation(), err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading %s: %w", c.operation(), err)
	}
	return nil
}

// epoch is a timestamp of the REST-JSON protocol.
func epoch(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// end records a job that is done, and reports it as AWS does: by an event and by a metric.
func (h *backupHandler) end(ctx context.Context, g *Gateway, job backupJob) error {
	if err := h.jobs.update(job.key(), func(row *backupJob) { *row = job }); err != nil {
		return err
	}
	targets, err := g.reportJob(ctx, job)
	if !job.isTest() || !slices.ContainsFunc(targets, isFunction) {
		return err
	}
	return errors.Join(err, h.jobs.update(job.key(), func(row *backupJob) { row.Validated = true }))
}

// key is the job's in the table.
func (j backupJob) key() string { return j.Region + "/" + j.ID }

// isFunction says whether an ARN is a function's.
func isFunction(arn string) bool { return strings.Contains(arn, ":lambda:") }

// describeJob serves DescribeBackupJob, DescribeCopyJob and DescribeRestoreJob.
func (h *backupHandler) describeJob(_ *Gateway, c *Call) (apiResponse, error) {
	parts := segments(c)
	job, ok := h.jobs.get(c.Region + "/" + parts[1])
	if !ok || job.Kind != parts[0] {
		return notFound("Job", parts[1])
	}
	if job.Kind == copyJobs {
		return jsonResponse(map[string]any{"CopyJob": job.output()})
	}
	return jsonResponse(job.output())
}

// listJobs serves ListBackupJobs, ListCopyJobs and ListRestoreJobs, the newest job first, with the filters on resource, state,
// vault and restore testing plan.
func (h *backupHandler) listJobs(_ *Gateway, c *Call) (apiResponse, error) {
	kind, query := segments(c)[0], c.URL.Query()
	state := query.Get("state") + query.Get("status")
	listed := []map[string]any{}
	for _, job := range h.jobs.sorted(func(a, b backupJob) int { return b.Created.Compare(a.Created) }) {
		if job.Kind == kind && job.Region == c.Region && matches(state, job.State) &&
			matches(query.Get("resourceArn"), job.ResourceARN) && matches(query.Get("backupVaultName"), job.Vault) &&
			matches(query.Get("restoreTestingPlanArn"), job.TestPlanARN) {
			listed = append(listed, job.output())
		}
	}
	member := map[string]string{backupJobs: "BackupJobs", copyJobs: "CopyJobs", restoreJobs: "RestoreJobs"}[kind]
	return jsonResponse(map[string]any{member: listed})
}

// matches says whether a value passes a filter; an empty one is none.
func matches(filter, value string) bool { return filter == "" || filter == value }

// output is the job as its Describe operation answers.
func (j backupJob) output() map[string]any {
	output := map[string]any{
		"IamRoleArn": j.RoleARN, "ResourceType": j.ResourceType, "CreationDate": epoch(j.Created), "CompletionDate": epoch(j.Created),
		"StatusMessage": j.Message, "BackupSizeInBytes": j.Bytes, "AccountId": accountOf(j.VaultARN),
	}
	switch j.Kind {
	case backupJobs:
		output["BackupJobId"], output["State"], output["PercentDone"] = j.ID, j.State, "100.0"
		output["BackupVaultName"], output["BackupVaultArn"], output["ResourceArn"] = j.Vault, j.VaultARN, j.ResourceARN
		output["RecoveryPointArn"] = j.PointARN
		if j.PlanID != "" {
			output["CreatedBy"] = map[string]string{"BackupPlanId": j.PlanID}
		}
	case copyJobs:
		output["CopyJobId"], output["State"], output["ResourceArn"] = j.ID, j.State, j.ResourceARN
		output["SourceBackupVaultArn"], output["SourceRecoveryPointArn"] = j.SourceVaultARN, j.SourcePointARN
		output["DestinationBackupVaultArn"], output["DestinationRecoveryPointArn"] = j.VaultARN, j.PointARN
	case restoreJobs:
		output["RestoreJobId"], output["Status"], output["PercentDone"] = j.ID, j.State, "100.0"
		output["RecoveryPointArn"], output["CreatedResourceArn"], output["BackupVaultArn"] = j.PointARN, j.CreatedARN, j.VaultARN
		if j.Validation != "" {
			output["ValidationStatus"], output["ValidationStatusMessage"] = j.Validation, j.ValidationMessage
		}
		if j.isTest() {
			output["CreatedBy"] = map[string]string{"RestoreTestingPlanArn": j.TestPlanARN}
		}
		if j.Deletion != "" {
			output["DeletionStatus"] = j.Deletion
		}
	}
	return output
}

// putValidation serves PutRestoreValidationResult.
func (h *backupHandler) putValidation(_ *Gateway, c *Call) (apiResponse, error) {
	id := segments(c)[1]
	job, ok := h.jobs.get(c.Region + "/" + id)
	if !ok || job.Kind != restoreJobs {
		return notFound("Restore job", id)
	}
	var input struct{ ValidationStatus, ValidationStatusMessage string }
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidRequestException", err.Error())
	}
	err := h.jobs.update(c.Region+"/"+id, func(row *backupJob) {
		row.Validation, row.ValidationMessage = input.ValidationStatus, input.ValidationStatusMessage
	})
	return apiResponse{Status: http.StatusNoContent, Header: jsonHeader()}, err
}

// regionSettings serves DescribeRegionSettings: an account that uses AWS Backup is opted in to each type (AWS: AWS Backup Developer
// Guide, "Select AWS services to backup").
func (h *backupHandler) regionSettings(*Gateway, *Call) (apiResponse, error) {
	return jsonResponse(map[string]any{
		"ResourceTypeOptInPreference":      map[string]bool{typeAurora: true, typeS3: true},
		"ResourceTypeManagementPreference": map[string]bool{typeS3: true},
	})
}
