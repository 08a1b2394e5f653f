package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	testStack   = "dev"
	testProject = "proj"
	stackURN    = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev"
	// providerRef is the AWS provider passed to the component: the URN, then the id that is unknown in a preview.
	providerRef = "urn:pulumi:dev::proj::pulumi:providers:aws::p::04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	// unknown stands for a value that is not known yet, in every message of the engine.
	unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

// registration is a RegisterResource request, in the form of the recording.
type registration struct {
	Type      string              `json:"type"`
	Name      string              `json:"name"`
	URN       string              `json:"urn"`
	Parent    string              `json:"parent"`
	Custom    bool                `json:"custom"`
	Remote    bool                `json:"remote"`
	Inputs    map[string]any      `json:"inputs"`
	Deps      []string            `json:"deps"`
	PropDeps  map[string][]string `json:"propDeps"`
	Version   string              `json:"version"`
	Provider  string              `json:"provider"`
	Providers [][2]string         `json:"providers"`
	Aliases   []string            `json:"aliases"`
	Protect   bool                `json:"protect"`
	Ignore    []string            `json:"ignore"`
	URL       string              `json:"url"`
	DBR       bool                `json:"dbr"` // deleteBeforeReplace
}

// invocation is an Invoke request, in the form of the recording.
type invocation struct {
	Token    string         `json:"tok"`
	Args     map[string]any `json:"args"`
	Provider string         `json:"provider"`
	Version  string         `json:"version"`
	URL      string         `json:"url"`
}

type outputsOf struct {
	URN     string         `json:"urn"`
	Outputs map[string]any `json:"outputs"`
}

// engine is the side of the engine that a plugin talks to: it records every request and answers as the recording's
// engine did, with ids made from type and name.
type engine struct {
	pulumirpc.UnimplementedResourceMonitorServer

	dryRun bool
	zones  []any // what getAvailabilityZones answers

	mu            sync.Mutex // requests arrive on goroutines of their own
	registrations []registration
	invocations   []invocation
	outputs       []outputsOf
}

func (e *engine) SupportsFeature(
	_ context.Context, req *pulumirpc.SupportsFeatureRequest,
) (*pulumirpc.SupportsFeatureResponse, error) {
	recorded := []string{
		"secrets", "resourceReferences", "outputValues", "deletedWith", "aliasSpecs", "transforms", "invokeTransforms",
		"parameterization",
	}
	return &pulumirpc.SupportsFeatureResponse{HasSupport: slices.Contains(recorded, req.GetId())}, nil
}

func (e *engine) RegisterResource(
	_ context.Context, req *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.RegisterResourceResponse, error) {
	r := registration{
		Type: req.GetType(), Name: req.GetName(), Parent: req.GetParent(), URN: urnOf(req),
		Custom: req.GetCustom(), Remote: req.GetRemote(), Protect: req.GetProtect(),
		Inputs: req.GetObject().AsMap(), Deps: sorted(req.GetDependencies()), PropDeps: map[string][]string{},
		Version: req.GetVersion(), Provider: req.GetProvider(), Providers: [][2]string{}, Aliases: []string{},
		Ignore: sorted(req.GetIgnoreChanges()), URL: req.GetPluginDownloadURL(), DBR: req.GetDeleteBeforeReplace(),
	}
	for key, deps := range req.GetPropertyDependencies() {
		r.PropDeps[key] = sorted(deps.GetUrns())
	}
	for pkg, ref := range req.GetProviders() {
		r.Providers = append(r.Providers, [2]string{pkg, ref})
	}
	for _, alias := range req.GetAliases() {
		r.Aliases = append(r.Aliases, alias.String())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.registrations = append(e.registrations, r)

	response := &pulumirpc.RegisterResourceResponse{Urn: r.URN, Object: &structpb.Struct{Fields: map[string]*structpb.Value{}}}
	if r.Custom && !e.dryRun {
		_, short, _ := strings.Cut(strings.TrimPrefix(r.Type, "aws:ec2/"), ":")
		response.Id = strings.ToLower(short) + "-" + r.Name
		if short == "Eip" {
			response.Object.Fields["allocationId"] = structpb.NewStringValue("eipalloc-" + r.Name)
		}
	}
	return response, nil
}

func (e *engine) RegisterResourceOutputs(
	_ context.Context, req *pulumirpc.RegisterResourceOutputsRequest,
) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.outputs = append(e.outputs, outputsOf{URN: req.GetUrn(), Outputs: req.GetOutputs().AsMap()})
	return &emptypb.Empty{}, nil
}

