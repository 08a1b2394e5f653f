//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"warmstandby/shared/staterepair"
)

// checkNothingChanges updates, previews and refreshes all stacks, none of which may change anything.
func checkNothingChanges(t *testing.T, p *platform) {
	for _, again := range [][]string{{"up", noChanges}, {"preview", noChanges}, {"preview", noDrift}} {
		if output, err := p.tryMake(t.Context(), t, again...); err != nil {
			t.Errorf("make %s: %v\n%s", strings.Join(again, " "), err, output)
		}
	}
}

// checkFewLines updates all stacks as a person sees it who has no terminal and the C locale.
func checkFewLines(t *testing.T, p *platform) {
	const most = 25
	output, err := p.tryMake(t.Context(), t, "up", "VERBOSE=no", "LANG=C", "LC_ALL=C")
	if err != nil {
		t.Fatalf("make up: %v\n%s", err, output)
	}
	if lines := strings.Count(output, "\n"); lines > most {
		t.Errorf("make up prints %d lines, want %d at most:\n%s", lines, most, output)
	}
	if strings.ContainsFunc(output, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' && r != '\n' }) {
		t.Errorf("make up prints more than plain ASCII:\n%q", output)
	}
	for _, stack := range stacks {
		if strings.Count(output, "\n"+stack+" ") != 1 {
			t.Errorf("%s has not one line:\n%s", stack, output)
		}
	}
}

// checkResumable checks that every resource in every state has a rule of package staterepair, so that an interrupted update can
// continue.
func checkResumable(t *testing.T, p *platform) {
	for _, stack := range stacks {
		for _, r := range p.stateResources(t, stack) {
			if strings.HasPrefix(r.Type, "aws:") && r.ID != "" && !staterepair.Knows(r.Type) {
				t.Errorf("%s of %s has no rule in shared/staterepair/kinds.go", r.Type, stack)
			}
		}
	}
}

// checkMoved moves the writer, and checks that no stack has changes afterwards.
func checkMoved(t *testing.T, p *platform, move func(*testing.T, *platform)) {
	move(t, p)
	p.make(t, "up", noChanges)
	p.make(t, "preview", noDrift)
}

// switchOver moves the writer with the operator's command.
func switchOver(t *testing.T, p *platform) { p.awaitMake(t, "switchover") }

// forceFailover fails over with the operator's command. The primary accepts writes, so it is refused unless it is forced.
func forceFailover(t *testing.T, p *platform) {
	output, err := p.tryMake(t.Context(), t, "failover", "DATA_LOSS=yes")
	if err == nil || !strings.Contains(output, "Error 3") || !strings.Contains(output, "accepts writes") {
		t.Errorf("a failover of a region that accepts writes ends with %v:\n%s\nwant that it is refused, with exit code 3", err, output)
	}
	p.awaitMake(t, "failover", "DATA_LOSS=yes", "FORCE=yes")
}

// checkFailoverAndBack fails over, writes a record, fails back and reads the record.
func checkFailoverAndBack(t *testing.T, p *platform) {
	services := p.services(t)
	before := services[east].create(t, "before the failover")
	services[west].await(t, http.StatusOK, http.MethodGet, "/records/"+before.ID)
	forceFailover(t, p)
	services[west].await(t, http.StatusOK, http.MethodGet, "/readyz")
	services[west].expect(t, http.StatusOK, http.MethodGet, "/records/"+before.ID, nil)
	between := services[west].create(t, "between failover and failback")
	p.awaitMake(t, "failback")
	services[east].await(t, http.StatusOK, http.MethodGet, "/readyz")
	for _, made := range []record{before, between} {
		services[east].expect(t, http.StatusOK, http.MethodGet, "/records/"+made.ID, nil)
	}
	p.make(t, "preview", noDrift)
}

// checkDestroyed destroys all stacks and sweeps for leftovers, with the final state of the emulator.
func checkDestroyed(t *testing.T, p *platform) {
	if !target.emulator {
		p.make(t, "destroy")
		checkNothingLeft(t, p)
		return
	}
	running := p.processes(t)
	p.make(t, "destroy")
	awaitEnd(t, running.Gateway)
	awaitEnd(t, running.Emulator)
	p.asAdministrator().make(t, "local-up") // It begins anew, without its people.
	checkNothingLeft(t, p)
}

