package engineupgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const east, west = "us-east-1", "us-west-2"

// cluster is a member of the fake global database.
type cluster struct {
	Member
	version, status string
	becomes         string // the version at the next description
}

// fakeRDS has a global database, refuses as AWS does, and has upgraded a member after one description.
type fakeRDS struct {
	clusters []*cluster
	busy     int // how often a raise is refused for now
	stuck    bool
	fails    error
	raised   []string
}

func (f *fakeRDS) Members(context.Context, string, string) ([]Member, error) {
	var members []Member
	for _, c := range f.clusters {
		members = append(members, c.Member)
	}
	return members, f.fails
}

func (f *fakeRDS) Version(_ context.Context, member Member) (version, status string, err error) {
	for _, c := range f.clusters {
		if c.ID != member.ID {
			continue
		}
		version, status = c.version, c.status
		if c.becomes != "" && !f.stuck {
			c.version, c.status, c.becomes = c.becomes, available, ""
		}
		return version, status, nil
	}
	return "", "", errors.New("no such cluster")
}

func (f *fakeRDS) Raise(_ context.Context, member Member, version string) (busy bool, err error) {
	if f.busy > 0 {
		f.busy--
		return true, nil
	}
	for _, c := range f.clusters {
		if member.Writer && c.ID != member.ID && c.version != version {
			return false, errors.New("upgrade global replicas first")
		}
		if c.ID == member.ID {
			c.becomes, c.status = version, "upgrading"
		}
	}
	f.raised = append(f.raised, member.Region)
	return false, nil
}

func both(writer, standby string) []*cluster {
	return []*cluster{
		{Member: Member{east, "first", true}, version: writer, status: available},
		{Member: Member{west, "second", false}, version: standby, status: available},
	}
}

func TestRun(t *testing.T) {
	deployed := Deployed{east, "records", "16.8"}
	for _, test := range []struct {
		name string
		rds  fakeRDS
		want []string
	}{
		{"both are raised", fakeRDS{clusters: both("16.8", "16.8")}, []string{west, east}},
		{"a raise that was cut off is finished", fakeRDS{clusters: both("16.8", "16.10")}, []string{east}},
		{"what was raised by hand is left", fakeRDS{clusters: both("16.10", "16.10")}, nil},
		{"what is busy is asked again", fakeRDS{clusters: both("16.8", "16.8"), busy: 2}, []string{west, east}},
		{
			"after a failover the other member is the writer",
			fakeRDS{clusters: []*cluster{
				{Member: Member{west, "second", true}, version: "16.8", status: available},
				{Member: Member{east, "first", false}, version: "16.8", status: "modifying", becomes: "16.8"},
			}},
			[]string{east, west},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var progress []string
			if err := newUpgrade(&test.rds, &progress).Run(t.Context(), deployed, "16.10"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(test.rds.raised, test.want) || len(progress) < len(test.want) {
				t.Errorf("raised are %q, the progress is %q, want %q", test.rds.raised, progress, test.want)
			}
			for _, c := range test.rds.clusters {
				if c.version != "16.10" || c.status != available {
					t.Errorf("%s is %s with %s", c.ID, c.status, c.version)
				}
			}
		})
	}
}

// newUpgrade returns an upgrade whose waits take no time and advance its clock.
func newUpgrade(rds RDS, progress *[]string) Upgrade {
	now := time.Unix(0, 0)
	return Upgrade{
		RDS: rds, Progress: func(line string) { *progress = append(*progress, line) },
		Wait: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
		Now:  func() time.Time { return now },
	}
}

func TestRunRefusals(t *testing.T) {
	deployed := Deployed{east, "records", "16.8"}
	for _, test := range []struct {
		name, version, says string
		rds                 fakeRDS
	}{
		{"a lower version", "16.7", "does not lower", fakeRDS{clusters: both("16.8", "16.8")}},
		{"another major version", "17.4", "RUNBOOK", fakeRDS{clusters: both("16.8", "16.8")}},
		{"no version", "sixteen", "exact versions", fakeRDS{clusters: both("16.8", "16.8")}},
		{
			"a member that AWS has raised further", "16.9", "second in us-west-2 to 16.9: engineVersion: 16.11",
			fakeRDS{clusters: both("16.8", "16.11")},
		},
		{"no members", "16.9", "has no members", fakeRDS{}},
		{"AWS does not answer", "16.9", "no answer", fakeRDS{clusters: both("16.8", "16.8"), fails: errors.New("no answer")}},
		{
			"a member that does not come back", "16.9", "it is upgrading with 16.8 after 1h30m0s",
			fakeRDS{clusters: both("16.8", "16.8"), stuck: true},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var progress []string
			err := newUpgrade(&test.rds, &progress).Run(t.Context(), deployed, test.version)
			if err == nil || !strings.Contains(err.Error(), test.says) || errors.Is(err, ErrNothingToDo) {
				t.Errorf("got %v, want an error that says %q", err, test.says)
			}
		})
	}
	if err := Check(deployed, "16.8"); !errors.Is(err, ErrNothingToDo) {
		t.Errorf("the version that is deployed: %v, want nothing to do", err)
	}
	waits := newUpgrade(&fakeRDS{clusters: both("16.8", "16.8"), stuck: true}, new([]string))
	waits.Wait = func(context.Context, time.Duration) error { return context.Canceled }
	if err := waits.Run(t.Context(), deployed, "16.9"); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is cut off: %v", err)
	}
}

func TestRead(t *testing.T) {
	const (
		provider = `{"urn": "urn:p", "id": "1", "type": "pulumi:providers:aws", "inputs": {"region": "us-east-1"}}`
		global   = `{"urn": "urn:g", "id": "records", "type": "aws:rds/globalCluster:GlobalCluster", "provider": "urn:p::1", "outputs": {"engineVersion": "16.8"}}`
	)
	for name, test := range map[string]struct {
		resources string
		want      Deployed
		ok, fails bool
	}{
		"one that stands":              {provider + "," + global, Deployed{east, "records", "16.8"}, true, false},
		"none":                         {provider, Deployed{}, false, false},
		"one whose provider is not":    {global, Deployed{}, false, true},
		"one that is being created":    {provider + `,{"type": "aws:rds/globalCluster:GlobalCluster"}`, Deployed{}, false, false},
		"what is no list of resources": {`1`, Deployed{}, false, true},
	} {
		got, ok, err := Read(fmt.Appendf(nil, `{"deployment": {"resources": [%s]}}`, test.resources))
		if got != test.want || ok != test.ok || (err != nil) != test.fails {
			t.Errorf("%s: %+v, %t, %v", name, got, ok, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"deployment": {"resources": [{"type": "aws:rds/globalCluster:GlobalCluster", "id": "x", "provider": "p"}]}}`)
	f.Fuzz(func(t *testing.T, exported string) {
		if found, ok, err := Read([]byte(exported)); ok && (err != nil || found.Region == "" || found.Version == "") {
			t.Errorf("%q is read as %+v, %v", exported, found, err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("16.8", "16.10")
	f.Fuzz(func(t *testing.T, from, to string) {
		if Check(Deployed{Version: from}, to) == nil && Check(Deployed{Version: to}, from) == nil {
			t.Errorf("%q can be raised to %q, and back", from, to)
		}
	})
}
