package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Environment is what the tools look at besides the repository.
type Environment struct {
	// States is the folder with production's states, which the stacks' tests have written.
	States string
	// Endpoint is that of a local AWS emulator where the platform is deployed, in these regions.
	Endpoint string
	Regions  []string
}

// Run has every tool look, and judges what they find. The error has a line for each fault.
func (a Auditor) Run(ctx context.Context, e Environment) error {
	table, err := Table()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.Folder, 0o755); err != nil {
		return fmt.Errorf("making the audit's folder: %w", err)
	}
	var findings []Finding
	for _, look := range []struct {
		at   string
		find func() ([]Finding, error)
	}{
		{"what production's stacks make", func() ([]Finding, error) { return a.States(ctx, e.States) }},
		{"the policies", func() ([]Finding, error) { return a.Policies(ctx) }},
		{"the platform on the local AWS emulator", func() ([]Finding, error) { return a.Platform(ctx, e.Endpoint, e.Regions) }},
	} {
		found, err := look.find()
		if err != nil {
			return fmt.Errorf("auditing %s: %w", look.at, err)
		}
		fmt.Fprintf(os.Stdout, "%d findings in %s, planted ones included\n", len(found), look.at)
		findings = append(findings, found...)
	}
	if err := Judge(findings, table, Planted, []string{checkov, parliament, cloudsplaining, cfnLint, prowler}); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "every finding is accepted with a reason (%s), and every planted fault was seen\n",
		filepath.Join("test", "audit", "accepted.json"))
	return nil
}
