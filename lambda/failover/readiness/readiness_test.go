package readiness_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/certificate"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

// standby implements what a validation uses beside the sources of evidence, and records its notices.
type standby struct {
	quotas      map[string]float64 // by region and code, of what is not 100
	quotaErr    map[string]error   // by region
	primary     globaldb.Cluster
	primaryErr  error
	until       map[string]time.Time // of the certificates, by address and name; those that are not named end in a year
	untilErr    map[string]error
	verify      error
	document    time.Time
	documentErr error
	missing     []string
	notified    []string
	hangs       bool
}

func (s *standby) Verify(ctx context.Context) error {
	if s.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.verify
}
func (s *standby) Probe(context.Context) (time.Time, error) { return s.document, s.documentErr }
func (s *standby) MissingOrDisabled(context.Context, []string) ([]string, error) {
	return s.missing, nil
}
func (s *standby) Notify(_ context.Context, n notice.Notice) error {
	s.notified = append(s.notified, n.Subject)
	return nil
}

// allotments are what a region may have.
type allotments struct {
	*standby
	region string
}

func (a allotments) Quota(_ context.Context, quota controller.Quota) (float64, error) {
	if value, is := a.quotas[a.region+" "+quota.Code]; is {
		return value, nil
	}
	return 100, a.quotaErr[a.region]
}

func (s *standby) Cluster(context.Context, string) (globaldb.Cluster, error) {
	return s.primary, s.primaryErr
}

func (s *standby) Until(_ context.Context, address, name string) (time.Time, error) {
	if until, is := s.until[address+" "+name]; is {
		return until, nil
	}
	return time.Now().Add(365 * 24 * time.Hour), s.untilErr[address+" "+name]
}

func validation(sim *failovertest.Simulation, s *standby) readiness.Validator {
	return readiness.Validator{
		Config: failovertest.Config(), Sources: sim.Sources(), Application: s, Documents: s, Alarms: s, Store: sim, Notifier: s,
		PrimaryQuotas: allotments{s, "us-east-1"}, StandbyQuotas: allotments{s, "us-west-2"}, PrimaryClusters: s, Certificates: s,
		Log: slog.New(slog.DiscardHandler),
	}
}

