package gateway

import (
	"net/http"
	"slices"
)

// Gap is one thing that AWS does and the emulator does not.
type Gap struct {
	Name    string
	AWS     string // what AWS does
	Source  string // the page of AWS's documentation
	Matches func(*Call) bool
	// Serve answers a call. No other gap sees it.
	Serve func(*Gateway, http.ResponseWriter, *Call)
	// Edit, instead of Serve, works on the emulator's good answer in XML. Of the gaps that match a call all edit, in order.
	Edit func(*Gateway, *Call, *element) error
}

// newGaps returns the gaps in the order in which they are asked. Each keeps what it must remember in a file of its own in
// folder.
func newGaps(folder string) ([]Gap, error) {
	var gaps []Gap
	for _, make := range []func(folder string) (Gap, error){
		newS3Control,
		newLoadBalancerNames,
		newTargetHealth,
		newPeeringOptions,
		newEndpointFields,
		newFlowLogFields,
		newPrefixListRules,
		newBusPolicies,
		newSecretReplicas,
		newDatabaseFields,
		newAutomatedBackups,
		newClusterEndpoints,
		newReplicationSources,
		newGlobalEndpoints,
		newZoneSigning,
		newHealthCheckStatus,
		newDatabaseServers,
	} {
		gap, err := make(folder)
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, gap)
	}
	return gaps, nil
}

// ec2 matches EC2's operations of these names.
func ec2(actions ...string) func(*Call) bool { return operations("ec2", actions...) }

// operations matches the operations of these names of a service, as signed.
func operations(service string, actions ...string) func(*Call) bool {
	return func(c *Call) bool { return c.Service == service && slices.Contains(actions, c.Action) }
}

// serve lets the gaps that match a call answer it; served is false when there is none.
func (g *Gateway) serve(w http.ResponseWriter, call *Call) (served bool) {
	for _, gap := range g.gaps {
		if gap.Serve != nil && gap.Matches(call) {
			gap.Serve(g, w, call)
			return true
		}
	}
	if !slices.ContainsFunc(g.gaps, func(gap Gap) bool { return gap.Edit != nil && gap.Matches(call) }) {
		return false
	}
	g.edit(w, call, g.edits(call))
	return true
}

// edits is what all gaps that edit do to the good answer to a call.
func (g *Gateway) edits(call *Call) func(*element) error {
	return func(root *element) error {
		for _, gap := range g.gaps {
			if gap.Edit == nil || !gap.Matches(call) {
				continue
			}
			if err := gap.Edit(g, call, root); err != nil {
				return err
			}
		}
		return nil
	}
}