// checkNothingLeft sweeps for leftovers of an environment, in both regions and in global services.
func checkNothingLeft(t *testing.T, p *platform) {
	t.Helper()
	p.asAdministrator().make(t, "sweep")
}

// renames are outputs that another stack reads.
var renames = []struct{ producer, output, consumer string }{
	{"foundation-network", "peeringConnectionId", "data-global"},
	{"data-global", "globalClusterIdentifier", "region-app-east"},
	{"region-app-east", "loadBalancerDnsName", "global-edge"},
}

// checkRenamedOutputs renames an output in a producer's state, as a release would that renames a key of its contract.
// Afterwards it restores the state.
func checkRenamedOutputs(t *testing.T, p *platform) {
	for _, rename := range renames {
		t.Run(rename.producer+" to "+rename.consumer, func(t *testing.T) {
			before := p.exportState(t, rename.producer)
			defer p.importState(t, rename.producer, before)
			p.importState(t, rename.producer, renamed(t, before, rename.output))
			output, err := p.tryMake(t.Context(), t, "preview", "STACK="+rename.consumer)
			if err == nil {
				t.Fatalf("%s previews without %s of %s:\n%s", rename.consumer, rename.output, rename.producer, output)
			}
			for _, part := range []string{
				"organization/" + rename.producer + "/" + p.name, "output " + rename.output + ": ", "make up STACK=" + rename.producer + " ",
			} {
				if !strings.Contains(output, part) {
					t.Errorf("the refusal lacks %q:\n%s", part, output)
				}
			}
		})
	}
}

// renamed returns an exported state with another name for an output of the stack.
func renamed(t *testing.T, exported, output string) string {
	t.Helper()
	var state map[string]any
	if err := json.Unmarshal([]byte(exported), &state); err != nil {
		t.Fatalf("reading a state: %v", err)
	}
	deployment, _ := state["deployment"].(map[string]any)
	all, _ := deployment["resources"].([]any)
	for _, one := range all {
		resource, _ := one.(map[string]any)
		outputs, _ := resource["outputs"].(map[string]any)
		if value, exists := outputs[output]; exists && resource["type"] == "pulumi:pulumi:Stack" {
			delete(outputs, output)
			outputs[output+"Renamed"] = value
			return string(require(json.Marshal(state))(t))
		}
	}
	t.Fatalf("the stack has no output %s", output)
	return ""
}

// importState replaces a stack's state.
func (p *platform) importState(t *testing.T, stack, state string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(file, []byte(state), 0o600); err != nil {
		t.Fatalf("writing the state of %s: %v", stack, err)
	}
	p.shell(t, fmt.Sprintf("cd stacks/%s; pulumi stack import --file '%s'", stack, file))
}

// checkRebuiltRegion removes the application of us-west-2 and deploys it again, while clients read and write in us-east-1.
// global-edge, which names both load balancers, is removed first and deployed last.
func checkRebuiltRegion(t *testing.T, p *platform) {
	services := p.services(t)
	served := services[east].create(t, "served throughout")
	stop := services[east].readContinuously("/records/" + served.ID)
	p.make(t, "destroy", "STACK=global-edge")
	p.make(t, "destroy", "STACK=region-app-west")
	assertNoApplicationLeft(t, p, west)
	created := services[east].create(t, "made without us-west-2")
	p.make(t, "up", "STACK=region-app-west")
	p.make(t, "up", "STACK=global-edge")
	if reads, err := stop(); err != nil || reads == 0 {
		t.Errorf("of %d reads in us-east-1 these failed: %v", reads, err)
	}
	p.services(t)[west].await(t, http.StatusOK, http.MethodGet, "/records/"+created.ID)
	p.awaitMake(t, "pause-failover") // The controller of the new global-edge is automatic, and the following checks make regions fail.
}
