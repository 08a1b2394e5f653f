package gateway

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// rpoEmulator describes a cluster in each region, and the parameters of the group of us-east-1's.
func rpoEmulator(value, group *string, asked *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("Action") {
		case "DescribeDBClusters":
			*asked++
			named := *group
			if strings.Contains(r.Header.Get("Authorization"), "/us-west-2/") {
				named = "default.aurora-postgresql16"
			}
			fmt.Fprintf(w, "<R><DBClusters><DBCluster><DBClusterIdentifier>records</DBClusterIdentifier>"+
				"<DBClusterParameterGroup>%s</DBClusterParameterGroup></DBCluster></DBClusters></R>", named)
		case "DescribeDBClusterParameters":
			if r.FormValue("DBClusterParameterGroupName") != *group {
				http.Error(w, "no such group", http.StatusNotFound)
				return
			}
			row := "<Parameter><ParameterName>rds.force_ssl</ParameterName><ParameterValue>1</ParameterValue></Parameter>"
			if *value != "" {
				row += "<Parameter><ParameterName>rds.global_db_rpo</ParameterName><ParameterValue>" + *value + "</ParameterValue></Parameter>"
			}
			fmt.Fprintf(w, "<R><Parameters>%s</Parameters></R>", row)
		default:
			io.WriteString(w, "<R></R>")
		}
	}
}

func TestTheRPOThatIsEnforcedIsThatOfTheClustersGroup(t *testing.T) {
	value, group, asked := "600", "own", 0
	f := newFake(t, t.TempDir(), rpoEmulator(&value, &group, &asked))
	plane := &servers{}
	f.gateway.aurora = plane
	const none, tenMinutes, aMinute = "enforce map[]", "enforce map[us-east-1/records:10m0s]", "enforce map[us-east-1/records:1m0s]"
	for _, step := range []struct {
		name   string
		change func()
		want   string
	}{
		{"as it is", func() {}, tenMinutes},
		{"a change that no call has made is not looked for", func() { value = "60" }, tenMinutes},
		{"after a change of the group", func() { f.query("us-east-1", "rds", "ModifyDBClusterParameterGroup") }, aMinute},
		{"after a reset", func() { value = ""; f.query("us-east-1", "rds", "ResetDBClusterParameterGroup") }, none},
		{"with another group", func() { value, group = "60", "other"; f.query("us-east-1", "rds", "ModifyDBCluster") }, aMinute},
		{"with a group of AWS's", func() { group = "default.aurora-postgresql16"; f.query("us-east-1", "rds", "ModifyDBCluster") }, none},
	} {
		step.change()
		plane.calls = nil
		if err := f.gateway.EnforceRPO(t.Context()); err != nil || !slices.Equal(plane.calls, []string{step.want}) {
			t.Errorf("%s: %q, %v; want %q", step.name, plane.calls, err, step.want)
		}
	}
	// Two regions are asked at the start and after each of the four calls.
	if want := 2 * 5; asked != want {
		t.Errorf("the clusters were asked for %d times, want %d", asked, want)
	}
}

func TestAnRPOThatCannotBeReadIsAnErrorAndReadAgain(t *testing.T) {
	value, group, asked := "ten minutes", "own", 0
	f := newFake(t, t.TempDir(), rpoEmulator(&value, &group, &asked))
	plane := &servers{}
	f.gateway.aurora = plane
	const message = `rds.global_db_rpo of group own in us-east-1 is "ten minutes"`
	if err := f.gateway.EnforceRPO(t.Context()); err == nil || !strings.Contains(err.Error(), message) {
		t.Errorf("ended with %v, want what is wrong where", err)
	}
	if len(plane.calls) != 0 {
		t.Errorf("something is enforced: %q", plane.calls)
	}
	value = "60"
	want := []string{"enforce map[us-east-1/records:1m0s]"}
	if err := f.gateway.EnforceRPO(t.Context()); err != nil || !slices.Equal(plane.calls, want) {
		t.Errorf("once it can be read: %q, %v; want %q", plane.calls, err, want)
	}
}
