package cli_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/naming"
)

// The names of a restored cluster in each region.
const (
	restoredCluster = "aurora-records-restored-primary-test"
	restoredInWest  = "aurora-records-restored-secondary-test"
)

// The bubble's clock begins at midnight of 2000-01-01 UTC.
const anHourAgo, lastMonth, tomorrow = "1999-12-31T23:00:00Z", "1999-12-01T00:00:00Z", "2000-01-02T00:00:00Z"

func TestRestore(t *testing.T) {
	denied := globaldb.Refusal{Code: "AccessDenied", Message: "not authorized to perform: rds:RestoreDBClusterToPointInTime"}
	for _, test := range []struct {
		name   string
		change func(*failovertest.Simulation)
		line   string
		code   int
		says   string
		left   map[string]string // the restored clusters at the end
		begun  bool              // RDS was asked to restore
	}{
		{
			name: "to an hour ago", line: "restore --env test --at " + anHourAgo, code: cli.OK, begun: true,
			says: "DB cluster " + restoredCluster + " in us-east-1 has the data of " + anHourAgo + ", and answers at " + restoredCluster +
				".example:5432. records-primary was not touched.",
			left: map[string]string{"us-east-1/" + restoredCluster: anHourAgo},
		},
		{
			name: "to the latest time", line: "restore --env test --at latest", code: cli.OK, begun: true,
			says: "has the data of 1999-12-31T23:59:59Z",
			left: map[string]string{"us-east-1/" + restoredCluster: "1999-12-31T23:59:59Z"},
		},
		{
			name: "while the writer is in the standby region", change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line: "restore --env test --at " + anHourAgo, code: cli.OK, begun: true, says: "in us-west-2 has the data of",
			left: map[string]string{"us-west-2/" + restoredInWest: anHourAgo},
		},
		{
			name: "to a time before the retention", line: "restore --env test --at " + lastMonth, code: cli.Refused,
			says: "Nothing was begun: DB cluster records-primary can be restored to a time from 1999-12-25T00:00:00Z " +
				"to 1999-12-31T23:59:59Z, not to " + lastMonth,
		},
		{name: "to a time to come", line: "restore --env test --at " + tomorrow, code: cli.Refused,
			says: "Nothing was begun: DB cluster records-primary can be restored"},
		{name: "to what is no time", line: "restore --env test --at yesterday", code: cli.Usage,
			says: `reading the time "yesterday": want UTC as`},
		{name: "to no time", line: "restore --env test", code: cli.Usage, says: "A restore needs a time"},
		{name: "to a time, and away", line: "restore --env test --at latest --remove", code: cli.Usage, says: "A restore needs a time"},
		{
			name: "without the rights", change: func(sim *failovertest.Simulation) { sim.Faults["Restore"] = denied },
			line: "restore --env test --at " + anHourAgo, code: cli.Failed,
			says: "RDS refuses: not authorized to perform: rds:RestoreDBClusterToPointInTime (AccessDenied)", begun: true,
		},
		{
			name:   "while RDS does not answer",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "restore --env test --at " + anHourAgo, code: cli.Unknown,
			says: "RDS names no writer, so it is not known what is to be restored, and nothing was begun.",
		},
		{
			name:   "again, to the same time",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-east-1", restoredCluster, anHourAgo) },
			line:   "restore --env test --at " + anHourAgo, code: cli.OK, says: "has the data of " + anHourAgo,
			left: map[string]string{"us-east-1/" + restoredCluster: anHourAgo},
		},
		{
			name:   "again, to another time",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-east-1", restoredCluster, lastMonth) },
			line:   "restore --env test --at " + anHourAgo, code: cli.Refused, says: "exists and has the data of " + lastMonth + ": remove it first",
			left: map[string]string{"us-east-1/" + restoredCluster: lastMonth},
		},
		{
			name:   "beside a cluster of the name that no restore has made",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-east-1", restoredCluster, "") },
			line:   "restore --env test --at " + anHourAgo, code: cli.Refused, says: "exists and is not tagged as restored",
			left: map[string]string{"us-east-1/" + restoredCluster: ""},
		},
		{
			name: "that takes longer than the command", line: "restore --env test --timeout 1m --at " + anHourAgo, code: cli.Unfinished, begun: true,
			says: "next: The same command again goes on where this one ended.", left: map[string]string{"us-east-1/" + restoredCluster: anHourAgo},
		},
		{
			name:   "away",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-west-2", restoredInWest, lastMonth) },
			line:   "restore --env test --remove", code: cli.OK, says: "The restored DB cluster in us-west-2 is gone.",
		},
		{name: "away, and there is none", line: "restore --env test --remove", code: cli.OK,
			says: "There is no restored DB cluster: nothing to do."},
		{
			name:   "away, of a cluster that no restore has made",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-east-1", restoredCluster, "") },
			line:   "restore --env test --remove", code: cli.Refused, says: "is not tagged as restored, so it is not removed",
			left: map[string]string{"us-east-1/" + restoredCluster: ""},
		},
		{
			name:   "away, before the stacks are destroyed",
			change: func(sim *failovertest.Simulation) { sim.SetRestored("us-east-1", restoredCluster, lastMonth) },
			line:   "prepare-destroy --env test", code: cli.OK, says: "The writer is in us-east-1 already",
		},
		{
			name: "away, when the controller's configuration is destroyed already",
			change: func(sim *failovertest.Simulation) {
				sim.SetRestored("us-east-1", restoredCluster, lastMonth)
				sim.ConnectFails = cli.ErrNotDeployed
			},
			line: "prepare-destroy --env test --global-cluster records", code: cli.OK, says: "The writer is in us-east-1 already",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				if test.change != nil {
					test.change(sim)
				}
				code, screen, stderr := call(t, sim, test.line)
				if code != test.code || !strings.Contains(screen, test.says) {
					t.Errorf("exit code %d, want %d, with %q:\n%s%s", code, test.code, test.says, screen, stderr)
				}
				// What is recommended can be done: to remove is recommended where a cluster stands that a restore has made.
				stands := slices.ContainsFunc(slices.Collect(maps.Values(test.left)), func(to string) bool { return to != "" })
				want := stands && code != cli.Unfinished
				if recommended := strings.Contains(screen, "restore --env test --remove"); recommended != want {
					t.Errorf("to remove the restored cluster is recommended: %t, want %t:\n%s", recommended, want, screen)
				}
				if left := sim.Restored(); !maps.Equal(left, test.left) {
					t.Errorf("the restored clusters are %v, want %v", left, test.left)
				}
				calls := sim.Calls()
				asked := slices.ContainsFunc(calls, func(call string) bool { return call == "Restore" || call == "primary Restore" })
				if asked != test.begun {
					t.Errorf("RDS was asked to restore: %t, want %t; %q", asked, test.begun, calls)
				}
			})
		})
	}
}