func TestValidation(t *testing.T) {
	tests := []struct {
		name   string
		change func(*failovertest.Simulation, *standby)
		fails  []string // the checks
		says   string
	}{
		{"a healthy standby is ready", func(*failovertest.Simulation, *standby) {}, nil, ""},
		{
			name:   "the writer is in the standby",
			change: func(sim *failovertest.Simulation, _ *standby) { sim.SetWriter(failovertest.West) },
			fails:  []string{"writer"},
			says:   "no standby that could take over",
		},
		{"RDS does not answer", func(sim *failovertest.Simulation, _ *standby) {
			sim.Faults["DescribeGlobalClusters"] = errors.New("throttled")
		}, []string{"writer", "standby", "engine versions"}, "throttled"},
		{
			name:   "the application does not answer",
			change: func(sim *failovertest.Simulation, _ *standby) { sim.LoseStandby("status 502") },
			fails:  []string{"standby"},
			says:   "status 502",
		},
		{
			name: "commits would wait in the standby", fails: []string{"commit limit"}, says: "set it to its default",
			change: func(sim *failovertest.Simulation, _ *standby) {
				sim.CommitLimits[failovertest.West] = globaldb.CommitLimit{Group: "parameters-secondary", Value: "600"}
			},
		},
		{
			name: "the standby's parameter group cannot be read", fails: []string{"commit limit"}, says: "denied",
			change: func(sim *failovertest.Simulation, _ *standby) {
				sim.Faults["DescribeDBClusterParameters"] = errors.New("denied")
			},
		},
		{
			name: "it is not known where users are sent", fails: []string{"routing"}, says: "the configuration names no name servers",
			change: func(sim *failovertest.Simulation, _ *standby) {
				sim.Routing = &decision.Routing{Detail: "the configuration names no name servers"}
			},
		},
		{
			name:   "the engines differ",
			change: func(sim *failovertest.Simulation, _ *standby) { sim.Standby.EngineVersion = "16.9" },
			fails:  []string{"standby", "engine versions"},
			says:   "16.9",
		},
		{
			name:   "replication is not measured",
			change: func(sim *failovertest.Simulation, _ *standby) { sim.Faults["GetMetricData"] = errors.New("throttled") },
			fails:  []string{"replication"},
			says:   "throttled",
		},
		{"the region's data and heartbeat are older than the promise", func(sim *failovertest.Simulation, s *standby) {
			sim.LoseRegion()
			time.Sleep(16 * time.Minute)
			s.document = time.Now()
		}, []string{"replication", "events"}, "16m"},
		{
			name:   "the secret does not open the database",
			change: func(_ *failovertest.Simulation, s *standby) { s.verify = errors.New("password authentication failed") },
			fails:  []string{"secret"},
			says:   "password authentication failed",
		},
		{
			name:   "the application hangs on the database",
			change: func(_ *failovertest.Simulation, s *standby) { s.hangs = true },
			fails:  []string{"secret"},
			says:   "deadline",
		},
		{
			name:   "the newest document is older than the promise",
			change: func(_ *failovertest.Simulation, s *standby) { s.document = time.Now().Add(-16 * time.Minute) },
			fails:  []string{"documents"},
			says:   "16m0s old",
		},
		{
			name:   "no document has arrived",
			change: func(_ *failovertest.Simulation, s *standby) { s.documentErr = errors.New("no such key") },
			fails:  []string{"documents"},
			says:   "no such key",
		},
		{
			name:   "an alarm is missing",
			change: func(_ *failovertest.Simulation, s *standby) { s.missing = []string{"alarm-lag"} },
			fails:  []string{"alarms"},
			says:   "alarm-lag",
		},
		{
			name: "the standby has less of a quota", fails: []string{"quotas"}, says: "Lambda concurrency: 100 in us-west-2, 5000 in us-east-1",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.quotas = map[string]float64{"us-east-1 " + controller.LambdaConcurrency.Code: 5000}
			},
		},
		{
			name: "the standby has less of the last quota", fails: []string{"quotas"}, says: "load balancers: 1 in us-west-2, 100 in us-east-1",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.quotas = map[string]float64{"us-west-2 " + controller.LoadBalancers.Code: 1}
			},
		},
		{"the standby has more", func(_ *failovertest.Simulation, s *standby) {
			s.quotas = map[string]float64{"us-west-2 " + controller.VPCs.Code: 500}
		}, nil, ""},
		{
			name: "the standby's instances scale to less", fails: []string{"quotas"},
			says: "Aurora capacity units of an instance: 8 in us-west-2, 32.5 in us-east-1",
			change: func(sim *failovertest.Simulation, s *standby) {
				s.primary.MaxCapacity, sim.Standby.MaxCapacity = 32.5, 8
			},
		},
		{
			name: "the standby region does not say its quotas", fails: []string{"quotas"}, says: "us-west-2: not known: AccessDeniedException",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.quotaErr = map[string]error{"us-west-2": errors.New("AccessDeniedException")}
			},
		},
		{
			name: "the primary region does not say its quotas", fails: []string{"quotas"}, says: "us-east-1: not known: TooManyRequestsException",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.quotaErr = map[string]error{"us-east-1": errors.New("TooManyRequestsException")}
			},
		},
		{
			name: "the primary region does not describe its cluster", fails: []string{"quotas"}, says: "us-east-1: not known: throttled",
			change: func(_ *failovertest.Simulation, s *standby) { s.primaryErr = errors.New("throttled") },
		},
		{
			name: "a certificate of the standby ends soon", fails: []string{"certificates"},
			says: "us-west-2 for app.example: it ends on 2000-01-30, in 29 days",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.until = map[string]time.Time{"west.example:443 app.example": time.Now().Add(controller.CertificateValidity - time.Minute)}
			},
		},
		{"a certificate ends in a month", func(_ *failovertest.Simulation, s *standby) {
			s.until = map[string]time.Time{"west.example:443 app.example": time.Now().Add(controller.CertificateValidity)}
		}, nil, ""},
		{
			name: "the primary's certificate is another name's", fails: []string{"certificates"},
			says: "us-east-1 for east.example: the certificate is",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.untilErr = map[string]error{"east.example:443 east.example": fmt.Errorf("%w: not for it", certificate.ErrInvalid)}
			},
		},
		{
			name: "a load balancer does not answer", fails: []string{"certificates"}, says: "us-east-1 for app.example: not known: no route",
			change: func(_ *failovertest.Simulation, s *standby) {
				s.untilErr = map[string]error{"east.example:443 app.example": errors.New("no route")}
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim, s := failovertest.New(), &standby{document: time.Now()}
				test.change(sim, s)
				report, err := validation(sim, s).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				var failed []string
				for _, check := range report.Checks {
					if !check.Passed {
						failed = append(failed, check.Name)
					}
				}
				if !slices.Equal(failed, test.fails) || report.Ready != (test.fails == nil) || len(report.Checks) != 12 {
					t.Errorf("ready: %t, failed %q of %d, want %q: %+v", report.Ready, failed, len(report.Checks), test.fails, report.Checks)
				}
				if !strings.Contains(strings.Join(report.Failed(), "\n"), test.says) {
					t.Errorf("it says %q, want %q", report.Failed(), test.says)
				}
			})
		})
	}
}

