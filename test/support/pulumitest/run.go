// Package pulumitest runs a Pulumi program against mocks and holds what it registers to the platform's rules.
//
// [Run] plays the engine: it answers each registration as AWS would, in an update or in a preview, and records it. [Check]
// walks what was recorded and reports every resource that breaks a rule which all stacks share: an explicit provider of the
// right region, required tags, names within their limits, a place in the tree, and the guards against deletion.
//
// The mocks expand no remote component: of what awsx builds the VPC itself is recorded, as the component's transforms have it,
// and nothing else. Its answer is as large as the platform's components read.
package pulumitest

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Run runs a program as the stack of a project and returns what it registered. A program that fails ends the test.
func Run(
	t testing.TB, project, stack string, config map[string]string, program pulumi.RunFunc, opts ...Option,
) *Recording {
	t.Helper()
	recording, err := RunErr(t, project, stack, config, program, opts...)
	if err != nil {
		t.Fatalf("running %s (%s): %v", project, stack, err)
	}
	return recording
}

// RunErr is Run for a program that is to fail: it returns the program's error, and what was registered up to then. The
// configuration's keys are the project's own, without its namespace, and its values are as the engine hands them over:
// text as it is, anything else as JSON. A call that no [Answer] stands for, or one without a provider, fails the test.
func RunErr(
	t testing.TB, project, stack string, config map[string]string, program pulumi.RunFunc, opts ...Option,
) (*Recording, error) {
	t.Helper()
	full := make(map[string]string, len(config))
	for key, value := range config {
		full[project+":"+key] = value
	}
	m := newMonitor(project, stack)
	for _, opt := range opts {
		opt(m)
	}
	err := pulumi.RunErr(m.running(program), pulumi.WithMocks(project, stack, m), func(info *pulumi.RunInfo) {
		info.Config, info.DryRun = full, m.preview
	})
	for _, fault := range m.faults {
		t.Errorf("running %s (%s): %s", project, stack, fault)
	}
	return m.recording(), err
}

// running is the program with what the mocks need of its context: a way to register what a remote component stands for,
// and, when the program is done, its outputs as the engine would get them.
func (m *monitor) running(program pulumi.RunFunc) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		m.ctx = ctx
		if err := program(ctx); err != nil {
			return err
		}
		outputs := pulumi.Map(ctx.GetCurrentExportMap())
		return ctx.RegisterResource(outputsType, "outputs", outputs, &pulumi.ResourceState{})
	}
}
