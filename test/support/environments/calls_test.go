package environments

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/invariant"
)

// network returns the groups and egress rules of one region, as the table of calls wants them without NAT gateways.
func network() []invariant.Resource {
	made := []invariant.Resource{
		{Type: groupType, Name: "secgroup-function-primary-blue", ID: "sg-function", Region: "us-east-1"},
		{Type: groupType, Name: "secgroup-database-primary-blue", ID: "sg-database", Region: "us-east-1"},
		{Type: groupType, Name: "secgroup-endpoints-primary-blue", ID: "sg-endpoints", Region: "us-east-1"},
		{
			Type: endpointType, Name: "vpce-s3", Region: "us-east-1",
			Outputs: invariant.Properties{"vpcEndpointType": "Gateway", "prefixListId": "pl-s3"},
		},
	}
	for _, c := range calls {
		for n := range c.rules {
			if c.when == "" {
				made = append(made, ruleOf(c, string(rune('1'+n))))
			}
		}
	}
	return made
}

func ruleOf(c call, suffix string) invariant.Resource {
	outputs := invariant.Properties{"securityGroupId": "sg-function", "ipProtocol": "tcp", "fromPort": c.port, "toPort": c.port}
	maps.Copy(outputs, map[peer]invariant.Properties{
		ofEndpoints: {"referencedSecurityGroupId": "sg-endpoints"}, ofS3: {"prefixListId": "pl-s3"},
		ofDatabases: {"cidrIpv4": "10.0.48.0/20"}, ofInternet: {"cidrIpv4": "0.0.0.0/0"},
	}[c.to])
	return invariant.Resource{Type: egressType, Name: c.rule + suffix + "-primary", Region: "us-east-1", Outputs: outputs}
}

func TestEgress(t *testing.T) {
	all := network()
	if faults := egressFaults(all, nil); len(faults) > 0 {
		t.Errorf("the faults are %q, want none", faults)
	}
	if faults := egressFaults(nil, nil); len(faults) != 1 {
		t.Errorf("of nothing the faults are %q, want one", faults)
	}
	for i, r := range all {
		if r.Type != egressType {
			continue
		}
		t.Run("without "+r.Name+" a call hangs", func(t *testing.T) {
			if faults := egressFaults(
				slices.Delete(slices.Clone(all), i, i+1),
				nil,
			); len(faults) != 1 ||
				!strings.Contains(faults[0], "would hang") {
				t.Errorf("the faults are %q, want one", faults)
			}
		})
		for name, change := range map[string]map[string]any{
			"is of another group": {"securityGroupId": "sg-database"},
			"of all protocols":    {"ipProtocol": "-1"},
			"of more ports":       {"toPort": 65535.0},
			"to anywhere":         {"cidrIpv4": "0.0.0.0/0", "referencedSecurityGroupId": "", "prefixListId": ""},
		} {
			t.Run(r.Name+" "+name, func(t *testing.T) {
				changed := slices.Clone(all)
				changed[i].Outputs = maps.Clone(r.Outputs)
				maps.Copy(changed[i].Outputs, change)
				if faults := egressFaults(changed, nil); len(faults) != 1 {
					t.Errorf("the faults are %q, want one", faults)
				}
			})
		}
	}
	extra := ruleOf(call{rule: "database-to-world-", port: 443, to: ofInternet}, "1")
	if faults := egressFaults(append(slices.Clone(all), extra), nil); len(faults) != 1 || !strings.Contains(faults[0], "is of no call") {
		t.Errorf("with a rule of no call the faults are %q, want one", faults)
	}
	world := ruleOf(calls[len(calls)-1], "")
	if faults := egressFaults(append(slices.Clone(all), world), nil); len(faults) != 1 {
		t.Errorf("the internet without NAT: the faults are %q, want one", faults)
	}
	if faults := egressFaults(append(slices.Clone(all), world), []invariant.Setting{invariant.NAT}); len(faults) > 0 {
		t.Errorf("the internet with NAT: the faults are %q, want none", faults)
	}
}

// A row whose caller is gone is an exit that nothing needs.
func TestCallers(t *testing.T) {
	for _, c := range calls {
		if c.by == "" {
			if c.when == "" {
				t.Errorf("%s has no caller, and is always there", c.rule)
			}
			continue
		}
		content, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(c.by)))
		if err != nil || !strings.Contains(string(content), c.text) {
			t.Errorf("%s: %s does not call with %q: %v", c.rule, c.by, c.text, err)
		}
	}
}
