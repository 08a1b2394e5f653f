package gateway

import (
	"context"
	"encoding/json"
	"errors"
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

// reportJob publishes the end of a job in the job's region. The metric's dimension is the vault that the job is counted in: of a copy
// the one that it copies from.
func (g *Gateway) reportJob(ctx context.Context, job backupJob) error {
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
		return fmt.Errorf("publishing the metric of job %s: %w", job.ID, err)
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
	return detail
}

// deliver sends an event of AWS itself to the targets of the default bus's rules that match it. The emulator's PutEvents refuses the
// events of AWS, as AWS's own does of others, so that the gateway asks it which rules match (AWS: Amazon EventBridge API Reference,
// TestEventPattern), and sends.
func (g *Gateway) deliver(ctx context.Context, region string, event map[string]any) error {
	text, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	var rules struct {
		Rules []struct{ Name, EventPattern, State string }
	}
	if err := g.callEvents(ctx, region, "ListRules", map[string]string{}, &rules); err != nil {
		return err
	}
	var faults []error
	for _, rule := range rules.Rules {
		if rule.EventPattern == "" || rule.State == "DISABLED" {
			continue
		}
		var tested struct{ Result bool }
		err := g.callEvents(ctx, region, "TestEventPattern", map[string]string{"EventPattern": rule.EventPattern, "Event": string(text)}, &tested)
		if err != nil || !tested.Result {
			faults = append(faults, err)
			continue
		}
		var targets struct{ Targets []struct{ Arn string } }
		if err := g.callEvents(ctx, region, "ListTargetsByRule", map[string]string{"Rule": rule.Name}, &targets); err != nil {
			faults = append(faults, err)
			continue
		}
		for _, target := range targets.Targets {
			faults = append(faults, g.sendToTarget(ctx, region, target.Arn, text))
		}
	}
	return errors.Join(faults...)
}

// sendToTarget delivers an event to a topic or a function, which are the targets that the platform's rules on AWS Backup have.
func (g *Gateway) sendToTarget(ctx context.Context, region, target string, event []byte) error {
	var resp apiResponse
	var err error
	switch {
	case strings.Contains(target, ":sns:"):
		resp, err = g.queryEmulator(ctx, region, "sns", url.Values{
			"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {target}, "Message": {string(event)},
		})
	default:
		g.log.Printf("an event of AWS Backup has the target %s: the local AWS emulator delivers to topics alone", target)
		return nil
	}
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return fmt.Errorf("delivering an event to %s: %w", target, err)
	}
	return nil
}

// callEvents calls EventBridge in the emulator.
func (g *Gateway) callEvents(ctx context.Context, region, action string, input, output any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", action, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return fmt.Errorf("calling %s: %w", action, err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set(targetHeader, "AWSEvents."+action)
	signAs(request, region, "events")
	call := &Call{Request: request, Region: region, Service: "events", Action: action}
	call.setBody(body)
	resp, err := g.callEmulator(call)
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err == nil {
		err = json.Unmarshal(resp.Body, output)
	}
	if err != nil {
		return fmt.Errorf("%s in %s: %w", action, region, err)
	}
	return nil
}
