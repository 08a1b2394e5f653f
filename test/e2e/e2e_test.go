//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestPlatform deploys all stacks once and asks AWS layer by layer. What it does to them comes in the order of what it
// leaves: looking first, then, with the controller paused, moving the writer to and fro, losing a region and removing its
// application, then the rest.
func TestPlatform(t *testing.T) {
	p := newPlatform(t)
	output := p.make(t, "up")
	for _, told := range [...]string{"primaryVpcId", "globalClusterIdentifier", "loadBalancerDnsName", "globalUrl"} {
		if !strings.Contains(output, told) {
			t.Errorf("make up does not print the stacks' output %s:\n%s", told, output)
		}
	}
	t.Run("a second preview has nothing to change", func(t *testing.T) { p.make(t, "preview", noChanges) })
	t.Run("AWS holds what was put there", func(t *testing.T) { p.make(t, "preview", noDrift) })
	t.Run("roles may do what they name and nothing else", func(t *testing.T) { checkPermissions(t, p) })
	t.Run("foundation-network", func(t *testing.T) { checkFoundationNetwork(t, p) })
	t.Run("region-app", func(t *testing.T) { checkApplication(t, p) })
	t.Run("global-edge", func(t *testing.T) { checkGlobalEdge(t, p) })
	bringWriterHome(t, p)
	t.Run("data-global", func(t *testing.T) { checkDataGlobal(t, p) })
	t.Run("one region without the other", func(t *testing.T) { checkIndependence(t, p) })
	t.Run("destroy leaves no process and no resource, although the writer is in the standby", func(t *testing.T) {
		p.moveWriter(t, west, failover)
		running := p.processes(t)
		p.make(t, "destroy")
		awaitEnd(t, running.Gateway)
		awaitEnd(t, running.Emulator)
		p.make(t, "local-up") // With the state that the embedded AWS ended with.
		assertNoNameLeft(t, p)
		for _, side := range sides {
			assertNoEdgeLeft(t, p, side.region)
			assertNothingLeft(t, p, side.region)
			assertNoDataLeft(t, p, side.region)
			assertNoApplicationLeft(t, p, side.region)
		}
	})
}
