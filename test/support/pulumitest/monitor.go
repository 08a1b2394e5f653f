package pulumitest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	providerType       = "pulumi:providers:aws"
	stackReferenceType = "pulumi:pulumi:StackReference"
	// stackOutputs is the engine's own function that reads another stack's outputs.
	stackOutputs = "pulumi:pulumi:readStackOutputs"
	// outputsType is the harness's own: a resource whose inputs are the stack's outputs, because the SDK's mocks receive every
	// registration but not the outputs.
	outputsType = "pulumitest:index:Outputs"
)

// monitor is the mocked engine.
type monitor struct {
	project, stack           string
	preview, awsARNs         bool
	partition, servicePrefix string
	answers                  map[string]Function
	computes                 map[string]resource.PropertyMap // by type
	standing                 map[string]string               // ids of the zones that subnets stand in, by the name that is chosen now
	stacks                   map[string]resource.PropertyMap
	ctx                      *pulumi.Context

	mu        sync.Mutex // Registrations and calls arrive on goroutines of their own.
	resources []Resource
	calls     []Call
	outputs   resource.PropertyMap
	faults    []string
}

func newMonitor(project, stack string) *monitor {
	m := &monitor{
		project: project, stack: stack,
		partition: "aws", servicePrefix: "com.amazonaws",
		stacks: map[string]resource.PropertyMap{}, computes: map[string]resource.PropertyMap{}, standing: map[string]string{},
	}
	m.answers = m.defaultAnswers()
	return m
}

// NewResource answers a registration, or the reading of a stack reference.
func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.ReadRPC != nil {
		return m.read(args)
	}
	request := args.RegisterRPC
	// The arguments' own inputs lack unknown values, of which a preview has many.
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true,
	})
	if err != nil {
		return "", nil, fmt.Errorf("reading the inputs of %s %s: %w", args.TypeToken, args.Name, err)
	}
	if args.TypeToken == outputsType {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.outputs = inputs
		return "", inputs, nil
	}
	registered := Resource{
		Type: args.TypeToken, Name: args.Name, URN: m.urn(request.GetParent(), args.TypeToken, args.Name),
		Inputs: inputs, Request: request,
	}
	switch {
	case strings.HasPrefix(args.Name, standInPrefix):
		return m.id(registered), inputs, nil
	case args.TypeToken == vpcType:
		registered.Outputs, err = m.vpc(registered)
	case args.Custom:
		registered.ID = m.id(registered)
		registered.Outputs = m.computed(registered)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resources = append(m.resources, registered)
	return registered.ID, registered.Outputs, err
}

func (m *monitor) read(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken != stackReferenceType {
		return "", nil, fmt.Errorf("reading %s %s: it is no stack reference", args.TypeToken, args.ID)
	}
	outputs, err := m.other(args.ID)
	return args.ID, outputs, err
}

// other returns the engine's answer about another stack.
func (m *monitor) other(name string) (resource.PropertyMap, error) {
	outputs, known := m.stacks[name]
	if !known {
		return nil, fmt.Errorf("unknown stack %q", name)
	}
	return resource.PropertyMap{"name": resource.NewProperty(name), "outputs": resource.NewProperty(outputs)}, nil
}

// Call answers the call of a function.
func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if args.Token == stackOutputs {
		return m.other(args.Args["name"].StringValue())
	}
	region := m.regionOf(args.Provider)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, Call{Token: args.Token, Region: region, Args: args.Args})
	answer, mocked := m.answers[args.Token]
	switch {
	case !mocked:
		return nil, m.fault("call of %s: no answer is mocked for it: add pulumitest.Answer", args.Token)
	case region == "":
		return nil, m.fault("call of %s: it has no explicit provider", args.Token)
	}
	return answer(region, args.Args)
}

// fault records a forbidden call, so that the test fails even when the program swallows the error. The caller holds the mutex.
func (m *monitor) fault(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	m.faults = append(m.faults, err.Error())
	return err
}

// regionOf returns the region of the provider that a reference, urn::id, points to; nothing, if it is no provider of the
// program's own.
func (m *monitor) regionOf(reference string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return regionOf(m.resources, reference)
}

func (m *monitor) urn(parent, typ, name string) string {
	parentType := tokens.Type("")
	if urn := resource.URN(parent); urn != "" && urn.QualifiedType() != resource.RootStackType {
		parentType = urn.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(m.stack), tokens.PackageName(m.project), parentType, tokens.Type(typ), name))
}
