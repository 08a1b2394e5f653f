package main

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"
)

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
			if all := types(e); all != "" {
				t.Errorf("registered %s before refusing", all)
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
		"an unknown plain input":    {map[string]any{"cidrBlock": unknown}, []string{`"cidrBlock"`, "must be known"}},
		"a secret plain input":      {map[string]any{"cidrBlock": outputValue("10.0.0.0/16", true)}, []string{`"cidrBlock"`}},
		"text in place of a number": {map[string]any{"availabilityZoneCidrMask": "x"}, []string{`"availabilityZoneCidrMask"`}},
		"a fraction":                {map[string]any{"availabilityZoneCidrMask": 18.5}, []string{"availabilityZoneCidrMask is 18.5"}},
		"a range that is none":      {map[string]any{"cidrBlock": "10.0.0.0"}, []string{`cidrBlock is "10.0.0.0"`}},
		"an IPv6 range":             {map[string]any{"cidrBlock": "fd00::/56"}, []string{`cidrBlock is "fd00::/56"`}},
		"a zone twice":              {map[string]any{"availabilityZoneNames": []any{"a", "a"}}, []string{`"a" twice`}},
		"a mask beyond all sizes": {
			map[string]any{"subnetSpecs": []any{map[string]any{"type": "Public", "cidrMask": 31}}}, []string{"subnetSpecs[0] is 31"},
		},
		"zones that exceed the VPC": {
			map[string]any{"availabilityZoneCidrMask": 17}, []string{"vpc-private-3", "10.1.0.0/18", "availabilityZoneCidrMask"},
		},
		"two faults, reported as such": {
			map[string]any{"availabilityZoneNames": []any{"a", "a"}, "subnetStrategy": "Exact"}, []string{"twice", "Exact"},
		},
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
