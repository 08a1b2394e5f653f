package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// jobWords are the words for a kind of job in its event and in its metric. AWS: AWS Backup Developer Guide, "Monitoring AWS Backup
// events using Amazon EventBridge" and "AWS Backup metrics with Amazon CloudWatch".
var jobWords = map[string]struct{ event, metric string }{
	backupJobs:  {"Backup Job State Change", "NumberOfBackupJobs"},
	copyJobs:    {"Copy Job State Change", "NumberOfCopyJobs"},
	restoreJobs: {"Restore Job State Change", "NumberOfRestoreJobs"},
}

// reportJob publishes the end of a job in the job's region, and returns the targets of the rules that its event matches. The metric's
// dimension is the vault that the job is counted in: of a copy the one that it copies from.
func (g *Gateway) reportJob(ctx context.Context, job backupJob) (targets []string, err error) {
	vault := job.Vault
	if job.Kind == copyJobs {
		vault = lastOf(job.SourceVaultARN)
	}
	ended := strings.ToUpper(job.State[:1]) + strings.ToLower(job.State[1:])
	ctx = context.WithoutCancel(ctx)
	resp, err := g.queryEmulator(ctx, job.Region, "monitoring", url.Values{
		"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/Backup"},
		"MetricData.member.1.MetricName": {jobWords[job.Kind].metric + ended}, "MetricData.member.1.Value": {"1"},
		"MetricData.member.1.Unit":                      {"Count"},
		"MetricData.member.1.Timestamp":                 {job.Created.Format(time.RFC3339)},
		"MetricData.member.1.Dimensions.member.1.Name":  {"BackupVaultName"},
		"MetricData.member.1.Dimensions.member.1.Value": {vault},
	})
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return nil, fmt.Errorf("publishing the metric of job %s: %w", job.ID, err)
	}
	return g.deliver(ctx, job.Region, map[string]any{
		"version": "0", "id": requestID(), "detail-type": jobWords[job.Kind].event, "source": "aws.backup", "account": accountOf(job.VaultARN),
		"time": job.Created.Format(time.RFC3339), "region": job.Region, "resources": []string{job.PointARN}, "detail": job.detail(),
	})
}

// detail is the job in its event, whose keys begin with a small letter.
func (j backupJob) detail() map[string]any {
	detail := map[string]any{}
	for key, value := range j.output() {
		detail[strings.ToLower(key[:1])+key[1:]] = value
	}
	detail["creationDate"] = j.Created.Format(time.RFC3339)
	delete(detail, "completionDate")
	if j.TestPlanARN != "" {
		detail["restoreTestingPlanArn"] = j.TestPlanARN
	}
	return detail
}

// serviceEventHeader marks an event of AWS's own, which the emulator puts on the default bus of its region: clients cannot put events of
// AWS. serviceevents.py has the other end.
const serviceEventHeader = "X-Warmstandby-Service-Event"

// deliver puts an event of AWS itself on the default bus, whose rules deliver it as far as their targets allow it, and returns the targets
// of those that match.
func (g *Gateway) deliver(ctx context.Context, region string, event map[string]any) (targets []string, err error) {
	var output struct{ Targets []string }
	resp, err := g.sendJSON(ctx, region, "events", "AWSEvents.PutEvents", http.Header{serviceEventHeader: {"yes"}}, event)
	if err == nil {
		err = resp.decodeJSON(&output)
	}
	if err != nil {
		return nil, fmt.Errorf("delivering an event in %s: %w", region, err)
	}
	return output.Targets, nil
}
