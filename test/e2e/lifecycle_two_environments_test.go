//go:build e2e

package e2e

import (
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestLifecycleTwoEnvironments deploys two environments in one AWS and one backend, and moves the writer of each.
func TestLifecycleTwoEnvironments(t *testing.T) {
	t.Parallel()
	first := newPlatform(t)
	second := first.newSibling(t)
	if target.emulator {
		first.make(t, "local-up")
	}
	makeBoth(t, first, second, "up")
	t.Run("neither has a resource of the other", func(t *testing.T) { checkSeparate(t, first, second) })
	t.Run("neither backs up the other's", func(t *testing.T) {
		for _, p := range []*platform{first, second} {
			t.Run(p.name, func(t *testing.T) { checkSelections(t, p) })
		}
	})
	t.Run("up, switchover, up and preview", func(t *testing.T) { checkMoved(t, first, switchOver) })
	t.Run("the other's writer stays, and its records are its own", func(t *testing.T) { checkSiblingUnchanged(t, first, second) })
	t.Run("destroy with the writer in the standby", func(t *testing.T) {
		first.make(t, "destroy")
		checkNothingLeft(t, first)
	})
	t.Run("the other serves and is as it was made", func(t *testing.T) {
		services := second.services(t)
		kept := services[east].create(t, "kept while the other went")
		services[west].await(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID)
		second.make(t, "preview", noDrift)
	})
	t.Run("up, forced failover, up and preview", func(t *testing.T) { checkMoved(t, second, forceFailover) })
	t.Run("destroy after a failover", func(t *testing.T) { checkDestroyed(t, second) })
}

// makeBoth runs make in both environments concurrently.
func makeBoth(t *testing.T, first, second *platform, arguments ...string) {
	t.Helper()
	var both sync.WaitGroup
	for _, p := range []*platform{first, second} {
		both.Go(func() {
			if output, err := p.tryMake(t.Context(), t, arguments...); err != nil {
				t.Errorf("make %v of %s: %v\n%s", arguments, p.name, err, output)
			}
		})
	}
	both.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// checkSeparate checks that no resource is in the states of both environments.
func checkSeparate(t *testing.T, first, second *platform) {
	ids := func(p *platform) map[string]string {
		found := map[string]string{}
		for _, stack := range stacks {
			maps.Copy(found, p.resourceIDs(t, stack))
		}
		return found
	}
	one, other := ids(first), ids(second)
	if len(one) == 0 || len(one) != len(other) {
		t.Errorf("%s has %d resources, and %s %d, want as many", first.name, len(one), second.name, len(other))
	}
	for id, urn := range one {
		if otherURN, both := other[id]; both {
			t.Errorf("%s is %s and %s", id, urn, otherURN)
		}
	}
}

// checkSiblingUnchanged checks that the second environment's writer is in its primary region, and that it has none of the
// first's records.
func checkSiblingUnchanged(t *testing.T, first, second *platform) {
	for p, writer := range map[*platform]string{first: west, second: east} {
		for _, member := range p.globalCluster(t, east).GlobalClusterMembers {
			own := aws.ToString(member.DBClusterArn) == aws.ToString(p.cluster(t, writer).DBClusterArn)
			if aws.ToBool(member.IsWriter) != own {
				t.Errorf("of %s %s is the writer: %t", p.name, aws.ToString(member.DBClusterArn), !own)
			}
		}
	}
	made := first.services(t)[west].create(t, "of the first")
	second.services(t)[east].expect(t, http.StatusNotFound, http.MethodGet, "/records/"+made.ID, nil)
}
