// Package pulumitest runs a Pulumi program against mocks and holds the resources that it registers to the platform's rules.
//
// [Run] mocks the engine: it answers each registration as AWS would, in an update or in a preview, and records it. [Check]
// reports every recorded resource that breaks a rule which all stacks share: an explicit provider of the right region, required
// tags, names within their limits, a component as the parent, and the guards against deletion.
//
// Of remote components the mocks know awsx's VPC. They record its children, as the component's transforms change them; its outputs
// are those that the platform's components read.
package pulumitest

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Programs read their configuration from the engine's environment variable, which all tests of a process share. A run without
// configuration finds it here, changes nothing that is shared, and may be parallel; the testing package refuses to set a variable
// in a parallel test.
func init() {
	if err := os.Setenv(pulumi.EnvConfig, "{}"); err != nil {
		panic(fmt.Sprintf("setting %s: %v", pulumi.EnvConfig, err))
	}
}

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
// text as it is, anything else as JSON. A call of a function that is not mocked by an [Answer], or one without a provider, fails
// the test.
func RunErr(
	t testing.TB, project, stack string, config map[string]string, program pulumi.RunFunc, opts ...Option,
) (*Recording, error) {
	t.Helper()
	full := make(map[string]string, len(config))
	for key, value := range config {
		full[project+":"+key] = value
	}
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatalf("encoding the configuration of %s: %v", project, err)
	}
	if os.Getenv(pulumi.EnvConfig) != string(text) {
		t.Setenv(pulumi.EnvConfig, string(text))
	}

	m := newMonitor(project, stack)
	for _, opt := range opts {
		opt(m)
	}
	err = pulumi.RunErr(m.running(program), pulumi.WithMocks(project, stack, m), func(info *pulumi.RunInfo) {
		info.DryRun = m.preview
	})
	for _, fault := range m.faults {
		t.Errorf("running %s (%s): %s", project, stack, fault)
	}
	return m.recording(), err
}

// running returns the program with two additions: the mocks get its context, to register the children of a remote component, and
// the stack's outputs are registered when it is done.
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
