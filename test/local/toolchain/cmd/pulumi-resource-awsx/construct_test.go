package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// threeZones are the inputs of a small network; overrides replace single inputs.
func threeZones(overrides map[string]any) map[string]any {
	args := map[string]any{
		"cidrBlock": "10.0.0.0/16", "availabilityZoneNames": []any{"a", "b", "c"}, "subnetStrategy": "Auto",
		"natGateways": map[string]any{"strategy": "None"},
	}
	maps.Copy(args, overrides)
	return args
}

// outputValue is a value that a program passes as an output: unknown when value is nil.
func outputValue(value any, secret bool, deps ...any) map[string]any {
	out := map[string]any{resource.SigKey: resource.OutputValueSig, "secret": secret, "dependencies": deps}
	if value != nil {
		out["value"] = value
	}
	return out
}

// find gives the registration of a child by the last part of its type and its name.
func find(t *testing.T, e *engine, short, name string) registration {
	t.Helper()
	for _, r := range e.registered() {
		if strings.HasSuffix(r.Type, ":"+short) && r.Name == name && r.Custom {
			return r
		}
	}
	t.Fatalf("no %s %q was registered", short, name)
	return registration{}
}

func TestPreviewLeavesIDsUnknownAndListsKnown(t *testing.T) {
	e := &engine{dryRun: true}
	response, err := construct(t, e, threeZones(nil), nil)
	if err != nil {
		t.Fatalf("Construct: %v", err)
	}
	state := response.GetState().AsMap()
	stripReferences(t, state)
	for key, want := range map[string]any{
		"vpcId": unknown, "publicSubnetIds": unknown, "privateSubnetIds": unknown,
		"isolatedSubnetIds": []any{}, "natGateways": []any{}, "eips": []any{}, "vpcEndpoints": []any{},
		"vpc": map[string]any{
			// In a reference it is the empty id that is unknown.
			resource.SigKey: resource.ResourceReferenceSig, "id": "", "urn": find(t, e, "Vpc", "vpc").URN,
		},
		"subnetLayout": []any{
			map[string]any{"type": "Private", "cidrMask": 19}, map[string]any{"type": "Public", "cidrMask": 20},
		},
	} {
		same(t, key, state[key], want)
	}
	if n := len(response.GetStateDependencies()["vpcId"].GetUrns()); n != 7 {
		t.Errorf("vpcId depends on %d resources, want the VPC and 6 subnets", n)
	}
	if n := len(state["subnets"].([]any)); n != 6 {
		t.Errorf("%d subnets, want the references of 6", n)
	}
	same(t, "a subnet's vpcId", find(t, e, "Subnet", "vpc-public-1").Inputs["vpcId"], unknown)
}

func TestOptionsOfTheComponentReachTheChildrenAsWithTheOfficialPlugin(t *testing.T) {
	e := &engine{zones: []any{"a", "b", "c"}}
	other := "urn:pulumi:dev::proj::other:index:Thing::other"
	args := threeZones(nil)
	delete(args, "availabilityZoneNames")
	_, err := construct(t, e, args, func(req *pulumirpc.ConstructRequest) {
		protect := true
		req.Protect, req.Providers, req.Dependencies = &protect, nil, []string{other}
	})
	if err != nil {
		t.Fatalf("Construct: %v", err)
	}
	for _, r := range e.registered() {
		if !r.Protect {
			t.Errorf("%s is not protected, the component is", r.URN)
		}
		if r.Provider != "" {
			t.Errorf("%s has provider %q, want none: no AWS provider was passed", r.URN, r.Provider)
		}
		if r.Custom && len(r.Deps) > 0 && strings.Contains(strings.Join(r.Deps, " "), other) {
			t.Errorf("%s depends on %s, which is a dependency of the component alone", r.URN, other)
		}
	}
	same(t, "invokes", e.invocations, []invocation{{Token: zonesToken, Args: map[string]any{}, Version: awsVersion}})
}

func TestTagsMayHoldOutputsAndForcedTagsWin(t *testing.T) {
	e := &engine{}
	key := "urn:pulumi:dev::proj::other:index:Thing::owner"
	_, err := construct(t, e, threeZones(map[string]any{
		"tags": map[string]any{
			"Name": "mine", "SubnetType": "mine", "Tier": "all", "Owner": outputValue("me", true, key),
		},
		"subnetSpecs": []any{map[string]any{"type": "Public", "name": "edge", "tags": map[string]any{"Tier": "edge", "Name": "x"}}},
	}), func(req *pulumirpc.ConstructRequest) {
		req.InputDependencies = map[string]*pulumirpc.ConstructRequest_PropertyDependencies{"tags": {Urns: []string{key}}}
	})
	if err != nil {
		t.Fatalf("Construct: %v", err)
	}
	owner := map[string]any{resource.SigKey: resource.SecretSig, "value": "me"}
	for short, want := range map[string]map[string]any{
		"Vpc":        {"Name": "mine", "SubnetType": "mine", "Tier": "all", "Owner": owner},
		"Subnet":     {"Name": "vpc-edge-1", "SubnetType": "Public", "Tier": "edge", "Owner": owner},
		"RouteTable": {"Name": "vpc-edge-1", "SubnetType": "Public", "Tier": "all", "Owner": owner},
	} {
		name := "vpc-edge-1"
		if short == "Vpc" {
			name = "vpc"
		}
		r := find(t, e, short, name)
		same(t, short+" tags", r.Inputs["tags"], want)
		same(t, short+" dependencies of tags", r.PropDeps["tags"], []string{key})
	}
}

