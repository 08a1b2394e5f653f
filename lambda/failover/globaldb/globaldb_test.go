package globaldb

import (
	"strings"
	"testing"
)

const (
	east = "arn:aws:rds:us-east-1:000000000000:cluster:east"
	west = "arn:aws:rds:us-west-2:000000000000:cluster:west"
)

func TestWriter(t *testing.T) {
	tests := []struct {
		name    string
		members []Member
		want    string
	}{
		{"the one member that is", []Member{{ARN: east}, {ARN: west, Writer: true}}, west},
		{"none of none", nil, ""},
		{"none when nobody is", []Member{{ARN: east}, {ARN: west}}, ""},
		{"none when two say so", []Member{{ARN: east, Writer: true}, {ARN: west, Writer: true}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, known := Global{Members: test.members}.Writer()
			if got.ARN != test.want || known != (test.want != "") {
				t.Errorf("the writer is %q (known: %t), want %q", got.ARN, known, test.want)
			}
		})
	}
}

func TestWriterIs(t *testing.T) {
	t.Run("a writer on its way is nowhere", func(t *testing.T) {
		g := Global{Members: []Member{{ARN: east}, {ARN: west, Writer: true}}}
		if !g.WriterIs(west) || g.WriterIs(east) {
			t.Error("the writer is not found where it is")
		}
		if g.Moving = true; g.WriterIs(west) {
			t.Error("a writer that is being moved counts as arrived")
		}
	})
}

func TestMemberIn(t *testing.T) {
	t.Run("members are found by region", func(t *testing.T) {
		g := Global{Members: []Member{{ARN: east}, {ARN: west}, {ARN: "not an ARN"}}}
		got, found := g.MemberIn("us-west-2")
		if !found || got.ARN != west || got.Identifier() != "west" || got.Region() != "us-west-2" {
			t.Errorf("the member in us-west-2 is %v (%t)", got, found)
		}
		if got, found := g.MemberIn("eu-west-1"); found {
			t.Errorf("eu-west-1 has the member %v", got)
		}
	})
}

// cluster is one of instances with a fixed class.
func cluster(status, version string, instances ...Instance) Cluster {
	return Cluster{Identifier: "west", Status: status, EngineVersion: version, Instances: instances}
}

func TestFaults(t *testing.T) {
	available := []Instance{{"one", "available"}}
	tests := []struct {
		name    string
		cluster Cluster
		says    []string
	}{
		{"a cluster that serves has none", cluster("available", "16.8", available...), nil},
		{"a backup is none", cluster("backing-up", "16.8", []Instance{{"one", "backing-up"}}...), nil},
		{"one instance of two is enough", cluster("available", "16.8", []Instance{{"one", "failed"}, {"two", "available"}}...), nil},
		{"a cluster that is upgraded", cluster("upgrading", "16.8", available...), []string{"west is upgrading"}},
		{"a cluster without instances", cluster("available", "16.8"), []string{"(it has none)"}},
		{
			name:    "a cluster whose instances are unhealthy",
			cluster: cluster("available", "16.8", []Instance{{"one", "failed"}}...),
			says:    []string{"(one is failed)"},
		},
		{"another engine version", cluster("available", "16.9", available...), []string{"engine version 16.9, the writer 16.8"}},
		{"everything at once", cluster("stopped", "16.9"), []string{"stopped", "no instance", "16.9"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.cluster.Faults("16.8")
			if len(got) != len(test.says) {
				t.Fatalf("the faults are %q, want %d", got, len(test.says))
			}
			for i, says := range test.says {
				if !strings.Contains(got[i], says) {
					t.Errorf("fault %d is %q, want that it says %q", i, got[i], says)
				}
			}
		})
	}
}
