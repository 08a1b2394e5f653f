package promotion_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/promotion"
	"warmstandby/shared/naming"
)

const (
	primary, standby = "aurora-records-primary-test", "aurora-records-secondary-test"
	copyName         = "aurora-records-restored-primary-test"
	instance         = "instance-records-primary-1-test"
	snapshotName     = "dbsnapshot-records-primary-19991231t230000-test"
	restoredTo       = "1999-12-31T23:00:00Z"
	primaryARN       = "arn:aws:rds:us-east-1:1:cluster:" + primary
	standbyARN       = "arn:aws:rds:us-west-2:1:cluster:" + standby
)

func newCloud() *failovertest.Cloud {
	return failovertest.NewCloud(failovertest.CloudNames{
		Primary:         primary,
		Standby:         standby,
		Copy:            copyName,
		PrimaryARN:      primaryARN,
		StandbyARN:      standbyARN,
		RestoredTo:      restoredTo,
		PrimaryInstance: instance,
		StandbyInstance: "instance-records-secondary-1-test",
		CopiesInstance:  "instance-records-restored-primary-1-test",
	})
}

func newPromotion(c *failovertest.Cloud) promotion.Promotion {
	return promotion.Promotion{
		Primary: c, Standby: c, Globals: c, Environment: "test", PrimaryCluster: primary, StandbyCluster: standby,
		PrimaryClusterARN: primaryARN, StandbyClusterARN: standbyARN, Paused: true, Wait: 5 * time.Second, Progress: func(string, ...any) {},
	}
}

// check compares what there is with the end of a promotion.
func check(t *testing.T, c *failovertest.Cloud) {
	t.Helper()
	found, err := c.Describe(t.Context(), primary)
	if err != nil || found.Status != "available" || len(found.Instances) != 1 || found.Instances[0].Identifier != instance ||
		c.Data[primary] != "good" {
		t.Errorf("the primary is %+v with %q: %v", found, c.Data[primary], err)
	}
	if c.Find(standby) != nil || c.Find(copyName) == nil || c.Missing || !slices.Equal(c.Members, []string{primaryARN}) {
		t.Errorf("left are %+v, members %q", c.Clusters, c.Members)
	}
	if kept := c.Snapshots[snapshotName]; kept == nil || kept.Data != "damaged" || len(c.Snapshots) != 1 {
		t.Errorf("the snapshots are %+v", c.Snapshots)
	}
}

func TestPromotion(t *testing.T) {
	t.Run("the copy is the primary, under its name, and the old data are kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud()
			report, err := newPromotion(c).Run(t.Context())
			if err != nil || report != (promotion.Report{RestoredTo: restoredTo, Snapshot: snapshotName}) {
				t.Fatalf("%+v, %v", report, err)
			}
			check(t, c)
			before := len(c.Calls)
			report, err = newPromotion(c).Run(t.Context())
			if err != nil || !report.Done || len(c.Calls) != before {
				t.Errorf("a second run: %+v, %v, calls %q", report, err, c.Calls[before:])
			}
		})
	})
	t.Run("killed after any call, or in any wait, it goes on and ends the same", func(t *testing.T) {
		whole := 0
		synctest.Test(t, func(t *testing.T) {
			c := newCloud()
			if _, err := newPromotion(c).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			whole = len(c.Calls)
		})
		for kill := 1; kill <= whole; kill++ {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud()
				c.KillAt = kill
				if _, err := newPromotion(c).Run(t.Context()); !errors.Is(err, failovertest.ErrKilled) {
					t.Fatalf("it ended with %v", err)
				}
				if _, err := newPromotion(c).Run(t.Context()); err != nil {
					t.Fatalf("killed after %q: %v", c.Calls[kill-1], err)
				}
				check(t, c)
				if len(c.Calls) != whole {
					t.Errorf("killed after %q it makes %d calls, want %d: %q", c.Calls[kill-1], len(c.Calls), whole, c.Calls)
				}
			})
		}
		for wait := 7 * time.Second; wait < 5*time.Minute; wait += 11 * time.Second {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud()
				short, cancel := context.WithTimeout(t.Context(), wait)
				_, err := newPromotion(c).Run(short)
				cancel()
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				if _, err := newPromotion(c).Run(t.Context()); err != nil {
					t.Fatalf("after %s: %v", wait, err)
				}
				check(t, c)
			})
		}
	})
}

func TestLongestEnvironment(t *testing.T) {
	p := newPromotion(newCloud())
	p.Environment = strings.Repeat("e", naming.MaxSuffixLength)
	var refusal promotion.Refusal
	if _, err := p.Run(t.Context()); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "there is no DB cluster") {
		t.Errorf("in the environment with the longest name got %v, want that it has no restored copy", err)
	}
}

func TestTheSnapshotIsTheEnvironments(t *testing.T) {
	if suffix, known := naming.SuffixOf(snapshotName); !known || suffix != "test" {
		t.Errorf("snapshot %s is of environment %q, %t; want test, which a sweep of it then lists", snapshotName, suffix, known)
	}
}

func TestRefusals(t *testing.T) {
	type (
		cloud = failovertest.Cloud
		run   = promotion.Promotion
	)
	for _, test := range []struct {
		name   string
		change func(*cloud, *run)
		says   string
	}{
		{"nothing is restored", func(c *cloud, _ *run) { delete(c.Clusters, copyName) }, "there is no DB cluster " + copyName},
		{"a cluster of the copy's name is no copy", func(c *cloud, _ *run) { c.Clusters[copyName].RestoredTo = "" }, "not tagged as restored"},
		{"the copy is being restored", func(c *cloud, _ *run) { c.Clusters[copyName].Created = time.Now() }, "does not serve yet"},
		{"the copy has no instance", func(c *cloud, _ *run) { clear(c.Clusters[copyName].Instances) }, "does not serve yet"},
		{"the controller would act", func(_ *cloud, p *run) { p.Paused = false }, "is not paused"},
		{
			"the writer is in the standby region", func(c *cloud, _ *run) { slices.Reverse(c.Members) },
			"the writer is not DB cluster " + primary + ": fail back first",
		},
		{
			"the primary is gone, and no promotion was begun", func(c *cloud, _ *run) { delete(c.Clusters, primary) },
			"nothing says that this promotion was begun",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud()
				p := newPromotion(c)
				test.change(c, &p)
				_, err := p.Run(t.Context())
				if refusal := (promotion.Refusal{}); !errors.As(err, &refusal) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("it ended with %v, want %q", err, test.says)
				}
				if len(c.Calls) > 0 {
					t.Errorf("it has called %q", c.Calls)
				}
			})
		})
	}
	t.Run("RDS refuses the snapshot: nothing is removed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud()
			p := newPromotion(c)
			c.Denied["snapshot"] = globaldb.Refusal{Code: "AccessDenied", Message: "not authorized"}
			if _, err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "AccessDenied") || len(c.Calls) > 0 {
				t.Errorf("it ended with %v after %q", err, c.Calls)
			}
		})
	})
}
