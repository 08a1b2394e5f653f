//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// lessCases are commands, each of a person whose documents lack one action that it needs.
var lessCases = [...]struct {
	name, person, document, action string
	run                            func(*testing.T, *platform) (string, error)
}{
	{
		"a refresh, which reads", deployer, "deployer-read", "events:DescribeEventBus",
		func(t *testing.T, p *platform) (string, error) {
			return p.tryMake(t.Context(), t, "preview", "STACK=data-global", noDrift)
		},
	},
	{
		"an update, which changes", deployer, "deployer-application", "logs:PutRetentionPolicy",
		func(t *testing.T, p *platform) (string, error) {
			p.shell(t, "cd stacks/foundation-network; pulumi config set flowLogRetentionDays 5")
			defer p.shell(t, "cd stacks/foundation-network; pulumi config rm flowLogRetentionDays")
			return p.tryMake(t.Context(), t, "up", "STACK=foundation-network") // The provider tries for two minutes.
		},
	},
	{
		"a status", operator, "operator", "rds:DescribeGlobalClusters",
		func(t *testing.T, p *platform) (string, error) { return p.tryMake(t.Context(), t, "status") },
	},
	{
		"a sweep", deployer, "deployer-read", "sqs:ListQueues",
		func(t *testing.T, p *platform) (string, error) { return p.tryMake(t.Context(), t, "sweep") },
	},
}

// checkLess takes one action out of a person's documents: AWS refuses it by its name.
func checkLess(t *testing.T, p *platform) {
	documents := p.policies(t)
	for _, c := range lessCases {
		t.Run(c.name+" without "+c.action, func(t *testing.T) {
			less := map[string]string{}
			for _, name := range documentsOf[c.person] {
				less[name] = documents[name]
			}
			without := strings.Replace(less[c.document], `"`+c.action+`"`, `"`+c.action+`Removed"`, 1)
			if without == less[c.document] {
				t.Fatalf("%s does not have %s: name another action in lessCases", c.document, c.action)
			}
			less[c.document] = without
			name := "less-" + strings.ReplaceAll(c.action, ":", "-")
			other := *p
			other.people = &people{roles: map[string]string{c.person: p.role(t, name, less)}, sessions: map[string]session{}}
			other.person = c.person
			output, err := c.run(t, &other)
			if err == nil || !strings.Contains(output, "AccessDenied") || !strings.Contains(output, c.action) {
				t.Errorf("it ends with %v, want AccessDenied and %s:\n%s", err, c.action, output)
			}
		})
	}
	p.make(t, "up", "STACK=foundation-network", noChanges) // An update that was refused leaves nothing to be done.
}
