//go:build e2e

package e2e

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// TestPlatform deploys all stacks once and verifies them layer by layer. Checks that only read come first; then, with the
// controller paused, the writer is moved to the standby region and back, and a region and its application are removed. Tests that
// wait on a real clock run in parallel.
func TestPlatform(t *testing.T) {
	t.Parallel()
	p := withPeople(t, newPlatform(t))
	var output string
	stage(t, deploying, func() {
		output = p.make(t, "up")
		for _, want := range [...]string{"primaryVpcId", "globalClusterIdentifier", "loadBalancerDnsName", "globalUrl", "primary endpoint"} {
			if !strings.Contains(output, want) {
				t.Errorf("make up does not print %s:\n%s", want, output)
			}
		}
	})
	stage(t, verifying, func() {
		t.Run("make summary prints JSON for programs", func(t *testing.T) { checkSummary(t, p) })
		t.Run("the commands that make up ends with work as they are printed", func(t *testing.T) { checkHints(t, p, output) })
		t.Run("up again, preview and refresh change nothing", func(t *testing.T) { checkNothingChanges(t, p) })
		t.Run("up prints a few lines, one a stack", func(t *testing.T) { checkFewLines(t, p) })
		var globalName *globalNameWatch
		if target.emulator { // Whose faults they are. After five minutes of them the controller would move the writer.
			globalName = loseApplication(t, p)
		}
		t.Run("every resource has its tags and name, is encrypted and not exposed", func(t *testing.T) { checkEveryResource(t, p) })
		t.Run(
			"a sweep finds every deployed kind, and nothing of an environment with a similar name",
			func(t *testing.T) { checkSweep(t, p) },
		)
		t.Run("roles may do what they name and nothing else", func(t *testing.T) { checkPermissions(t, p) })
		t.Run("every kind of resource is found again when its creation was cut off", func(t *testing.T) { checkResumable(t, p) })
		t.Run("foundation-network", func(t *testing.T) { checkFoundationNetwork(t, p) })
		runOnEmulator(t, "the global name has the address of the standby when the primary's application is lost", globalName.checkLoss)
		t.Run("region-app", func(t *testing.T) { checkApplication(t, p) })
		runOnEmulator(t, "the global name has the address of the primary when its application is back", globalName.checkReturn)
		t.Run("global-edge", func(t *testing.T) { checkGlobalEdge(t, p) })
		runOnEmulator(t, "a standby with less of a quota than the primary is not ready", func(t *testing.T) { checkParity(t, p) })
		t.Run("data-global", func(t *testing.T) { checkDataGlobal(t, p) })
		runOnEmulator(t, "the controller validates what AWS Backup restores to test it", func(t *testing.T) { checkRestoreTests(t, p) })
		runOnEmulator(t, "whoever lacks one action is refused it by its name", func(t *testing.T) { checkLess(t, p) })
		t.Run("up, failover, failback", func(t *testing.T) { checkFailoverAndBack(t, p) })
		t.Run("every command of the runbook can be typed", func(t *testing.T) { checkRunbook(t, p) })
		t.Run("a stack that others need is not destroyed", func(t *testing.T) { checkRefusedDestroy(t, p) })
		t.Run("a renamed output of a producer is refused by its consumers in preview", func(t *testing.T) { checkRenamedOutputs(t, p) })
		t.Run("us-west-2's application is destroyed and rebuilt while us-east-1 serves", func(t *testing.T) { checkRebuiltRegion(t, p) })
		t.Run("one region without the other", func(t *testing.T) { checkIndependence(t, p) })
	})
	stage(t, removing, func() {
		t.Run("destroy leaves no process and no resource", func(t *testing.T) { checkDestroyed(t, p) })
		t.Run("a second destroy has nothing to do", func(t *testing.T) {
			if output := p.asAdministrator().make(t, "destroy"); strings.Contains(output, pulumiDeleted) {
				t.Errorf("it deletes something:\n%s", output)
			}
		})
	})
}

// checkSummary checks the summary as JSON.
func checkSummary(t *testing.T, p *platform) {
	output := p.make(t, "-s", "summary", "JSON=yes")
	var summary map[string]string
	if err := json.Unmarshal([]byte(output), &summary); err != nil {
		t.Fatalf("reading the summary: %v\n%s", err, output)
	}
	if want := p.globalURL(); target.emulator && summary["primaryEndpointUrl"] != want {
		t.Errorf("the platform is reached at %q, want %q", summary["primaryEndpointUrl"], want)
	}
	for name, value := range summary {
		if value == "" {
			t.Errorf("the summary has no %s", name)
		}
	}
}

// hint is a line at the end of `make up`: a purpose and a command.
var hint = regexp.MustCompile(`(?m)^(to [a-z ]+?)  +(\S.*)$`)

// checkHints runs the commands that make up has printed, literally, in the root of the repository and a shell without setup.
// The command that removes the platform is only compared.
func checkHints(t *testing.T, p *platform, output string) {
	if output == "" { // The platform is one that an earlier run kept.
		output = p.make(t, "summary")
	}
	printed := hint.FindAllStringSubmatch(output, -1)
	if len(printed) < 3 {
		t.Fatalf("make up ends with %d commands:\n%s", len(printed), output)
	}
	want := map[string]*regexp.Regexp{
		"to ask it": regexp.MustCompile(`"records"`), "to see its state": regexp.MustCompile("The writer is in the primary region"),
		"to see notices": regexp.MustCompile(`NOTICE|alarm  |Nothing was notified`),
	}
	if !target.emulator {
		want["to ask it"] = regexp.MustCompile(`"ok"`)
	}
	for _, line := range printed {
		purpose, command := line[1], line[2]
		if purpose == "to remove it" {
			if want := strings.Join(append([]string{"make destroy"}, p.variables()...), " "); command != want {
				t.Errorf("%s: got %s, want %s", purpose, command, want)
			}
			continue
		}
		answer, err := shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
			Command: "bash", Args: []string{"-c", command}, WorkingDir: root, Env: p.as(observer).environmentFor(t), Logger: logger.Discard,
		})
		if err != nil || want[purpose] == nil || !want[purpose].MatchString(answer) {
			t.Errorf("%s: %s: %v\n%s\nwant %s in it", purpose, command, err, answer, want[purpose])
		}
	}
}
