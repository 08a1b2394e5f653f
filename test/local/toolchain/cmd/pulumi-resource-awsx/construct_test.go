package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"
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
	for _, r := range e.registrations {
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
		"isolatedSubnetIds": []any{}, "natGateways": []any{}, "eips": []any{}, "vpcEndpoints": []any{}, "routes": state["routes"],
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
	for _, r := range e.registrations {
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
	for _, r := range e.registrations {
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
	for _, r := range e.registrations {
		all.WriteString(r.Type + " ")
	}
	return all.String()
}

func TestFaultsHaveTheOfficialText(t *testing.T) {
	eips := func(strategy string, ids ...any) map[string]any {
		return map[string]any{"natGateways": map[string]any{"strategy": strategy, "elasticIpAllocationIds": ids}}
	}
	specs := func(specs ...any) map[string]any { return map[string]any{"subnetSpecs": specs} }
	for name, c := range map[string]struct {
		args map[string]any
		want string
	}{
		"zones by name and by number": {
			map[string]any{"numberOfAvailabilityZones": 3},
			"Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified",
		},
		"a region with too few zones": {
			map[string]any{"availabilityZoneNames": nil, "numberOfAvailabilityZones": 4},
			"The configured region for this provider does not have at least 4 Availability Zones. Either specify an explicit " +
				"list of zones in availabilityZoneNames or choose a region with at least 4 AZs.",
		},
		"Elastic IPs without NAT": {
			eips("None", "e1"), "Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is 'None'.",
		},
		"two Elastic IPs for one NAT gateway": {
			eips("Single", "e1", "e2"), "Exactly one Elastic IP may be specified when NAT Gateway strategy is 'Single'.",
		},
		"fewer Elastic IPs than zones": {
			eips("OnePerAz", "e1"), "The number of Elastic IPs, if specified, must match the number of availability zones " +
				"for the VPC (3) when NAT Gateway strategy is 'OnePerAz'",
		},
		"an unknown NAT strategy": {eips("Foo"), "Unknown NatGatewayStrategy 'Foo'"},
		"no subnets":              {specs(), "No subnets specified"},
		"NAT without a public subnet": {
			map[string]any{"natGateways": map[string]any{"strategy": "Single"}, "subnetSpecs": []any{map[string]any{"type": "Private"}}},
			"If NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be declared. The private " +
				"subnet creates the need for a NAT Gateway, and the public subnet is required to host the NAT Gateway resource.",
		},
		"invalid sizes and a mismatch, together": {
			specs(map[string]any{"type": "Public", "size": 1000}, map[string]any{"type": "Private", "size": 1024, "cidrMask": 24}),
			"Invalid subnet specifications:\n - The following subnet sizes are invalid: 1000. Valid sizes are: 4294967296, " +
				"2147483648, 1073741824, 536870912, 268435456, 134217728, 67108864, 33554432, 16777216, 8388608, 4194304, " +
				"2097152, 1048576, 524288, 262144, 131072, 65536, 32768, 16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, " +
				"16, 8, 4.\n - Subnet size 1024 does not match the expected size for a /24 subnet (256).",
		},
		"subnets larger than a zone": {
			specs(map[string]any{"type": "Public", "cidrMask": 18}, map[string]any{"type": "Private", "size": 256}),
			"Subnets are too large for VPC. VPC has 16384 addresses, but subnets require 16640 addresses.",
		},
		"alignment that spills into the next zone": {
			map[string]any{
				"availabilityZoneNames": []any{"a", "b"}, "cidrBlock": "10.0.0.0/23",
				"subnetSpecs": []any{map[string]any{"type": "Public", "cidrMask": 26}, map[string]any{"type": "Private", "cidrMask": 25},
					map[string]any{"type": "Isolated", "cidrMask": 26}},
			},
			"The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, reduce the size " +
				"of the subnets per AZ, or use less Availability Zones:\n\n1. vpc-isolated-1: 10.0.1.0/26\n2. vpc-public-2: 10.0.1.0/26\n",
		},
		"a VPC too small for automatic subnets": {
			map[string]any{"cidrBlock": "10.0.0.0/25"},
			"Automatic subnet creation requires a VPC with at least /26 available per AZ, but only /27 is available.If you do " +
				"need very small subnets, please specify them explicitly.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := construct(t, &engine{zones: []any{"a", "b", "c"}}, threeZones(c.args), nil)
			if got := status.Convert(err).Message(); got != c.want {
				t.Errorf("error %q\n want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsNotImplementedNamesTheInputAndTheOfficialPlugin(t *testing.T) {
	spec := func(key string, value any) map[string]any {
		return map[string]any{"subnetSpecs": []any{map[string]any{"type": "Public", key: value}}}
	}
	tests := map[string]map[string]any{
		"subnetSpecs[0].cidrBlocks": spec("cidrBlocks", []any{"10.0.0.0/24"}),
		"subnetSpecs[0].type":       spec("type", "unused"),
		"subnetSpecs[0].tags":       spec("tags", outputValue(map[string]any{"a": "b"}, true)),
		"natGateways.kind":          {"natGateways": map[string]any{"kind": "x"}},
		`subnetStrategy "Exact"`:    {"subnetStrategy": "Exact"},
		`subnetStrategy "Legacy"`:   {"subnetStrategy": nil},
		`subnetStrategy "auto"`:     {"subnetStrategy": "auto"},
		"no availability zones":     {"availabilityZoneNames": []any{}},
		"tags that are one output":  {"tags": outputValue(map[string]any{"a": "b"}, true)},
	}
	for _, input := range []string{
		"assignGeneratedIpv6CidrBlock", "enableNetworkAddressUsageMetrics", "instanceTenancy", "ipv4IpamPoolId",
		"ipv4NetmaskLength", "ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup", "ipv6IpamPoolId", "ipv6NetmaskLength",
		"vpcEndpointSpecs",
	} {
		tests["input "+input] = map[string]any{input: "x"}
	}
	for what, args := range tests {
		t.Run(what, func(t *testing.T) {
			e := &engine{}
			_, err := construct(t, e, threeZones(args), nil)
			refused(t, err, what)
			if len(e.registrations) > 0 {
				t.Errorf("registered %s before refusing", e.registrations[0].URN)
			}
		})
	}
	t.Run("another component", func(t *testing.T) {
		_, err := construct(t, &engine{}, nil, func(req *pulumirpc.ConstructRequest) { req.Type = "awsx:lb:ApplicationLoadBalancer" })
		refused(t, err, "awsx:lb:ApplicationLoadBalancer")
	})
}

func refused(t *testing.T, err error, what string) {
	t.Helper()
	for _, part := range []string{what, "official pulumi-awsx plugin v2.22.0"} {
		if message := status.Convert(err).Message(); !strings.Contains(message, part) {
			t.Errorf("error %q does not name %q", message, part)
		}
	}
}

func TestInputsThatCannotBeReadAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		args map[string]any
		want []string
	}{
		"an unknown plain input":       {map[string]any{"cidrBlock": unknown}, []string{`"cidrBlock"`, "must be known"}},
		"a secret plain input":         {map[string]any{"cidrBlock": outputValue("10.0.0.0/16", true)}, []string{`"cidrBlock"`}},
		"text in place of a number":    {map[string]any{"availabilityZoneCidrMask": "x"}, []string{`"availabilityZoneCidrMask"`}},
		"a fraction":                   {map[string]any{"availabilityZoneCidrMask": 18.5}, []string{"availabilityZoneCidrMask is 18.5"}},
		"a range that is none":         {map[string]any{"cidrBlock": "10.0.0.0"}, []string{`cidrBlock is "10.0.0.0"`}},
		"an IPv6 range":                {map[string]any{"cidrBlock": "fd00::/56"}, []string{`cidrBlock is "fd00::/56"`}},
		"a zone twice":                 {map[string]any{"availabilityZoneNames": []any{"a", "a"}}, []string{`"a" twice`}},
		"a mask beyond all sizes":      {map[string]any{"subnetSpecs": []any{map[string]any{"type": "Public", "cidrMask": 31}}}, []string{"subnetSpecs[0] is 31"}},
		"zones that exceed the VPC":    {map[string]any{"availabilityZoneCidrMask": 17}, []string{"vpc-private-3", "10.1.0.0/18", "availabilityZoneCidrMask"}},
		"two faults, reported as such": {map[string]any{"availabilityZoneNames": []any{"a", "a"}, "subnetStrategy": "Exact"}, []string{"twice", "Exact"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := construct(t, &engine{dryRun: true}, threeZones(c.args), nil)
			for _, part := range c.want {
				if message := status.Convert(err).Message(); !strings.Contains(message, part) {
					t.Errorf("error %q does not say %q", message, part)
				}
			}
		})
	}
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
