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
	Serve   func(*Gateway, http.ResponseWriter, *Call)
}

// newGaps returns the gaps in the order in which they are asked; the first that matches a call serves it. Each keeps what
// it must remember in a file of its own in folder.
func newGaps(folder string) ([]Gap, error) {
	var gaps []Gap
	for _, make := range []func(folder string) (Gap, error){
		newS3Control,
		newLoadBalancerNames,
		newPeeringOptions,
		newEndpointFields,
		newFlowLogFields,
		newPrefixListRules,
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
func ec2(actions ...string) func(*Call) bool {
	return func(c *Call) bool { return c.Service == "ec2" && slices.Contains(actions, c.Action) }
}
