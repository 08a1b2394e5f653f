package pulumitest

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// transforms are those of a remote component, which the engine applies to each of its children, in their order, where the program
// serves them.
type transforms struct {
	callbacks   []*pulumirpc.Callback
	connections map[string]*grpc.ClientConn // by target
}

func newTransforms(component Resource) transforms {
	return transforms{callbacks: component.Request.GetTransforms(), connections: map[string]*grpc.ClientConn{}}
}

func (t transforms) close() {
	for _, connection := range t.connections {
		_ = connection.Close() // Nothing is sent any more.
	}
}

// apply returns the inputs that the transforms make of a child's, and sets the options in its request.
func (t transforms) apply(inputs resource.PropertyMap, request *pulumirpc.RegisterResourceRequest) (resource.PropertyMap, error) {
	for _, callback := range t.callbacks {
		changed, err := t.invoke(callback, inputs, request)
		if err != nil {
			return nil, fmt.Errorf("transforming %s %s: %w", request.GetType(), request.GetName(), err)
		}
		if changed.GetOptions() == nil {
			continue // The transform leaves the child as it is.
		}
		request.Protect = changed.GetOptions().Protect
		inputs, err = plugin.UnmarshalProperties(changed.GetProperties(), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
		if err != nil {
			return nil, fmt.Errorf("reading what a transform made of %s %s: %w", request.GetType(), request.GetName(), err)
		}
	}
	return inputs, nil
}

// invoke calls one transform.
func (t transforms) invoke(
	callback *pulumirpc.Callback, inputs resource.PropertyMap, request *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.TransformResponse, error) {
	connection, known := t.connections[callback.GetTarget()]
	if !known {
		var err error
		connection, err = grpc.NewClient(callback.GetTarget(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, fmt.Errorf("dialling the program: %w", err)
		}
		t.connections[callback.GetTarget()] = connection
	}
	properties, err := plugin.MarshalProperties(inputs, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		return nil, fmt.Errorf("encoding the inputs: %w", err)
	}
	encoded, err := proto.Marshal(&pulumirpc.TransformRequest{
		Type: request.GetType(), Name: request.GetName(), Custom: request.GetCustom(), Parent: request.GetParent(),
		Properties: properties, Options: &pulumirpc.TransformResourceOptions{Protect: request.Protect},
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}
	invocation := &pulumirpc.CallbackInvokeRequest{Token: callback.GetToken(), Request: encoded}
	answer, err := pulumirpc.NewCallbacksClient(connection).Invoke(context.Background(), invocation)
	if err != nil {
		return nil, err
	}
	var changed pulumirpc.TransformResponse
	if err := proto.Unmarshal(answer.GetResponse(), &changed); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return &changed, nil
}
