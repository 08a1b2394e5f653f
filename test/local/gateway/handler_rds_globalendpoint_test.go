package gateway

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
)

// globalClusters is an emulator with one global cluster of one member.
func globalClusters(w http.ResponseWriter, r *http.Request) {
	const cluster = "<GlobalClusterIdentifier>records</GlobalClusterIdentifier><GlobalClusterResourceId>cluster-1</GlobalClusterResourceId>" +
		"<GlobalClusterMembers><GlobalClusterMember><DBClusterArn>arn:e</DBClusterArn></GlobalClusterMember></GlobalClusterMembers>"
	element := "GlobalCluster"
	if r.FormValue("Action") == "DescribeGlobalClusters" {
		element = "GlobalClusterMember"
	}
	fmt.Fprintf(w, "<R><GlobalClusters><%s>%s</%s></GlobalClusters></R>", element, cluster, element)
}

func TestAGlobalClusterHasOneEndpointForItsWholeLife(t *testing.T) {
	form := regexp.MustCompile(`<Endpoint>(records\.global-[0-9a-f]{12}\.global\.rds\.amazonaws\.com)</Endpoint>`)
	folder, seen := t.TempDir(), map[string]bool{}
	for _, action := range []string{
		"CreateGlobalCluster", "DescribeGlobalClusters", "ModifyGlobalCluster", "RemoveFromGlobalCluster",
		"SwitchoverGlobalCluster", "FailoverGlobalCluster", "DeleteGlobalCluster",
	} {
		_, body := newFake(t, folder, globalClusters).query("us-west-2", "rds", action)
		found := form.FindAllStringSubmatch(body, -1)
		if len(found) != 1 {
			t.Fatalf("%s: want one endpoint: %s", action, body)
		}
		seen[found[0][1]] = true
	}
	if len(seen) != 1 {
		t.Errorf("the endpoint changes: %v", seen)
	}
}

func TestAnEndpointIsTheDataPlanesWhereThereIsOne(t *testing.T) {
	g := &Gateway{writerHost: func(id string) (string, bool) { return "127.0.0.1", id == "records" }}
	if got := g.globalEndpoint("records", "cluster-1"); got != "127.0.0.1" {
		t.Errorf("the endpoint is %s, want the data plane's host", got)
	}
	first, second := g.globalEndpoint("others", "cluster-1"), g.globalEndpoint("others", "cluster-2")
	if first == second || first == "127.0.0.1" {
		t.Errorf("two clusters without a data plane have the endpoints %s and %s, want two names", first, second)
	}
}