func TestNotices(t *testing.T) {
	t.Run("the operators are notified of changes only", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim, s := failovertest.New(), &standby{}
			for _, hour := range [...]struct {
				name   string
				change func()
				notice string
			}{
				{"ready from the first: nothing is news", func() {}, ""},
				{"still ready", func() {}, ""},
				{"an alarm is missing", func() { s.missing = []string{"lag"} }, "[test] the standby is NOT ready"},
				{"it is still missing", func() {}, ""},
				{"the secret fails beside it", func() { s.verify = errors.New("denied") }, "[test] the standby is NOT ready"},
				{"both still", func() { s.verify = errors.New("denied again") }, ""},
				{"everything is repaired", func() { s.missing, s.verify = nil, nil }, "[test] the standby is ready"},
			} {
				hour.change()
				s.document, s.notified = time.Now(), nil
				if _, err := validation(sim, s).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(s.notified, ", "); got != hour.notice {
					t.Errorf("%s: the notices are %q, want %q", hour.name, got, hour.notice)
				}
				time.Sleep(time.Hour)
			}
		})
	})
}

func TestFirstNotice(t *testing.T) {
	t.Run("a standby that is not ready in the first validation is notified", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &standby{document: time.Now(), missing: []string{"lag"}}
			if _, err := validation(failovertest.New(), s).Run(t.Context()); err != nil || len(s.notified) != 1 {
				t.Errorf("the first validation notifies %q (%v), want that the standby is not ready", s.notified, err)
			}
		})
	})
}

