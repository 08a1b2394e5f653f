package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
)

// everything returns the outputs of all stacks that the summary reads.
func everything(t *testing.T) map[string]contract.Outputs {
	t.Helper()
	return map[string]contract.Outputs{
		contract.FoundationNetworkProject: contracttest.FoundationNetwork(t, nil).Mappable(),
		contract.DataGlobalProject:        contracttest.DataGlobal(t, nil).Mappable(),
		contract.GlobalEdgeProject:        contracttest.GlobalEdge(t, nil).Mappable(),
	}
}

func in(t *testing.T, exported map[string]contract.Outputs) *strings.Reader {
	t.Helper()
	encoded, err := json.Marshal(exported)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(string(encoded))
}

func TestTheSummaryHasWhatAnOperatorAsksFor(t *testing.T) {
	want := Summary{
		PrimaryEndpointURL: "global-edge.globalUrl", FailoverEndpointURL: "global-edge.standbyUrl", PrimaryRegionURL: "global-edge.primaryUrl",
		GlobalClusterID:        "data-global.globalClusterIdentifier",
		PrimaryDocumentsBucket: "data-global.primaryDocumentsBucketName", StandbyDocumentsBucket: "data-global.standbyDocumentsBucketName",
		PrimaryAssetsBucket: "data-global.primaryAssetsBucketName", StandbyAssetsBucket: "data-global.standbyAssetsBucketName",
		PeeringConnectionID: "foundation-network.peeringConnectionId",
		PrimaryDashboardURL: "global-edge.primaryDashboardUrl", StandbyDashboardURL: "global-edge.standbyDashboardUrl",
	}
	var printed strings.Builder
	if err := run(in(t, everything(t)), &printed, true); err != nil {
		t.Fatal(err)
	}
	var got Summary
	if err := json.Unmarshal([]byte(printed.String()), &got); err != nil {
		t.Fatalf("reading the JSON: %v\n%s", err, printed.String())
	}
	if got != want {
		t.Errorf("the summary is\n%+v, want\n%+v", got, want)
	}
	var fields map[string]string
	if err := json.Unmarshal([]byte(printed.String()), &fields); err != nil {
		t.Fatal(err)
	}
	printed.Reset()
	if err := run(in(t, everything(t)), &printed, false); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		if !slices.Contains(strings.Fields(printed.String()), value) {
			t.Errorf("the text lacks %s, %s:\n%s", name, value, printed.String())
		}
	}
}

func TestAStackThatDoesNotTellIsNamed(t *testing.T) {
	exported := everything(t)
	delete(exported, contract.GlobalEdgeProject)
	delete(exported[contract.DataGlobalProject], "globalClusterIdentifier")
	err := run(in(t, exported), &strings.Builder{}, false)
	for _, want := range []string{
		"global-edge is not deployed; to deploy it: make up STACK=global-edge", "make up STACK=data-global",
		"output globalClusterIdentifier: allowed a string",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want it to say %q", err, want)
		}
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	if err := run(
		strings.NewReader("error: no stack"),
		&strings.Builder{},
		false,
	); err == nil ||
		!strings.Contains(err.Error(), "reading the stacks' outputs") {
		t.Errorf("the error is %v", err)
	}
}