func (e *engine) Invoke(_ context.Context, req *pulumirpc.ResourceInvokeRequest) (*pulumirpc.InvokeResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.invocations = append(e.invocations, invocation{
		Token: req.GetTok(), Args: req.GetArgs().AsMap(), Provider: req.GetProvider(), Version: req.GetVersion(),
		URL: req.GetPluginDownloadURL(),
	})
	result, err := structpb.NewStruct(map[string]any{"names": e.zones})
	return &pulumirpc.InvokeResponse{Return: result}, err
}

// registered gives the registrations so far: after a failed Construct one may still be on its way.
func (e *engine) registered() []registration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.registrations)
}

// urnOf builds the URN as the engine does: the types of all parents but the stack, joined by "$".
func urnOf(req *pulumirpc.RegisterResourceRequest) string {
	var parentType tokens.Type
	if parent := req.GetParent(); parent != stackURN {
		parentType = resource.URN(parent).QualifiedType()
	}
	return string(resource.NewURN(testStack, testProject, parentType, tokens.Type(req.GetType()), req.GetName()))
}

// sorted gives a set of strings in an order to compare by.
func sorted(set []string) []string {
	return append([]string{}, slices.Compact(slices.Sorted(slices.Values(set)))...)
}

// serve runs a gRPC server on a free port of this machine until the test ends and gives its address.
func serve(t *testing.T, register func(*grpc.Server)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	srv := grpc.NewServer()
	register(srv)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Stop()
		if err := <-served; err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	return listener.Addr().String()
}

func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatalf("connecting to %s: %v", address, err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("closing the connection to %s: %v", address, err)
		}
	})
	return conn
}

// plugin starts the plugin between a client, which is returned, and the engine.
func plugin(t *testing.T) pulumirpc.ResourceProviderClient {
	t.Helper()
	address := serve(t, func(srv *grpc.Server) {
		pulumirpc.RegisterEngineServer(srv, pulumirpc.UnimplementedEngineServer{})
	})
	s := &server{engine: dial(t, address)}
	return pulumirpc.NewResourceProviderClient(dial(t, serve(t, func(srv *grpc.Server) {
		pulumirpc.RegisterResourceProviderServer(srv, s)
	})))
}

// construct asks the plugin for the component "vpc" as the engine does. edit may change the request.
func construct(
	t *testing.T, e *engine, args map[string]any, edit func(*pulumirpc.ConstructRequest),
) (*pulumirpc.ConstructResponse, error) {
	t.Helper()
	monitor := serve(t, func(srv *grpc.Server) { pulumirpc.RegisterResourceMonitorServer(srv, e) })
	inputs, err := structpb.NewStruct(args)
	if err != nil {
		t.Fatalf("encoding the inputs: %v", err)
	}
	req := &pulumirpc.ConstructRequest{
		Project: testProject, Stack: testStack, MonitorEndpoint: monitor, Parent: stackURN, DryRun: e.dryRun,
		Type: vpcToken, Name: "vpc", Inputs: inputs, Providers: map[string]string{"aws": providerRef},
		AcceptsOutputValues: true,
	}
	if edit != nil {
		edit(req)
	}
	return plugin(t).Construct(t.Context(), req)
}
