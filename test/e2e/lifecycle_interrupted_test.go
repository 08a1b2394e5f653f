//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Pulumi prints these for each created, and each deleted resource.
const (
	pulumiCreated = " created ("
	pulumiDeleted = " deleted ("
)

// interruptAfter is after how many created resources the engine of each stack is killed: then some are in progress, and others
// wait for them.
var interruptAfter = map[string]int{
	"foundation-network": 60, "data-global": 40, "region-app-east": 15, "region-app-west": 8, "global-edge": 20,
}

// TestLifecycleInterruptions deploys a platform layer by layer, interrupts each deployment, and then interrupts its removal.
func TestLifecycleInterruptions(t *testing.T) {
	requireEmulator(t)
	t.Parallel()
	p := newPlatform(t)
	p.make(t, "local-up")
	succeeded := true
	step := func(name string, check func(*testing.T)) { succeeded = succeeded && t.Run(name, check) }
	for _, stack := range stacks {
		if stack == "region-app-west" {
			step("up of "+stack+" after one that failed at a resource", func(t *testing.T) { checkFailedResource(t, p, stack) })
		}
		step("up of "+stack+" after its engine was killed", func(t *testing.T) { checkKilledEngine(t, p, stack) })
		if !succeeded {
			return // The other layers need this one.
		}
	}
	step("all that was made is known, and as it should be", func(t *testing.T) { p.make(t, "preview", noDrift) })
	step("up after the emulator was killed", func(t *testing.T) { checkKilledEmulator(t, p) })
	step("destroy after one that was stopped by Ctrl-C, and one whose engine was killed", func(t *testing.T) { checkInterruptedDestroy(t, p) })
}

func checkKilledEngine(t *testing.T, p *platform, stack string) {
	cut := p.start(t, "up", "STACK="+stack)
	cut.awaitOutput(t, pulumiCreated, interruptAfter[stack])
	cut.killEngines(t)
	if err := cut.await(); err == nil {
		t.Errorf("make up of %s ends well although its engine was killed", stack)
	}
	// The engine empties this file before it writes it, so a kill can leave it empty. Most kills do not.
	if err := os.Truncate(filepath.Join(p.state, "pulumi", ".pulumi", "stacks", stack, p.name+".json.attrs"), 0); err != nil {
		t.Fatal(err)
	}
	if output, err := p.tryMake(t.Context(), t, "up", "STACK="+stack); err != nil {
		t.Fatalf("make up of %s after the kill: %v\n%s\nmake up that was cut off:\n%s", stack, err, output, cut.output)
	}
}

// checkFailedResource denies one action while a stack is deployed, and permits it again.
func checkFailedResource(t *testing.T, p *platform, stack string) {
	const action = "elasticloadbalancing:CreateTargetGroup"
	p.make(t, "fault", "REGION="+west, "KIND=denied", "ACTION="+action)
	output, err := p.tryMake(t.Context(), t, "up", "STACK="+stack)
	if err == nil || !strings.Contains(output, "AccessDenied") {
		t.Errorf("make up of %s ends with %v although %s is denied:\n%s", stack, err, action, output)
	}
	p.make(t, "heal")
	// The failed resource is created by the next check, before or after its engine is killed.
}

// checkKilledEmulator kills the emulator while a destroyed stack is deployed again.
func checkKilledEmulator(t *testing.T, p *platform) {
	p.make(t, "destroy", "STACK=global-edge")
	cut := p.start(t, "up", "STACK=global-edge")
	cut.awaitOutput(t, pulumiCreated, interruptAfter["global-edge"])
	kill(t, p.processes(t).Emulator)
	if err := cut.await(); err == nil {
		t.Log("make up had done all its work before the kill reached it")
	}
	if output, err := p.tryMake(t.Context(), t, "up", "STACK=global-edge"); err != nil {
		t.Fatalf("make up after the kill: %v\n%s\nmake up that was cut short:\n%s", err, output, cut.output)
	}
	p.make(t, "preview", noDrift)
}

func checkInterruptedDestroy(t *testing.T, p *platform) {
	stopped := p.start(t, "destroy")
	stopped.awaitOutput(t, pulumiDeleted, 30)
	if err := syscall.Kill(-stopped.command.Process.Pid, syscall.SIGINT); err != nil { // The group: as a terminal does.
		t.Fatalf("interrupting make destroy: %v", err)
	}
	if err := stopped.await(); err == nil {
		t.Errorf("make destroy ends well although it was interrupted:\n%s", stopped.output)
	}
	killed := p.start(t, "destroy")
	killed.awaitOutput(t, pulumiDeleted, 40)
	killed.killEngines(t)
	if err := killed.await(); err == nil {
		t.Errorf("make destroy ends well although its engine was killed:\n%s", killed.output)
	}
	if output, err := p.tryMake(t.Context(), t, "destroy"); err != nil {
		t.Fatalf("make destroy after it was interrupted: %v\n%s\nthe one that was stopped:\n%s\nthe one that was killed:\n%s",
			err, output, stopped.output, killed.output)
	}
	p.make(t, "local-up")
	checkNothingLeft(t, p)
}
