//go:build e2e

package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/runbook"
)

// checkRunbook runs every command of the runbook, in the order of the command line: the first move takes the writer to the
// standby region, and the failback brings it back. A failover without DATA_LOSS is a usage error, as in the runbook.
func checkRunbook(t *testing.T, p *platform) {
	text, err := os.ReadFile("../../lambda/failover/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string][]string{} // commands, by the command line's own
	for _, one := range runbook.Commands(string(text)) {
		words := strings.Fields(one.Text)
		for _, c := range cli.Commands() {
			if typed := words[1] == c.Name && words[0] == invocation.Program || words[1] == invocation.Target(c.Name) && words[0] == "make"; typed &&
				!slices.Contains(named[c.Name], one.Text) {
				named[c.Name] = append(named[c.Name], one.Text)
			}
		}
	}
	for _, c := range cli.Commands() {
		if len(named[c.Name]) == 0 {
			t.Errorf("the runbook has no command %s", c.Name)
		}
		for _, typed := range named[c.Name] {
			checkTyped(t, p, typed)
		}
	}
	p.awaitMake(t, "smoke", "TOKEN="+p.token(t, "records:read", "records:write"))
	p.awaitMake(t, "pause-failover") // The runbook resumes it, and what follows takes regions away.
}

// checkTyped runs one command of the runbook in this environment.
func checkTyped(t *testing.T, p *platform, typed string) {
	if arguments, made := strings.CutPrefix(typed, "make "); made {
		words := slices.DeleteFunc(strings.Fields(arguments), func(word string) bool { return word == "ENV=prod" }) // every make here has its own
		if words[0] == invocation.Failover && !slices.Contains(words, "DATA_LOSS=yes") {
			if output, err := p.tryMake(t.Context(), t, words...); err == nil || !strings.Contains(output, "Error 2") {
				t.Errorf("%s ends with %v, want exit code 2:\n%s", typed, err, output)
			}
			return
		}
		if words[0] == invocation.Reconcile { // A platform that has not been failed over by force has no snapshot of an old volume.
			if output, err := p.tryMake(t.Context(), t, words...); err != nil && !strings.Contains(output, "There is no snapshot") {
				t.Errorf("%s ends with %v:\n%s", typed, err, output)
			}
			return
		}
		if slices.Contains(words, "WATCH=yes") {
			p.checkWatched(t, words)
			return
		}
		if slices.Contains(words, "PROMOTE=yes") {
			p.checkPromotionRefused(t, words)
			return
		}
		p.awaitMake(t, words...)
		return
	}
	awaitCommand(t, typed, func() (string, error) {
		return p.as(operator).tryShell(t, strings.Replace(typed, "--env prod", `--env "$ENV"`, 1))
	})
}

// checkWatched runs a command that shows its result again and again, and interrupts it after the second time, as Ctrl-C does.
func (p *platform) checkWatched(t *testing.T, words []string) {
	t.Helper()
	watching := p.start(t, words...)
	watching.awaitOutput(t, "The writer is in", 2)
	watching.interrupt(t)
	_ = watching.await() // make reports what was interrupted as an error
}

// checkPromotionRefused has an operator type a promotion, which replaces the database and is a deployer's: the first step is refused. On
// AWS, where commands have the shell's credentials, nothing would refuse it, so it is not typed.
func (p *platform) checkPromotionRefused(t *testing.T, words []string) {
	t.Helper()
	if p.people == nil {
		return
	}
	output, err := p.as(operator).tryMake(t.Context(), t, words...)
	refused := regexp.MustCompile(`Nothing was begun|not authorized to perform: rds:CreateDBClusterSnapshot`)
	if err == nil || !refused.MatchString(output) {
		t.Errorf("make %s ends with %v, want that an operator may not:\n%s", strings.Join(words, " "), err, output)
	}
}
