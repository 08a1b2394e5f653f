package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// globalPair is an emulator with a global cluster of two members, of which the writer is one, and a cluster that is alone.
func globalPair(writer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("Action") {
		case "DescribeGlobalClusters":
			fmt.Fprint(w, "<R><GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>records</GlobalClusterIdentifier><GlobalClusterMembers>")
			for _, arn := range []string{"arn:east", "arn:west"} {
				fmt.Fprintf(w, "<GlobalClusterMember><DBClusterArn>%s</DBClusterArn><IsWriter>%t</IsWriter></GlobalClusterMember>", arn, arn == writer)
			}
			fmt.Fprint(w, "</GlobalClusterMembers></GlobalClusterMember></GlobalClusters></R>")
		case "DescribeDBClusters":
			fmt.Fprint(w, "<R><DBClusters>")
			for arn, global := range map[string]string{"arn:east": "records", "arn:west": "records", "arn:alone": ""} {
				fmt.Fprintf(
					w, "<DBCluster><DBClusterArn>%s</DBClusterArn><GlobalClusterIdentifier>%s</GlobalClusterIdentifier></DBCluster>", arn, global,
				)
			}
			fmt.Fprint(w, "</DBClusters></R>")
		}
	}
}

func TestASecondaryNamesThePrimaryThatItReplicates(t *testing.T) {
	for name, test := range map[string]struct{ writer, secondary string }{
		"the writer is where it began": {"arn:east", "arn:west"},
		"the writer is in the other":   {"arn:west", "arn:east"},
		"there is no writer":           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := newFake(t, t.TempDir(), globalPair(test.writer)).query("us-west-2", "rds", "DescribeDBClusters")
			want := 0
			if test.secondary != "" {
				want = 1
				wantParts(t, body, "<DBClusterArn>"+test.secondary+"</DBClusterArn><GlobalClusterIdentifier>records</GlobalClusterIdentifier>"+
					"<ReplicationSourceIdentifier>"+test.writer+"</ReplicationSourceIdentifier>")
			}
			if got := strings.Count(body, "<ReplicationSourceIdentifier>"); got != want {
				t.Errorf("%d clusters have a source, want %d: %s", got, want, body)
			}
		})
	}
}

func TestACallFailsWhenThePrimaryIsNotFound(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{"refused": {http.StatusBadRequest, "<R></R>"}, "not XML": {http.StatusOK, "{}"}} {
		t.Run(name, func(t *testing.T) {
			status, body := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("Action") == "DescribeGlobalClusters" {
					w.WriteHeader(answer.status)
					fmt.Fprint(w, answer.body)
					return
				}
				globalPair("arn:east")(w, r)
			}).query("us-west-2", "rds", "DescribeDBClusters")
			if status != http.StatusServiceUnavailable || !strings.Contains(body, "looking for the primary of records") {
				t.Errorf("answered %d %s, want 503 and the reason", status, body)
			}
		})
	}
}
