package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// engineVariable has this program be an engine instead of its tests. It holds the command of the plugin, by line.
const engineVariable = "WARMSTANDBY_TEST_ENGINE"

// TestMain runs the tests, or the engine of one of them: Go's gRPC reads its environment once in a process, so an engine
// needs a process of its own in the environment in question. The test that starts the engine bounds its time.
func TestMain(m *testing.M) {
	plugin := os.Getenv(engineVariable)
	if plugin == "" {
		os.Exit(m.Run())
	}
	if err := runEngine(context.Background(), strings.Split(plugin, "\n"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// sight is what an engine saw of a plugin that made a component. The engines of testdata print the same.
type sight struct {
	Version    string            `json:"version"`
	URN        string            `json:"urn"`
	State      map[string]string `json:"state"`
	Registered []string          `json:"registered"` // "type name" each
	Logged     []string          `json:"logged"`
}

// engine is Pulumi's engine as far as a plugin calls it.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	pulumirpc.UnimplementedResourceMonitorServer
	mu   sync.Mutex
	seen sight
}

func (e *engine) Log(_ context.Context, r *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen.Logged = append(e.seen.Logged, r.GetMessage())
	return &emptypb.Empty{}, nil
}

func (e *engine) SupportsFeature(context.Context, *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{}, nil
}

func (e *engine) RegisterResource(_ context.Context, r *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen.Registered = append(e.seen.Registered, r.GetType()+" "+r.GetName())
	return &pulumirpc.RegisterResourceResponse{Urn: madeURN, Object: &structpb.Struct{}}, nil
}

func (e *engine) RegisterResourceOutputs(context.Context, *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// runEngine serves the calls of a plugin, starts it, has it make a component, and prints what it saw.
func runEngine(ctx context.Context, plugin []string, stdout io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e := &engine{}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, e)
	pulumirpc.RegisterResourceMonitorServer(server, e)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = e.makeComponent(ctx, plugin, listener.Addr().String())
	server.Stop()
	if err := errors.Join(err, <-served); err != nil {
		return fmt.Errorf("calling the plugin: %w", err)
	}
	return json.NewEncoder(stdout).Encode(e.seen)
}

func (e *engine) makeComponent(ctx context.Context, plugin []string, address string) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	command := exec.CommandContext(ctx, plugin[0], append(plugin[1:], address)...)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	defer func() {
		cancel() // It is killed, so how it ended says nothing.
		_ = command.Wait()
	}()
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return fmt.Errorf("reading the plugin's port: %w", err)
	}
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := pulumirpc.NewResourceProviderClient(connection)
	info, err := client.GetPluginInfo(ctx, &emptypb.Empty{})
	if err != nil {
		return err
	}
	inputs, err := structpb.NewStruct(map[string]any{"greeting": "hello"})
	if err != nil {
		return err
	}
	made, err := client.Construct(ctx, &pulumirpc.ConstructRequest{
		Project: "probe", Stack: "local", Type: "probe:index:Component", Name: "one",
		Parallel: 1, MonitorEndpoint: address, Inputs: inputs,
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen.Version, e.seen.URN, e.seen.State = info.GetVersion(), made.GetUrn(), map[string]string{}
	for name, value := range made.GetState().GetFields() {
		e.seen.State[name] = value.GetStringValue()
	}
	return nil
}
