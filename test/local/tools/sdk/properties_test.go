package sdk

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/local/tools"
)

// dropped are the properties that SDK v6 still has and the plugin has not: the SDK is generated from the AWS provider's
// release 5, the plugin is built from release 6, whose upgrade guide lists what was removed. None is used, so none is missed.
var dropped = []exception{
	{"aws:ec2/eip:Eip", "vpc", "Vpc", "replaced by domain"},
	{"aws:ec2/flowLog:FlowLog", "logGroupName", "LogGroupName", "replaced by logDestination"},
}

// exception is a property that may be missing, for a reason, as long as no stack names its field.
type exception struct {
	token, path, field, reason string
}

// omitted are the properties that tokens.json omits: statements of AWS WAF that contain statements.
func omitted() []exception {
	var all []exception
	for _, path := range []string{
		"rules.statement",
		"rules.statement.managedRuleGroupStatement.scopeDownStatement",
		"rules.statement.rateBasedStatement.scopeDownStatement",
	} {
		for _, field := range []string{"And", "Not", "Or"} {
			all = append(all, exception{
				"aws:wafv2/webAcl:WebAcl", path + "." + strings.ToLower(field) + "Statement", field + "Statement", "the plugin starts sooner",
			})
		}
	}
	return all
}

// described runs the plugin of the source build, building it first if need be, and returns each token's properties.
func described(t *testing.T) map[string]map[string]any {
	t.Helper()
	cache, err := tools.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	built, err := tools.Ensure(t.Context(), tools.Options{Root: root, Cache: cache, Toolchain: tools.Source, Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(built.Home, "plugins", "resource-aws-"+tools.AWSVersion, "pulumi-resource-aws")
	output, err := exec.CommandContext(t.Context(), plugin, "-properties").Output()
	if err != nil {
		t.Fatalf("asking %s for its properties: %v", plugin, err)
	}
	var description struct{ Resources, Functions map[string]map[string]any }
	if err := json.Unmarshal(output, &description); err != nil {
		t.Fatalf("reading the properties of %s: %v", plugin, err)
	}
	for name, shape := range description.Functions {
		shape["id"] = "string" // The bridge adds it to every result whose schema has none (pkg/tfbridge/provider.go, Invoke).
		description.Resources[name] = shape
	}
	return description.Resources
}

// lacking returns what the SDK sends or reads of one token and the plugin lacks, sorted by property.
func (s *sources) lacking(token string, plugin map[string]any) ([]difference, error) {
	var all []difference
	sent, read := structs(token)
	for _, names := range [][]string{sent, read} {
		structure, err := s.structOf(token, names)
		if err != nil {
			return nil, err
		}
		found, err := s.compare("", structure.expr, structure, plugin)
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", token, err)
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b difference) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(all), nil
}

// propertyFaults are the differences that no exception allows, and the exceptions that no difference needs or that are in use.
func propertyFaults(found map[string][]difference, exceptions []exception, files []sourceFile) []string {
	var faults []string
	needed := map[exception]bool{}
	for _, token := range slices.Sorted(maps.Keys(found)) {
		for _, d := range found[token] {
			i := slices.IndexFunc(exceptions, func(e exception) bool { return e.token == token && e.path == d.path })
			if i < 0 {
				faults = append(faults, fmt.Sprintf("%s, property %s: %s; name it in tokens.json", token, d.path, d.what))
				continue
			}
			needed[exceptions[i]] = true
		}
	}
	for _, e := range exceptions {
		if !needed[e] {
			faults = append(faults, fmt.Sprintf("%s, property %s is not missing: remove the exception", e.token, e.path))
		}
		for _, use := range fieldUses(files, e.field) {
			faults = append(faults, fmt.Sprintf("%s uses %s, which the source-built plugin lacks on %s: %s", use, e.field, e.token, e.reason))
		}
	}
	return faults
}

// The plugin has every property that the SDK sends and reads.
func TestPluginProperties(t *testing.T) {
	files, err := product()
	if err != nil {
		t.Fatal(err)
	}
	sdk, plugin := loadSDK(t), described(t)
	mapping := loadTokens(t)
	mapped := slices.Sorted(maps.Keys(mapping.all()))
	if got := slices.Sorted(maps.Keys(plugin)); !slices.Equal(got, mapped) {
		t.Fatalf("the plugin describes %v, tokens.json maps %v", got, mapped)
	}
	found := map[string][]difference{}
	for name, shape := range plugin {
		if found[name], err = sdk.lacking(name, shape); err != nil {
			t.Fatal(err)
		}
	}
	for _, fault := range propertyFaults(found, slices.Concat(dropped, omitted()), files) {
		t.Error(fault)
	}
	for name, terraformType := range mapping.all() {
		for from, to := range mapping.Names[terraformType] {
			if plugin[name][to] == nil {
				t.Errorf("tokens.json names %s of %s %s, but the plugin has no such property: remove or correct it", from, terraformType, to)
			}
		}
	}
}

func TestEveryKindOfDifferenceIsFound(t *testing.T) {
	const vpcEndpoint, zones = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:index/getAvailabilityZones:getAvailabilityZones"
	sdk, whole := loadSDK(t), described(t)
	for _, c := range []struct {
		name, token string
		edit        func(map[string]any)
		want        string // the property; empty: none
	}{
		{"none in what is whole", vpcEndpoint, func(map[string]any) {}, ""},
		{"none when the plugin has more", vpcEndpoint, func(p map[string]any) { p["later"] = "string" }, ""},
		{"a property that is missing", vpcEndpoint, func(p map[string]any) { delete(p, "policy") }, "policy"},
		{"a property that is only read", vpcEndpoint, func(p map[string]any) { delete(p, "dnsEntries") }, "dnsEntries"},
		{
			"a property named otherwise", vpcEndpoint, func(p map[string]any) { p["subnetId"] = p["subnetIds"]; delete(p, "subnetIds") },
			"subnetIds",
		},
		{
			"a nested property of a list's objects", vpcEndpoint,
			func(p map[string]any) { delete(p["subnetConfigurations"].([]any)[0].(map[string]any), "ipv6") }, "subnetConfigurations.ipv6",
		},
		{
			"a nested property of another shape", vpcEndpoint,
			func(p map[string]any) { p["dnsOptions"].(map[string]any)["dnsRecordIpType"] = "int" }, "dnsOptions.dnsRecordIpType",
		},
		{"a list for an object", vpcEndpoint, func(p map[string]any) { p["dnsOptions"] = []any{p["dnsOptions"]} }, "dnsOptions"},
		{
			"an object for a list", vpcEndpoint, func(p map[string]any) { p["subnetConfigurations"] = p["subnetConfigurations"].([]any)[0] },
			"subnetConfigurations",
		},
		{"an object for a map", vpcEndpoint, func(p map[string]any) { p["tags"] = map[string]any{"name": "string"} }, "tags"},
		{"a map for an object", vpcEndpoint, func(p map[string]any) { p["dnsOptions"] = map[string]any{"*": "string"} }, "dnsOptions"},
		{"a list of other elements", vpcEndpoint, func(p map[string]any) { p["subnetIds"] = []any{"int"} }, "subnetIds"},
		{"a boolean as text", vpcEndpoint, func(p map[string]any) { p["privateDnsEnabled"] = "string" }, "privateDnsEnabled"},
		{
			"text of no type of its own", "aws:iam/role:Role",
			func(p map[string]any) { p["assumeRolePolicy"] = map[string]any{"version": "string"} }, "assumeRolePolicy",
		},
		{"the path of an archive for the archive", "aws:lambda/function:Function", func(p map[string]any) { p["code"] = "string" }, "code"},
		{"a function's argument", zones, func(p map[string]any) { delete(p["filters"].([]any)[0].(map[string]any), "values") }, "filters.values"},
		{"a function's result", zones, func(p map[string]any) { p["zoneIds"] = "string" }, "zoneIds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugin := clone(t, whole[c.token])
			c.edit(plugin)
			found, err := sdk.lacking(c.token, plugin)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, d := range found {
				if !slices.Contains(paths, d.path) {
					paths = append(paths, d.path)
				}
			}
			if got := strings.Join(paths, " "); got != c.want {
				t.Errorf("found %q in %v, want %q", got, found, c.want)
			}
		})
	}
}

func TestAnExceptionHoldsOnlyWhileItIsNeededAndUnused(t *testing.T) {
	const token = "aws:ec2/eip:Eip"
	found := map[string][]difference{token: {{"vpc", "the plugin lacks it"}}}
	eip := []exception{{token, "vpc", "Vpc", "replaced by domain"}}
	const head = "package p\nimport \"example.com/vpc/ec2\"\n"
	for _, c := range []struct {
		name, source string
		found        map[string][]difference
		exceptions   []exception
		want         string // part of the one fault; empty: none
	}{
		{"a difference that is excepted passes", head, found, eip, ""},
		{"a type of the field's name is no use", head + "var _ ec2.Vpc", found, eip, ""},
		{"a difference without exception fails", head, found, nil, token + ", property vpc: the plugin lacks it"},
		{"an exception that no difference needs fails", head, map[string][]difference{token: {}}, eip, "is not missing: remove the exception"},
		{
			"an argument that sets it fails", head + "var _ = ec2.EipArgs{Vpc: nil}", found, eip,
			"p.go:3 uses Vpc, which the source-built plugin lacks on " + token + ": replaced by domain",
		},
		{"an output that is read fails", head + "func f(e *ec2.Eip) any { return e.Vpc }", found, eip, "p.go:3 uses Vpc"},
		{
			"a field of AWS's own SDK is no use",
			"package p\nimport \"github.com/aws/aws-sdk-go-v2/service/ec2\"\nfunc f(e *ec2.Address) any { return e.Vpc }", found, eip, "",
		},
		{
			"an output fails beside AWS's own SDK",
			"package p\nimport \"github.com/aws/aws-sdk-go-v2/aws\"\nimport \"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2\"\nfunc f(e *ec2.Eip) any { return e.Vpc }",
			found, eip, "p.go:4 uses Vpc",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := propertyFaults(c.found, c.exceptions, parsed(t, c.source))
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// clone copies what was read from JSON.
func clone(t *testing.T, shape map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	var copied map[string]any
	if err := json.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

// parsed is a product of one file, p.go.
func parsed(t *testing.T, source string) []sourceFile {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return []sourceFile{{set, tree}}
}