func TestRecheckIfNotReady(t *testing.T) {
	missing := []string{"lag"}
	tests := []struct {
		name    string
		last    *readiness.Report // of so long ago
		ago     time.Duration
		missing []string
		timeout time.Duration // of the context
		want    string        // of the report that is kept after: none, ready or not ready
		again   bool          // whether it is of now
		notices int
	}{
		{"nothing was validated yet, and the standby is ready", nil, 0, nil, time.Minute, "ready", true, 0},
		{"nothing was validated yet, and the standby is not ready: that is no news", nil, 0, missing, time.Minute, "none", false, 0},
		{"the standby was ready", &readiness.Report{Ready: true}, 2 * readiness.RecheckAfter, missing, time.Minute, "ready", false, 0},
		{"the standby was not ready a while ago, and is now", &readiness.Report{}, readiness.RecheckAfter, nil, time.Minute, "ready", true, 1},
		{
			name:    "the standby was not ready a while ago, and is not now",
			last:    &readiness.Report{},
			ago:     readiness.RecheckAfter,
			missing: missing,
			timeout: time.Minute,
			want:    "not ready",
			again:   true,
			notices: 1,
		},
		{
			name:    "the standby was not ready a moment ago",
			last:    &readiness.Report{},
			ago:     readiness.RecheckAfter - time.Second,
			missing: nil,
			timeout: time.Minute,
			want:    "not ready",
			again:   false,
			notices: 0,
		},
		{"the run ends before a validation would", &readiness.Report{}, readiness.RecheckAfter, nil, 14 * time.Second, "not ready", false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim, s := failovertest.New(), &standby{document: time.Now(), missing: test.missing}
				if test.last != nil {
					last := *test.last
					last.At = time.Now().Add(-test.ago)
					if err := sim.SaveReport(t.Context(), last); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				begun := time.Now()
				if err := validation(sim, s).RecheckIfNotReady(ctx); err != nil {
					t.Fatal(err)
				}
				kept, err := sim.LoadReport(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := map[bool]string{true: "ready", false: "not ready"}[kept.Ready]
				if kept.At.IsZero() {
					got = "none"
				}
				if again := !kept.At.Before(begun); got != test.want || again != test.again || len(s.notified) != test.notices {
					t.Errorf("kept is %s, of now: %t, notices %q; want %s, %t, %d notices", got, again, s.notified, test.want, test.again, test.notices)
				}
			})
		})
	}
}

// A question without an answer is not known, and what is known to be wrong is said in any case.
func TestUnknownParity(t *testing.T) {
	denied := map[string]error{"us-east-1": errors.New("AccessDeniedException")}
	for _, test := range []struct {
		name    string
		standby standby
		unknown []string // the checks that are not known
		failed  []string // those that fail by what is known
	}{
		{"quotas that the primary region does not say", standby{quotaErr: denied}, []string{"quotas"}, nil},
		{
			"a load balancer that does not answer",
			standby{untilErr: map[string]error{"west.example:443 west.example": errors.New("timeout")}},
			[]string{"certificates"}, nil,
		},
		{
			"less of the first quota, and no answer to the second",
			standby{quotaErr: denied, quotas: map[string]float64{"us-east-1 " + controller.LambdaConcurrency.Code: 500}},
			nil, []string{"quotas"},
		},
		{
			"an invalid certificate beside a load balancer that does not answer",
			standby{untilErr: map[string]error{
				"west.example:443 west.example": errors.New("timeout"), "east.example:443 app.example": certificate.ErrInvalid,
			}},
			nil, []string{"certificates"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.standby.document = time.Now()
				var unknown, failed []string
				report := validation(failovertest.New(), &test.standby).RunChecks(t.Context())
				for _, check := range report.Checks {
					switch {
					case check.Unknown:
						unknown = append(unknown, check.Name)
					case !check.Passed:
						failed = append(failed, check.Name)
					}
				}
				if !slices.Equal(unknown, test.unknown) || !slices.Equal(failed, test.failed) || report.Ready {
					t.Errorf("not known are %q, failed %q, ready: %t", unknown, failed, report.Ready)
				}
			})
		})
	}
}

// Where the load balancers speak plain HTTP there is no certificate to look at.
func TestPlainHTTPHasNoCertificates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &standby{document: time.Now(), untilErr: map[string]error{}}
		v := validation(failovertest.New(), s)
		v.Config.PrimaryURL, v.Config.StandbyURL, v.Config.GlobalURL = "http://east.test", "http://west.test", "http://app.test"
		v.Certificates = nil // Asked, it would panic.
		for _, check := range v.RunChecks(t.Context()).Checks {
			if check.Name == "certificates" && (!check.Passed || !strings.Contains(check.Detail, "plain HTTP")) {
				t.Errorf("the check is %+v", check)
			}
		}
	})
}
