package notice

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/shared/contract/controller"
)

var (
	composer = Composer{controller.Config{
		Environment: "prod", PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2",
		RunbookURL: "https://runbook.example", DashboardURL: "https://dashboard.example", GlobalURL: "https://app.example",
	}}
	over = journal.Move{
		Action:    decision.Failover,
		To:        "us-west-2",
		From:      "us-east-1",
		By:        journal.Controller,
		Reasons:   []string{"Writes fail.", "The heartbeat is overdue."},
		Requested: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Ended:     time.Date(2026, 3, 1, 12, 1, 0, 0, time.UTC),
		Refusal:   "not available",
	}
)

func TestNotices(t *testing.T) {
	because := decision.Decision{Action: decision.Advise, Recommended: decision.Failover, Reasons: over.Reasons}
	tests := []struct {
		name    string
		notice  Notice
		subject string
		says    []string
	}{
		{
			name:    "a move has begun",
			notice:  composer.Begun(over),
			subject: "failover to us-west-2 has begun",
			says:    []string{"is lost", "Writes fail.", "make status ENV=prod"},
		},
		{
			name:    "a failover is done",
			notice:  composer.Moved(over),
			subject: "the writer is in us-west-2",
			says:    []string{"12:01:00 UTC", "The heartbeat is overdue.", "unplanned-global-failover", "make failback ENV=prod"},
		},
		{
			name:    "a failback is done",
			notice:  composer.Moved(journal.Move{Action: decision.Switchover, To: "us-east-1", From: "us-west-2"}),
			subject: "the writer is in us-east-1",
			says:    []string{"must accept writes"},
		},
		{
			name:    "a move has failed",
			notice:  composer.Failed(over),
			subject: "the failover to us-west-2 has failed",
			says:    []string{"still in us-east-1", "make failover ENV=prod DATA_LOSS=yes"},
		},
		{"RDS refuses", composer.Refused(over), "RDS refuses the failover to us-west-2", []string{"not available", "Writes fail."}},
		{"a move is given up", composer.Abandoned(over), "the failover to us-west-2 is not made", []string{"stays in us-east-1"}},
		{
			name:    "a failover is advised",
			notice:  composer.Advice(because, []decision.Concern{decision.WritesLost}),
			subject: "a FAILOVER is advised",
			says:    []string{"leaves it to an operator", "make failover ENV=prod DATA_LOSS=yes", "The heartbeat is overdue."},
		},
		{
			name:    "a switchover is advised",
			notice:  composer.Advice(decision.Decision{Recommended: decision.Switchover}, nil),
			subject: "a switchover is advised",
			says:    []string{"make switchover ENV=prod"},
		},
		{
			name: "a switchover is due and the standby is unhealthy",
			notice: composer.Advice(
				decision.Decision{Recommended: decision.Switchover},
				[]decision.Concern{decision.WritesLost, decision.StandbyUnhealthy},
			),
			subject: "a switchover is due, and would be refused",
			says:    []string{"make preflight ENV=prod names the checks"},
		},
		{
			name: "a switchover is due and the standby is not seen",
			notice: composer.Advice(
				decision.Decision{Recommended: decision.Switchover},
				[]decision.Concern{decision.WritesLost, decision.StandbyUnknown},
			),
			subject: "a switchover is due, and would be refused",
			says:    []string{"make preflight ENV=prod names the checks"},
		},
		{
			name:    "a failover is due and the standby is unhealthy",
			notice:  composer.Advice(because, []decision.Concern{decision.WritesLost, decision.StandbyUnhealthy}),
			subject: "a FAILOVER is advised",
			says:    []string{"must be forced: make failover ENV=prod DATA_LOSS=yes FORCE=yes"},
		},
		{
			name:    "a failover is due and the standby is not seen",
			notice:  composer.Advice(because, []decision.Concern{decision.WritesLost, decision.StandbyUnknown}),
			subject: "a FAILOVER is advised",
			says:    []string{"make failover ENV=prod DATA_LOSS=yes moves"},
		},
		{
			name: "nothing passes between the regions",
			notice: composer.Advice(
				decision.Decision{Action: decision.Advise},
				[]decision.Concern{decision.HeartbeatLost, decision.ReplicationLost},
			),
			subject: "advice: the heartbeat is overdue; replication has stopped",
			says:    []string{"A switchover is refused while replication is stopped"},
		},
		{
			name:    "commits wait",
			notice:  composer.Advice(decision.Decision{Action: decision.Advise}, []decision.Concern{decision.CommitsWait, decision.ReplicationLost}),
			subject: "advice: commits wait for replication (rds.global_db_rpo); replication has stopped",
			says:    []string{"Do not fail over", "\"Commits wait\""},
		},
		{
			name:    "users are not where they are expected",
			notice:  composer.Advice(decision.Decision{Action: decision.Advise}, []decision.Concern{decision.RoutingUnknown, decision.GrayFailure}),
			subject: "advice: where Route 53 sends users is not known; the primary region fails in part",
			says:    []string{"makes no failover by itself", "does not move the writer for it"},
		},
		{
			name:    "a switchover has failed",
			notice:  composer.Failed(journal.Move{Action: decision.Switchover, To: "us-west-2", From: "us-east-1"}),
			subject: "the switchover to us-west-2 has failed",
			says:    []string{"what would be accepted now"},
		},
		{
			name:    "other advice",
			notice:  composer.Advice(decision.Decision{Reasons: over.Reasons}, []decision.Concern{decision.StandbyUnhealthy}),
			subject: "advice: the standby region could not take over",
			says:    []string{"Writes fail."},
		},
		{
			name:    "all is well",
			notice:  composer.Resolved(decision.Decision{Reasons: []string{"The primary region accepts writes."}}),
			subject: "all is well again",
			says:    []string{"accepts writes"},
		},
		{
			name:    "the writer was found elsewhere",
			notice:  composer.WriterChanged("us-west-2"),
			subject: "the writer is in us-west-2",
			says:    []string{"not brought there by the controller", "make failback"},
		},
		{
			name:    "the standby is not ready",
			notice:  composer.Readiness(false, []string{"alarms: missing"}),
			subject: "the standby is NOT ready",
			says:    []string{"alarms: missing", "make status ENV=prod"},
		},
		{"the standby is ready", composer.Readiness(true, nil), "the standby is ready", []string{"could take over"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if want := "[prod] " + test.subject; test.notice.Subject != want {
				t.Errorf("the subject is %q, want %q", test.notice.Subject, want)
			}
			for _, says := range append(test.says, "What to do next", "https://runbook.example", "https://dashboard.example") {
				if !strings.Contains(test.notice.Body, says) {
					t.Errorf("the notice does not say %q:\n%s", says, test.notice.Body)
				}
			}
		})
	}
}

