package observe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/topic"
)

// BackupArgs are what is watched of one region's backups.
type BackupArgs struct {
	Region   string
	Vault    string            // whose jobs are watched
	TopicARN string            // of the operators
	Name     string            // of the queue that receives the topic's messages
	Alarms   map[string]string // by their names: the purposes that evidence has
}

// Backups watches AWS Backup's jobs, the alarms on their absence, and what the operators are notified of, in each region.
type Backups struct {
	Log     *evidence.Log
	regions []*regionBackups
}

// regionBackups is one region's.
type regionBackups struct {
	BackupArgs
	jobs          *backup.Client
	alarms        *cloudwatch.Client
	topic         *topic.Queue
	lastOfAlarms  map[string]string
	knownJobState map[string]string
}

// Attach subscribes a queue of the drill's own to a region's topic. After an error what was made has to be detached, too.
func (b *Backups) Attach(ctx context.Context, settings aws.Config, args BackupArgs) error {
	r := &regionBackups{
		BackupArgs: args, jobs: backup.NewFromConfig(settings), alarms: cloudwatch.NewFromConfig(settings),
		topic:        topic.New(settings, args.Name, args.TopicARN),
		lastOfAlarms: map[string]string{}, knownJobState: map[string]string{},
	}
	b.regions = append(b.regions, r)
	return r.topic.Attach(ctx)
}

// Detach removes the queues and their subscriptions.
func (b *Backups) Detach(ctx context.Context) error {
	var faults []error
	for _, r := range b.regions {
		faults = append(faults, r.topic.Detach(ctx))
	}
	return errors.Join(faults...)
}

// Run watches until the context ends.
func (b *Backups) Run(ctx context.Context) {
	poll(ctx, period, func(ctx context.Context) {
		for _, r := range b.regions {
			r.observe(ctx, b.Log)
		}
	})
}

// observe notes what is new. A query without an answer is repeated.
func (r *regionBackups) observe(ctx context.Context, log *evidence.Log) {
	jobs := r.changedJobs(ctx)
	alarms := r.changedAlarms(ctx)
	notices := r.receive(ctx)
	if len(jobs)+len(alarms)+len(notices) == 0 {
		return
	}
	log.UpdateBackups(func(b *evidence.Backups) {
		for _, job := range jobs {
			if at := slices.IndexFunc(b.Jobs, func(known evidence.Job) bool { return known.ID == job.ID }); at >= 0 {
				b.Jobs[at].State = job.State
			} else {
				b.Jobs = append(b.Jobs, job)
			}
		}
		b.Alarms = append(b.Alarms, alarms...)
		b.Notices = append(b.Notices, notices...)
	})
}

// changedJobs returns the jobs of the region's vault that are new or have another state.
func (r *regionBackups) changedJobs(ctx context.Context) (changed []evidence.Job) {
	add := func(job evidence.Job) {
		if r.knownJobState[job.ID] != job.State {
			r.knownJobState[job.ID] = job.State
			job.Region, job.Seen = r.Region, time.Now()
			changed = append(changed, job)
		}
	}
	backups := backup.NewListBackupJobsPaginator(r.jobs, &backup.ListBackupJobsInput{ByBackupVaultName: aws.String(r.Vault)})
	for backups.HasMorePages() {
		page, err := backups.NextPage(ctx)
		if err != nil {
			return changed
		}
		for _, job := range page.BackupJobs {
			add(evidence.Job{
				ID: aws.ToString(job.BackupJobId), Kind: evidence.BackupJob, Resource: aws.ToString(job.ResourceType), State: string(job.State),
				Created: aws.ToTime(job.CreationDate),
			})
		}
	}
	copies := backup.NewListCopyJobsPaginator(r.jobs, &backup.ListCopyJobsInput{})
	for copies.HasMorePages() {
		page, err := copies.NextPage(ctx)
		if err != nil {
			return changed
		}
		for _, job := range page.CopyJobs {
			if r.copiesFromVault(job) {
				add(evidence.Job{
					ID: aws.ToString(job.CopyJobId), Kind: evidence.CopyJob, Resource: aws.ToString(job.ResourceType), State: string(job.State),
					Created: aws.ToTime(job.CreationDate),
				})
			}
		}
	}
	return changed
}

// copiesFromVault says whether a copy is one from the region's own vault: another environment's are its own.
func (r *regionBackups) copiesFromVault(job backuptypes.CopyJob) bool {
	return strings.HasSuffix(aws.ToString(job.SourceBackupVaultArn), ":"+r.Vault)
}

// changedAlarms returns the alarms whose state is another than the last time.
func (r *regionBackups) changedAlarms(ctx context.Context) (changed []evidence.AlarmState) {
	described, err := r.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: slices.Collect(maps.Keys(r.Alarms))})
	if err != nil {
		return nil
	}
	for _, alarm := range described.MetricAlarms {
		name, state := aws.ToString(alarm.AlarmName), string(alarm.StateValue)
		if r.lastOfAlarms[name] != state {
			r.lastOfAlarms[name] = state
			changed = append(changed, evidence.AlarmState{At: time.Now(), Region: r.Region, Alarm: r.Alarms[name], State: state})
		}
	}
	return changed
}

// receive returns the notices that have come.
func (r *regionBackups) receive(ctx context.Context) (notices []evidence.Notice) {
	r.topic.Receive(ctx, func(text []byte) {
		if notice, is := r.parse(text); is {
			notices = append(notices, notice)
		}
	})
	return notices
}

// parse reads what a topic was sent: an alarm's notification or an event of AWS Backup's (AWS Backup Developer Guide, "Monitoring AWS
// Backup events using Amazon EventBridge"). Others are none of backups'.
func (r *regionBackups) parse(text []byte) (evidence.Notice, bool) {
	var event struct {
		Source string `json:"source"`
		Detail struct{ BackupJobID, CopyJobID, State string }
	}
	if err := json.Unmarshal(text, &event); err != nil {
		return evidence.Notice{}, false
	}
	notice := evidence.Notice{At: time.Now(), Region: r.Region}
	if name, state, is := alarmNotice(text); is && r.Alarms[name] != "" {
		notice.Alarm, notice.State = r.Alarms[name], state
		return notice, true
	}
	notice.Job, notice.State = event.Detail.BackupJobID+event.Detail.CopyJobID, event.Detail.State
	return notice, event.Source == "aws.backup" && notice.Job != ""
}