// A restore that is killed between any two calls is finished by the same command.
func TestRestoreGoesOnAfterAKill(t *testing.T) {
	for step := 0; ; step++ {
		ended := false
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			sim.Crash().CrashAfter(step)
			first, _, _ := call(t, sim, "restore --env test --at "+anHourAgo)
			ended = first == cli.OK
			sim.Crash().CrashAfter(-1)
			code, screen, stderr := call(t, sim, "restore --env test --at "+anHourAgo)
			if code != cli.OK || sim.Restored()["us-east-1/"+restoredCluster] != anHourAgo {
				t.Errorf("after a kill at step %d: exit code %d, %v\n%s%s", step, code, sim.Restored(), screen, stderr)
			}
		})
		if ended || t.Failed() {
			return
		}
	}
}

func TestTimesThatAnOperatorTypes(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 2, 0, 0, time.UTC)
	for text, fine := range map[string]bool{
		"2026-03-01T12:02:00Z": true, "2026-03-01 12:02:00": true, "2026-03-01T12:02:00": true, "2026-03-01T13:02:00+01:00": true,
		"": false, "12:02": false, "2026-03-01": false, "2026-13-01T12:02:00Z": false,
	} {
		at, err := restore.ParseTime(text)
		if (err == nil) != fine || fine && !at.Equal(want) {
			t.Errorf("%q is %s (%v)", text, at, err)
		}
	}
}

// A restored cluster is none of the stacks', and a sweep knows whose it is.
func TestRestoredClusterNames(t *testing.T) {
	for _, environment := range []string{"prod", "a", "restored", "primary-a", "records-restored"} {
		for _, role := range []naming.Role{naming.Primary, naming.Secondary} {
			cluster, err := restore.ClusterName(environment, role)
			instance, instanceErr := restore.InstanceName(environment, role)
			if err != nil || instanceErr != nil {
				if len(environment) <= naming.MaxSuffixLength {
					t.Errorf("%s in %s: %v, %v", environment, role, err, instanceErr)
				}
				continue
			}
			for _, name := range []string{cluster, instance} {
				if suffix, ok := naming.SuffixOf(name); !ok || suffix != environment {
					t.Errorf("%s is %s's (%t), want %s", name, suffix, ok, environment)
				}
			}
			namer, err := naming.New(environment)
			if err != nil {
				t.Fatal(err)
			}
			if member, err := namer.Name(naming.DatabaseCluster, "records", string(role)); err != nil || member == cluster {
				t.Errorf("the stacks' cluster and the restored one are both %s (%v)", cluster, err)
			}
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("2026-03-01T12:02:00Z")
	f.Add("latest")
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := restore.ParseTime(text); err == nil && !at.IsZero() && at.Location() != time.UTC {
			t.Errorf("%q is not in UTC: %s", text, at)
		}
	})
}
