package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	pluginName = "awsx"
	// pluginVersion is the official release whose behaviour is reproduced; programs ask the engine for exactly this one.
	pluginVersion = "2.22.0"
	vpcToken      = "awsx:ec2:Vpc"
	// pluginSchema names the one component; programs bring their own SDK, so that its properties are not needed here.
	pluginSchema = `{"name":"` + pluginName + `","version":"` + pluginVersion + `","resources":{"` + vpcToken + `":{"isComponent":true}}}`
)

// server answers the engine. The methods that it leaves to the embedded type answer Unimplemented, which the engine
// expects of a plugin that has components only.
type server struct {
	pulumirpc.UnimplementedResourceProviderServer

	engine *grpc.ClientConn
}

// Handshake says which kinds of values Construct accepts. Outputs are accepted so that tags keep their own dependencies.
func (*server) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// GetPluginInfo gives the version.
func (*server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: pluginVersion}, nil
}

// GetSchema gives the smallest valid schema.
func (*server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: pluginSchema}, nil
}

// CheckConfig accepts the provider's configuration as it is: the plugin has none of its own.
func (*server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// DiffConfig finds no change: no configuration has an effect.
func (*server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

// Configure repeats what Handshake says, as the protocol asks.
func (*server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true,
	}, nil
}

// Cancel has nothing to do: Construct ends when its own context does.
func (*server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Construct registers the component and its children with the engine and gives the component's outputs.
func (s *server) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	return provider.Construct(ctx, req, s.engine, func(
		ctx *pulumi.Context, token, name string, values provider.ConstructInputs, options pulumi.ResourceOption,
	) (*provider.ConstructResult, error) {
		if token != vpcToken {
			return nil, notImplemented("component " + token)
		}
		args, err := readInputs(req.GetInputs(), values)
		if err != nil {
			return nil, err
		}
		return constructVpc(ctx, name, args, options)
	})
}