func FuzzSubject(f *testing.F) {
	f.Add("the standby could not take over: ünïcode\nand lines")
	f.Add(strings.Repeat("a subject of more than a hundred characters ", 3))
	f.Fuzz(func(t *testing.T, text string) {
		got := sanitizeSubject("[x] " + text)
		if len(got) >= 100 || len(got) == 0 {
			t.Errorf("the subject of %q has %d characters", text, len(got))
		}
		for _, r := range got {
			if r < ' ' || r > '~' {
				t.Errorf("the subject of %q has the character %q", text, r)
			}
		}
	})
}

// topic keeps what is published, after a while.
type topic struct {
	takes time.Duration
	err   error
	got   []Notice
}

func (t *topic) Publish(ctx context.Context, n Notice) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(t.takes):
	}
	t.got = append(t.got, n)
	return t.err
}

func TestTopicNotifier(t *testing.T) {
	tests := []struct {
		name             string
		standby, primary topic
		takes            time.Duration
		fails            bool
	}{
		{"both take it", topic{takes: time.Millisecond}, topic{takes: time.Millisecond}, time.Millisecond, false},
		{"the primary region is lost", topic{takes: time.Millisecond}, topic{takes: time.Hour}, time.Second, false},
		{"the standby region's topic fails", topic{err: errors.New("denied")}, topic{}, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				err := TopicNotifier{&test.standby, &test.primary, slog.New(slog.DiscardHandler)}.Notify(t.Context(), Notice{Subject: "news"})
				if took := time.Since(begun); took != test.takes || (err != nil) != test.fails || len(test.standby.got) != 1 {
					t.Errorf("announcing takes %s and ends with %v, the standby's topic has %v", took, err, test.standby.got)
				}
			})
		})
	}
}
