package main

import (
	"encoding/json"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestThePluginAnswersWhatTheEngineAsksAtStart(t *testing.T) {
	client, ctx := plugin(t), t.Context()

	hands, err := client.Handshake(ctx, &pulumirpc.ProviderHandshakeRequest{})
	if err != nil || !hands.GetAcceptSecrets() || !hands.GetAcceptResources() || !hands.GetAcceptOutputs() {
		t.Errorf("Handshake: %v, %v; want secrets, resources and outputs accepted", hands, err)
	}
	info, err := client.GetPluginInfo(ctx, &emptypb.Empty{})
	if err != nil || info.GetVersion() != "2.22.0" {
		t.Errorf("GetPluginInfo: %v, %v; want version 2.22.0", info, err)
	}
	schema, err := client.GetSchema(ctx, &pulumirpc.GetSchemaRequest{})
	if err != nil {
		t.Fatalf("GetSchema: %v", err)
	}
	var decoded struct {
		Name, Version string
		Resources     map[string]struct{ IsComponent bool }
	}
	if err := json.Unmarshal([]byte(schema.GetSchema()), &decoded); err != nil {
		t.Fatalf("the schema is not JSON: %v", err)
	}
	if decoded.Name != "awsx" || decoded.Version != "2.22.0" || !decoded.Resources["awsx:ec2:Vpc"].IsComponent {
		t.Errorf("schema %+v, want awsx 2.22.0 with the component awsx:ec2:Vpc", decoded)
	}
	news, err := structpb.NewStruct(map[string]any{"version": "2.22.0"})
	if err != nil {
		t.Fatalf("encoding the configuration: %v", err)
	}
	check, err := client.CheckConfig(ctx, &pulumirpc.CheckRequest{News: news})
	if err != nil || len(check.GetFailures()) > 0 {
		t.Fatalf("CheckConfig: %v, %v", check, err)
	}
	same(t, "checked configuration", check.GetInputs().AsMap(), news.AsMap())
	diff, err := client.DiffConfig(ctx, &pulumirpc.DiffRequest{})
	if err != nil || diff.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("DiffConfig: %v, %v; want no difference", diff, err)
	}
	configured, err := client.Configure(ctx, &pulumirpc.ConfigureRequest{})
	if err != nil || !configured.GetSupportsPreview() || !configured.GetAcceptOutputs() {
		t.Errorf("Configure: %v, %v; want previews and outputs supported", configured, err)
	}
	if _, err := client.Cancel(ctx, &emptypb.Empty{}); err != nil {
		t.Errorf("Cancel: %v", err)
	}
}