func TestGivenElasticIPsAreUsedAndNoneIsCreated(t *testing.T) {
	e := &engine{dryRun: true}
	_, err := construct(t, e, threeZones(map[string]any{
		"natGateways": map[string]any{
			"strategy": "oneperaz", "elasticIpAllocationIds": []any{"eipalloc-1", outputValue(nil, false), "eipalloc-3"},
		},
	}), nil)
	if err != nil {
		t.Fatalf("Construct: %v", err)
	}
	for i, want := range []any{"eipalloc-1", unknown, "eipalloc-3"} {
		name := "vpc-" + string(rune('1'+i))
		same(t, "allocation of "+name, find(t, e, "NatGateway", name).Inputs["allocationId"], want)
	}
	for _, r := range e.registered() {
		if strings.HasSuffix(r.Type, ":Eip") {
			t.Errorf("registered %s", r.URN)
		}
	}
}

func TestOneNATGatewayAZoneWhenAZoneHasTwoPublicSubnets(t *testing.T) {
	e := &engine{}
	_, err := construct(t, e, threeZones(map[string]any{
		"natGateways": map[string]any{},
		"subnetSpecs": []any{
			map[string]any{"type": "Public", "name": "edge"}, map[string]any{"type": "Public"}, map[string]any{"type": "Private"},
		},
	}), nil)
	if err != nil {
		t.Fatalf("Construct: %v", err)
	}
	same(t, "the NAT gateway's subnet", find(t, e, "NatGateway", "vpc-2").Inputs["subnetId"], "subnet-vpc-edge-2")
	same(t, "the private route's target", find(t, e, "Route", "vpc-private-3").Inputs["natGatewayId"], "natgateway-vpc-3")
	if n := strings.Count(types(e), ":NatGateway "); n != 3 {
		t.Errorf("%d NAT gateways, want 3", n)
	}
}

func types(e *engine) string {
	var all strings.Builder
	for _, r := range e.registered() {
		all.WriteString(r.Type + " ")
	}
	return all.String()
}

// FuzzInputs: whatever a program passes, Construct answers, and what it registers is a whole network or nothing in it.
func FuzzInputs(f *testing.F) {
	f.Add(`{"subnetStrategy":"Auto","natGateways":{"strategy":"None"}}`)
	f.Add(`{"subnetStrategy":"Auto","subnetSpecs":[{"type":"Public","cidrMask":24,"tags":{"a":"b"}},{"type":"Private"}]}`)
	f.Add(`{"cidrBlock":7,"subnetSpecs":{"type":null},"tags":["a"],"natGateways":[],"availabilityZoneNames":"a"}`)
	f.Add(`{"subnetStrategy":"Auto","enableDnsSupport":"yes","natGateways":{"elasticIpAllocationIds":[null,1]}}`)
	// Every input with a value of every kind, most of them wrong.
	for _, value := range []string{
		`null`, `true`, `-1`, `1e300`, `"x"`, `[]`, `[null]`, `["x"]`, `[{}]`, `{}`, `{"k":null}`, `{"k":{"k":1}}`,
		`"` + unknown + `"`, `{"` + resource.SigKey + `":"` + resource.SecretSig + `","value":"x"}`,
		`{"` + resource.SigKey + `":"` + resource.OutputValueSig + `"}`,
	} {
		for field := range reflect.TypeFor[inputs]().Fields() {
			f.Add(`{"subnetStrategy":"Auto","` + field.Tag.Get("pulumi") + `":` + value + `}`)
		}
		for field := range reflect.TypeFor[subnetSpec]().Fields() {
			f.Add(`{"subnetStrategy":"Auto","subnetSpecs":[{"` + field.Tag.Get("pulumi") + `":` + value + `}]}`)
		}
		for field := range reflect.TypeFor[natInputs]().Fields() {
			f.Add(`{"subnetStrategy":"Auto","natGateways":{"` + field.Tag.Get("pulumi") + `":` + value + `}}`)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		var args map[string]any
		if err := json.Unmarshal([]byte(text), &args); err != nil {
			return
		}
		e := &engine{zones: []any{"a", "b", "c"}}
		_, err := construct(t, e, args, nil)
		all := types(e)
		if err != nil && strings.Contains(all, "aws:") {
			t.Errorf("registered %q and failed: %v", all, err)
		}
		if err == nil && strings.Count(all, ":RouteTable ") != strings.Count(all, ":Subnet ") {
			t.Errorf("registered %q: want a route table for each subnet", all)
		}
	})
}
