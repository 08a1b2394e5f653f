package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// upgradable is an emulator with a global cluster of a primary in us-east-1 and a secondary in us-west-2, at these versions.
type upgradable struct{ global, primary, secondary string }

func (u *upgradable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	describe := func(id, version string) {
		fmt.Fprintf(w, `<R><DBCluster><DBClusterIdentifier>%s</DBClusterIdentifier><DBClusterArn>%s</DBClusterArn>`+
			`<EngineVersion>%s</EngineVersion><GlobalClusterIdentifier>records</GlobalClusterIdentifier></DBCluster></R>`, id, arns[id], version)
	}
	versions := map[string]*string{"first": &u.primary, "second": &u.secondary, "alone": new(string)}
	switch action, id := r.FormValue("Action"), r.FormValue("DBClusterIdentifier"); action {
	case "DescribeGlobalClusters":
		fmt.Fprintf(
			w,
			`<R><DescribeGlobalClustersResult><GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>records</GlobalClusterIdentifier>`+
				`<EngineVersion>%s</EngineVersion><GlobalClusterMembers><GlobalClusterMember><DBClusterArn>%s</DBClusterArn><IsWriter>true</IsWriter></GlobalClusterMember>`+
				`<GlobalClusterMember><DBClusterArn>%s</DBClusterArn><IsWriter>false</IsWriter></GlobalClusterMember></GlobalClusterMembers></GlobalClusterMember>`+
				`</GlobalClusters></DescribeGlobalClustersResult></R>`,
			u.global,
			arns["first"],
			arns["second"],
		)
	case "DescribeDBClusters":
		describe(id, *versions[id])
	case "ModifyDBCluster":
		*versions[id] = r.FormValue("EngineVersion")
		describe(id, *versions[id])
	case "ModifyGlobalCluster":
		u.global = r.FormValue("EngineVersion")
		io.WriteString(w, `<R></R>`)
	default:
		http.Error(w, action, http.StatusNotImplemented)
	}
}

var arns = map[string]string{
	"first":  "arn:aws:rds:us-east-1:000000000000:cluster:first",
	"second": "arn:aws:rds:us-west-2:000000000000:cluster:second",
}

func TestAMinorVersionIsRaisedMemberByMember(t *testing.T) {
	u := &upgradable{"16.8", "16.8", "16.8"}
	f := newFake(t, t.TempDir(), u.ServeHTTP)
	refused := func(says string, region, action string, fields ...string) {
		t.Helper()
		if status, body := f.query(region, "rds", action, fields...); status != http.StatusBadRequest ||
			!strings.Contains(body, "<Code>InvalidParameterValue</Code>") || !strings.Contains(body, says) {
			t.Errorf("%s %v: %d %s, want a refusal that says %q", action, fields, status, body, says)
		}
	}
	accepted := func(region, action string, fields ...string) {
		t.Helper()
		if status, body := f.query(region, "rds", action, fields...); status != http.StatusOK {
			t.Errorf("%s %v: %d %s", action, fields, status, body)
		}
	}
	refused(
		"support minor version upgrades",
		"us-east-1",
		"ModifyGlobalCluster",
		"GlobalClusterIdentifier",
		"records",
		"EngineVersion",
		"16.9",
	)
	accepted("us-east-1", "ModifyGlobalCluster", "GlobalClusterIdentifier", "another", "EngineVersion", "16.8")
	refused("upgrade global replicas first", "us-east-1", "ModifyDBCluster", "DBClusterIdentifier", "first", "EngineVersion", "16.9")
	accepted("us-west-2", "ModifyDBCluster", "DBClusterIdentifier", "second", "EngineVersion", "16.9")
	if u.global != "16.8" {
		t.Errorf("after the secondary the global cluster has %s, want its primary's version", u.global)
	}
	accepted("us-east-1", "ModifyDBCluster", "DBClusterIdentifier", "first", "EngineVersion", "16.9")
	if *u != (upgradable{"16.9", "16.9", "16.9"}) {
		t.Errorf("after both members the versions are %+v", *u)
	}
	accepted("us-east-1", "ModifyGlobalCluster", "GlobalClusterIdentifier", "records", "EngineVersion", "16.9")
	accepted("us-east-1", "ModifyDBCluster", "DBClusterIdentifier", "alone", "EngineVersion", "16.10")
	accepted("us-east-1", "ModifyGlobalCluster", "GlobalClusterIdentifier", "records", "EngineVersion", "17.4")
}
