package restoretest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"warmstandby/lambda/failover/notice"
)

var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// restored is what AWS has of one restored cluster and one restored bucket.
type restored struct {
	cluster Cluster
	probe   time.Time
	err     error
	asked   string
}

func (r *restored) Cluster(_ context.Context, identifier string) (Cluster, error) {
	r.asked = identifier
	return r.cluster, r.err
}

func (r *restored) Probe(_ context.Context, bucket string) (time.Time, error) {
	r.asked = bucket
	return r.probe, r.err
}

// recorder records results and notices.
type recorder struct {
	job, message string
	passed       bool
	notices      []notice.Notice
	err          error
}

func (r *recorder) Report(_ context.Context, jobID string, passed bool, message string) error {
	r.job, r.passed, r.message = jobID, passed, message
	return r.err
}

func (r *recorder) Notify(_ context.Context, n notice.Notice) error {
	r.notices = append(r.notices, n)
	return nil
}

const (
	clusterARN = "arn:aws:rds:us-west-2:111122223333:cluster:awsbackup-restore-test-1"
	bucketARN  = "arn:aws:s3:::awsbackup-restore-test-2"
)

func TestValidate(t *testing.T) {
	well := Cluster{Status: "available", Encrypted: true}
	tests := []struct {
		name     string
		job      Job
		restored restored
		passes   bool
		message  string // part of it
		asked    string
	}{
		{"a cluster that is available and encrypted passes", Job{ResourceType: "Aurora", CreatedARN: clusterARN}, restored{cluster: well},
			true, "whole", "awsbackup-restore-test-1"},
		{
			"a cluster that is not available fails",
			Job{ResourceType: "Aurora", CreatedARN: clusterARN},
			restored{cluster: Cluster{"creating", true}},
			false,
			"is creating, want available",
			"awsbackup-restore-test-1",
		},
		{
			"a cluster that is not encrypted fails",
			Job{ResourceType: "Aurora", CreatedARN: clusterARN},
			restored{cluster: Cluster{"available", false}},
			false,
			"not encrypted",
			"awsbackup-restore-test-1",
		},
		{
			"a cluster that cannot be described fails",
			Job{ResourceType: "Aurora", CreatedARN: clusterARN},
			restored{err: errors.New("no such cluster")},
			false,
			"no such cluster",
			"awsbackup-restore-test-1",
		},
		{
			"a bucket with a probe of the last week passes",
			Job{ResourceType: "S3", CreatedARN: bucketARN},
			restored{probe: now.Add(-7 * 24 * time.Hour)},
			true,
			"whole",
			"awsbackup-restore-test-2",
		},
		{"a bucket with an older probe fails", Job{ResourceType: "S3", CreatedARN: bucketARN}, restored{probe: now.Add(-9 * 24 * time.Hour)},
			false, "216h0m0s old", "awsbackup-restore-test-2"},
		{"a bucket without the probe fails", Job{ResourceType: "S3", CreatedARN: bucketARN}, restored{err: errors.New("NoSuchKey")},
			false, "NoSuchKey", "awsbackup-restore-test-2"},
		{"another type fails", Job{ResourceType: "EFS", CreatedARN: "arn:aws:efs:x"}, restored{}, false, `type "EFS"`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got recorder
			test.job.ID, test.job.Status = "job-1", "COMPLETED"
			err := validator(&test.restored, &got).Validate(t.Context(), test.job)
			if err != nil || got.job != "job-1" || got.passed != test.passes || !strings.Contains(got.message, test.message) {
				t.Errorf("reported is %+v (%v), want passed %t with %q", got, err, test.passes, test.message)
			}
			if test.restored.asked != test.asked {
				t.Errorf("asked is %q, want %q", test.restored.asked, test.asked)
			}
			if notified := len(got.notices) == 1; notified == test.passes {
				t.Errorf("notices are %v", got.notices)
			}
		})
	}
}

func validator(of *restored, got *recorder) Validator {
	return Validator{
		Restored: of, Reporter: got, Notifier: got, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	}
}

// A job that restored nothing has nothing to validate, and AWS Backup takes no result of it.
func TestAFailedJobNotifies(t *testing.T) {
	var got recorder
	job := Job{ID: "job-1", Status: "FAILED", Message: "no subnet group", ResourceType: "Aurora"}
	if err := validator(&restored{}, &got).Validate(t.Context(), job); err != nil || got.job != "" {
		t.Errorf("reported is %+v (%v), want nothing", got, err)
	}
	if len(got.notices) != 1 || !strings.Contains(got.notices[0].Body, "FAILED: no subnet group") {
		t.Errorf("notices are %v", got.notices)
	}
}

// A result that AWS Backup does not take is no reason to keep a failed test from the operators.
func TestAFailedTestNotifiesAlthoughItIsNotReported(t *testing.T) {
	got := recorder{err: errors.New("throttled")}
	err := validator(
		&restored{},
		&got,
	).Validate(
		t.Context(),
		Job{ID: "job-1", Status: "COMPLETED", ResourceType: "Aurora", CreatedARN: clusterARN},
	)
	if !errors.Is(err, got.err) || len(got.notices) != 1 {
		t.Errorf("got %v and %v", err, got.notices)
	}
}
