package sdk

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// formerly are tokens that no stack uses any more, and that state of earlier deployments has: the plugin must know a type to delete
// what is of it.
var formerly = []string{"aws:iam/rolePolicyAttachment:RolePolicyAttachment"}

// tokenFaults compares the token map with the tokens in use (token to where) and names what is missing and what is surplus.
func tokenFaults(mapping tokenMap, used map[string]string) []string {
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(used)) {
		part, kind := mapping.Resources, "resources"
		if isFunction(name) {
			part, kind = mapping.Functions, "functions"
		}
		switch {
		case strings.HasPrefix(name, "pulumi:providers:"): // The provider itself is no mapped type.
		case part[name] == "":
			faults = append(
				faults, fmt.Sprintf("%s, used in %s, is not in tokens.json: add it to %s, and its service to services.txt", name, used[name], kind),
			)
		}
	}
	for name := range mapping.all() {
		if used[name] == "" && !slices.Contains(formerly, name) {
			faults = append(
				faults, name+" is used by no stack: remove it from tokens.json, and its service from services.txt unless another type needs it",
			)
		}
	}
	for terraformType := range mapping.Names {
		if !slices.Contains(slices.Collect(maps.Values(mapping.all())), terraformType) {
			faults = append(faults, "names has "+terraformType+", which no token maps to: remove it from tokens.json")
		}
	}
	slices.Sort(faults)
	return faults
}

func TestTheTokenMapCoversExactlyWhatTheStacksUse(t *testing.T) {
	files, err := product()
	if err != nil {
		t.Fatal(err)
	}
	used, err := loadSDK(t).tokensUsed(files)
	if err != nil {
		t.Fatal(err)
	}
	writing, err := goFiles(standInDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file.path() == byToken {
			writing = append(writing, file)
		}
	}
	maps.Copy(used, tokensWritten(writing))
	for _, fault := range tokenFaults(loadTokens(t), used) {
		t.Error(fault)
	}
}

// byToken is the one file that registers resources by their tokens, without the SDK: AWS WAF's, whose package compiles for minutes
// (decision 47). A test beside it holds their properties to the SDK.
const byToken = "shared/components/application/firewall.go"

// byTokens returns where files register resources by their tokens.
func byTokens(files []sourceFile) []string {
	var found []string
	for _, file := range files {
		ast.Inspect(file.tree, func(node ast.Node) bool {
			if call, is := node.(*ast.SelectorExpr); is && call.Sel.Name == "RegisterResource" {
				found = append(found, file.at(call))
			}
			return true
		})
	}
	return found
}

func TestRegistrationsByToken(t *testing.T) {
	files, err := product()
	if err != nil {
		t.Fatal(err)
	}
	found := byTokens(files)
	for _, at := range found {
		if path, _, _ := strings.Cut(at, ":"); path != byToken {
			t.Errorf("%s registers a resource by its token: use the SDK, so that its type and properties are checked", at)
		}
	}
	if len(found) == 0 {
		t.Errorf("nothing registers a resource by its token: remove %s from this test", byToken)
	}
	if found := byTokens(parsed(t, "package p\nfunc f() { _ = ctx.RegisterResource(a, b, c, d) }")); len(found) != 1 {
		t.Errorf("a registration is found %d times, want once", len(found))
	}
}

func TestEveryWayToUseTheSDKIsFound(t *testing.T) {
	files := parsed(t, `package p
import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	network "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"example.com/other/ec2"
)
var (
	_, _ = network.NewVpc(nil, "", nil)
	make = []any{vpc.NewSecurityGroupIngressRule}
	_, _ = network.GetSubnet(nil, "", nil, nil)
	_    = kms.LookupAliasOutput(nil, kms.LookupAliasOutputArgs{})
	_, _ = aws.GetPartition(nil, nil)
	_, _ = aws.NewProvider(nil, "", nil)
	_    = ec2.NewInstance(nil)
	_    = network.VpcArgs{}
)`)
	used, err := loadSDK(t).tokensUsed(files)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc", "aws:index/getPartition:getPartition", "aws:kms/getAlias:getAlias",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "pulumi:providers:aws",
	}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if at := used["aws:ec2/vpc:Vpc"]; !strings.HasSuffix(at, "p.go:10") {
		t.Errorf("the VPC is said to be used in %s, want p.go:10", at)
	}
}

func TestAFaultyTokenMapIsNamed(t *testing.T) {
	const vpc, zones = "aws:ec2/vpc:Vpc", "aws:index/getAvailabilityZones:getAvailabilityZones"
	whole := func() tokenMap {
		return tokenMap{map[string]string{vpc: "aws_vpc"}, map[string]string{zones: "aws_availability_zones"}, nil}
	}
	used := map[string]string{vpc: "stacks/a/main.go:7", zones: "shared/b.go:9", "pulumi:providers:aws": "shared/c.go:1"}
	for _, c := range []struct {
		name string
		edit func(*tokenMap)
		want []string // of each fault, a part; none: no fault
	}{
		{"a complete map has none", func(*tokenMap) {}, nil},
		{
			"a missing resource, with the file", func(m *tokenMap) { clear(m.Resources) },
			[]string{vpc + ", used in stacks/a/main.go:7, is not in tokens.json: add it to resources"},
		},
		{"a function among the resources", func(m *tokenMap) { m.Resources[zones] = m.Functions[zones]; clear(m.Functions) },
			[]string{zones + ", used in shared/b.go:9, is not in tokens.json: add it to functions"}},
		{
			"a surplus token", func(m *tokenMap) { m.Resources["aws:s3/bucket:Bucket"] = "aws_s3_bucket" },
			[]string{"aws:s3/bucket:Bucket is used by no stack: remove it"},
		},
		{
			"names of a type without a token", func(m *tokenMap) { m.Names = map[string]map[string]string{"aws_subnet": {}} },
			[]string{"names has aws_subnet"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			mapping := whole()
			c.edit(&mapping)
			got := tokenFaults(mapping, used)
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
		})
	}
}
