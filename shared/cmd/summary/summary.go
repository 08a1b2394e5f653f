// Command summary prints where a deployed platform is reached, from its stacks' outputs: the end of `make up`.
//
// It reads one JSON object from standard input, by project, of what `pulumi stack output --json` prints, and exits with 1
// when a stack lacks an output of its contract.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"warmstandby/shared/contract"
)

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, asJSON bool) error {
	var exported map[string]contract.Outputs
	if err := json.NewDecoder(in).Decode(&exported); err != nil {
		return fmt.Errorf("reading the stacks' outputs: %w", err)
	}
	summary, err := summarize(exported)
	if err != nil {
		return err
	}
	if asJSON {
		indented := json.NewEncoder(out)
		indented.SetIndent("", "  ")
		return indented.Encode(summary)
	}
	_, err = io.WriteString(out, summary.text())
	return err
}

// Summary is what an operator asks for first. URLs have no path.
type Summary struct {
	// PrimaryEndpointURL is the Route 53 name, which fails over; FailoverEndpointURL is the standby region's own, where users
	// are sent when the primary region is lost; PrimaryRegionURL is the primary region's own.
	PrimaryEndpointURL  string `json:"primaryEndpointUrl"`
	FailoverEndpointURL string `json:"failoverEndpointUrl"`
	PrimaryRegionURL    string `json:"primaryRegionUrl"`
	// GlobalClusterID is the Aurora Global Database's identifier.
	GlobalClusterID string `json:"globalClusterId"`
	// The buckets of documents and assets, each replicated to the other region.
	PrimaryDocumentsBucket string `json:"primaryDocumentsBucket"`
	StandbyDocumentsBucket string `json:"standbyDocumentsBucket"`
	PrimaryAssetsBucket    string `json:"primaryAssetsBucket"`
	StandbyAssetsBucket    string `json:"standbyAssetsBucket"`
	// PeeringConnectionID is the VPC peering's, the same in both regions.
	PeeringConnectionID string `json:"peeringConnectionId"`
	// The dashboards in the regions' consoles, which show the same.
	PrimaryDashboardURL string `json:"primaryDashboardUrl"`
	StandbyDashboardURL string `json:"standbyDashboardUrl"`
}

// summarize makes the summary from the stacks' outputs. The error names each stack and output that is missing.
func summarize(exported map[string]contract.Outputs) (Summary, error) {
	var network contract.FoundationNetwork
	var data contract.DataGlobal
	var edge contract.GlobalEdge
	var faults []error
	for _, stack := range []struct {
		project  string
		contract any
	}{
		{contract.FoundationNetworkProject, &network}, {contract.DataGlobalProject, &data}, {contract.GlobalEdgeProject, &edge},
	} {
		if len(exported[stack.project]) == 0 {
			faults = append(faults, fmt.Errorf("%s is not deployed; to deploy it: %s", stack.project, contract.DeployCommand(stack.project, "")))
		} else if err := exported[stack.project].Decode(stack.contract); err != nil {
			faults = append(
				faults,
				fmt.Errorf("%s lacks outputs of its contract; to deploy it: %s\n%w", stack.project, contract.DeployCommand(stack.project, ""), err),
			)
		}
	}
	return Summary{
		PrimaryEndpointURL: edge.GlobalURL.Get(), FailoverEndpointURL: edge.StandbyURL.Get(), PrimaryRegionURL: edge.PrimaryURL.Get(),
		GlobalClusterID:        data.GlobalClusterIdentifier.Get(),
		PrimaryDocumentsBucket: data.Primary.DocumentsBucketName.Get(), StandbyDocumentsBucket: data.Standby.DocumentsBucketName.Get(),
		PrimaryAssetsBucket: data.Primary.AssetsBucketName.Get(), StandbyAssetsBucket: data.Standby.AssetsBucketName.Get(),
		PeeringConnectionID: network.PeeringConnectionID.Get(),
		PrimaryDashboardURL: edge.PrimaryDashboardURL.Get(), StandbyDashboardURL: edge.StandbyDashboardURL.Get(),
	}, errors.Join(faults...)
}

// text is the summary, a line each.
func (s Summary) text() string {
	var lines strings.Builder
	for _, line := range [][2]string{
		{"primary endpoint", s.PrimaryEndpointURL},
		{"failover endpoint", s.FailoverEndpointURL},
		{"primary region", s.PrimaryRegionURL},
		{"global cluster", s.GlobalClusterID},
		{"documents", s.PrimaryDocumentsBucket + " <-> " + s.StandbyDocumentsBucket},
		{"assets", s.PrimaryAssetsBucket + " <-> " + s.StandbyAssetsBucket},
		{"VPC peering", s.PeeringConnectionID},
		{"dashboards", s.PrimaryDashboardURL},
		{"", s.StandbyDashboardURL},
	} {
		fmt.Fprintf(&lines, "%-19s%s\n", line[0], line[1])
	}
	return lines.String()
}
