package settings

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

var (
	edgeInDev  = EdgeUpstreamConstraints{Profile: Dev, Suffix: "blue"}
	edgeInProd = EdgeUpstreamConstraints{Profile: Prod, Suffix: "blue", HTTPS: true}
)

// requiredInProd are the keys that prod requires, with valid values.
var requiredInProd = map[string]string{"domainName": "app.example.org", "runbookUrl": "https://wiki.example.org/failover"}

func TestParseEdge(t *testing.T) {
	machine := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	tests := []struct {
		name     string
		upstream EdgeUpstreamConstraints
		values   map[string]string
		want     Edge
	}{
		{"nothing set in dev", edgeInDev, nil, Edge{
			DomainName: "blue.warmstandby.test", Runbook: "lambda/failover/RUNBOOK.md", System: "linux", Architecture: "arm64", LogRetentionDays: 7,
		}},
		{"nothing set in local, whose controller runs on the host", EdgeUpstreamConstraints{Profile: Local, Suffix: "local"}, nil, Edge{
			DomainName: "local.warmstandby.test", Runbook: "lambda/failover/RUNBOOK.md", System: runtime.GOOS, Architecture: machine,
			LogRetentionDays: 1,
		}},
		{"prod with the keys that it requires", edgeInProd, requiredInProd, Edge{
			DomainName: "app.example.org", Runbook: "https://wiki.example.org/failover", System: "linux", Architecture: "arm64",
			LogRetentionDays: 365,
		}},
		{"prod's profile on the local AWS emulator, where the controller runs on the host", EdgeUpstreamConstraints{
			Profile: Prod, Suffix: "local-prod", HTTPS: true,
		}, requiredInProd, Edge{
			DomainName: "app.example.org", Runbook: "https://wiki.example.org/failover", System: runtime.GOOS, Architecture: machine,
			LogRetentionDays: 365,
		}},
		{"local's profile on AWS, where the controller runs in Lambda", EdgeUpstreamConstraints{Profile: Local, Suffix: "blue"}, nil, Edge{
			DomainName: "blue.warmstandby.test", Runbook: "lambda/failover/RUNBOOK.md", System: "linux", Architecture: "arm64", LogRetentionDays: 1,
		}},
		{"every key set", EdgeUpstreamConstraints{Profile: Local, Suffix: "local"}, map[string]string{
			"domainName": "a.bc", "hostedZoneId": "Z1D633PJN98FT9", "runbookUrl": "https://wiki.example.org/a?b=c#d",
			"controllerArchitecture": "arm64", "logRetentionDays": "30",
		}, Edge{"a.bc", "Z1D633PJN98FT9", "https://wiki.example.org/a?b=c#d", runtime.GOOS, "arm64", 30}},
		{"the other architecture", edgeInDev, map[string]string{"controllerArchitecture": "x86_64"}, Edge{
			DomainName: "blue.warmstandby.test", Runbook: "lambda/failover/RUNBOOK.md", System: "linux", Architecture: "x86_64", LogRetentionDays: 7,
		}},
		{"a name in Unicode as DNS has it", edgeInDev, map[string]string{"domainName": "xn--bcher-kva.example"}, Edge{
			DomainName: "xn--bcher-kva.example", Runbook: "lambda/failover/RUNBOOK.md", System: "linux", Architecture: "arm64", LogRetentionDays: 7,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseEdge(read(t, edgeName), test.upstream.Suffix, test.upstream, namespaced(edgeName, test.values))
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("the configuration is\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func TestParseEdgeFaults(t *testing.T) {
	const (
		domain       = "a domain name in lower case, such as app.example.org, of at most 200 characters"
		zone         = "the id of a public hosted zone, such as Z1D633PJN98FT9, or empty to have one made"
		runbook      = "the URL of the runbook, such as https://wiki.example.org/failover"
		runbookSize  = "at most 512 bytes as JSON, because the controller's configuration is a parameter"
		architecture = "arm64 or x86_64, or empty for the profile's default"
	)
	long := strings.Repeat("a.", 99) + "abc" // 201 characters
	tests := []struct {
		name, key, value string
		want             Fault
	}{
		{"a name with an upper-case letter", "domainName", "App.example.org", Fault{"domainName", domain, `"App.example.org" (15 characters)`}},
		{"a name with a dot at the end", "domainName", "app.example.org.", Fault{"domainName", domain, `"app.example.org." (16 characters)`}},
		{"a name of one label", "domainName", "localhost", Fault{"domainName", domain, `"localhost" (9 characters)`}},
		{"an address", "domainName", "10.0.0.1", Fault{"domainName", domain, `"10.0.0.1" (8 characters)`}},
		{"a label that ends with a hyphen", "domainName", "app-.example.org", Fault{"domainName", domain, `"app-.example.org" (16 characters)`}},
		{"a URL", "domainName", "https://app.example.org", Fault{"domainName", domain, `"https://app.example.org" (23 characters)`}},
		{"a name that leaves no room for the regions'", "domainName", long, Fault{"domainName", domain, `"` + long + `" (201 characters)`}},
		{"a label of 64 characters", "domainName", strings.Repeat("a", 64) + ".org",
			Fault{"domainName", domain, `"` + strings.Repeat("a", 64) + `.org" (68 characters)`}},
		{"a zone's ARN", "hostedZoneId", "arn:aws:route53:::hostedzone/Z1", Fault{"hostedZoneId", zone, `"arn:aws:route53:::hostedzone/Z1"`}},
		{"a zone's path", "hostedZoneId", "/hostedzone/Z1", Fault{"hostedZoneId", zone, `"/hostedzone/Z1"`}},
		{"a zone without a name in it", "hostedZoneId", "Z1",
			Fault{"hostedZoneId", "empty, or domainName with it: which name of the zone is it to be?", `"Z1"`}},
		{"a runbook on a disk", "runbookUrl", "file:///runbook", Fault{"runbookUrl", runbook, `"file:///runbook"`}},
		{"a runbook without TLS", "runbookUrl", "http://wiki.example.org", Fault{"runbookUrl", runbook, `"http://wiki.example.org"`}},
		{"a runbook without a host", "runbookUrl", "https:///failover", Fault{"runbookUrl", runbook, `"https:///failover"`}},
		{"a runbook whose link would end early in Markdown", "runbookUrl", "https://wiki.example.org/(a)",
			Fault{"runbookUrl", runbook, `"https://wiki.example.org/(a)"`}},
		{"a runbook with a password", "runbookUrl", "https://me:secret@wiki.example.org",
			Fault{"runbookUrl", runbook, `"https://me:secret@wiki.example.org"`}},
		{"a runbook that refers to a parameter", "runbookUrl", "https://wiki.example.org/{{page}}",
			Fault{"runbookUrl", runbook, `"https://wiki.example.org/{{page}}"`}},
		{"a runbook that leaves a parameter no room", "runbookUrl", "https://wiki.example.org/" + strings.Repeat("r", 488),
			Fault{"runbookUrl", runbookSize, "513 bytes"}},
		{"a runbook that is too long as JSON", "runbookUrl", "https://wiki.example.org/?" + strings.Repeat("a&", 70),
			Fault{"runbookUrl", runbookSize, "516 bytes"}},
		{"Go's name of an architecture", "controllerArchitecture", "amd64", Fault{"controllerArchitecture", architecture, `"amd64"`}},
		{"a misspelt key", "domainname", "app.example.org", Fault{"domainname", "domainName (the nearest key)", "an unknown key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseEdge(read(t, edgeName), "blue", edgeInDev, namespaced(edgeName, map[string]string{test.key: test.value}))
			wantFault(t, err, test.want)
			if got != (Edge{}) {
				t.Errorf("with the fault came the configuration %+v", got)
			}
		})
	}
}

func TestEdgeUpstreamConstraints(t *testing.T) {
	tests := []struct {
		name     string
		upstream EdgeUpstreamConstraints
		want     []string
	}{
		{"prod requires a domain and a runbook", EdgeUpstreamConstraints{Profile: Prod, Suffix: "blue"}, []string{
			"domainName: allowed a domain name", "because prod's users look it up", "runbookUrl: allowed the URL", "reads it at night",
		}},
		{"certificates require a domain", EdgeUpstreamConstraints{Profile: Dev, Suffix: "blue", HTTPS: true}, []string{
			"which the load balancers' certificates are for",
		}},
		{"an unknown profile", EdgeUpstreamConstraints{Profile: "test", Suffix: "blue"}, []string{
			"profile: allowed local, dev or prod", "that foundation-network exports",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseEdge(read(t, edgeName), "blue", test.upstream, nil)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want one with %q", err, want)
				}
			}
		})
	}
}

func FuzzParseEdge(f *testing.F) {
	project := read(f, edgeName)
	f.Add("dev", false, `{}`)
	f.Add("prod", true, `{"global-edge:domainName":"app.example.org","global-edge:runbookUrl":"https://wiki.example.org"}`)
	f.Add("local", false, `{"global-edge:domainName":"a.b","global-edge:hostedZoneId":"Z1"}`)
	f.Add("dev", true, `{"global-edge:runbookUrl":"https://a b","global-edge:controllerArchitecture":"arm64"}`)
	f.Add("", false, `{"global-edge:domainName":"xn--.-","global-edge:logRetentionDays":"0"}`)
	f.Fuzz(func(t *testing.T, profile string, https bool, text string) {
		var values map[string]string
		if json.Unmarshal([]byte(text), &values) != nil {
			return
		}
		got, err := ParseEdge(project, "blue", EdgeUpstreamConstraints{Profile: Profile(profile), Suffix: "blue", HTTPS: https}, values)
		if err != nil {
			checkFaults(t, err)
			return
		}
		domain := got.DomainName
		if domain == "" || len(domain) > 200 || strings.ToLower(domain) != domain || strings.ContainsAny(domain, "/: _") {
			t.Errorf("the domain is %q", domain)
		}
		if got.HostedZoneID != "" && !strings.HasPrefix(got.HostedZoneID, "Z") {
			t.Errorf("the zone is %q", got.HostedZoneID)
		}
		if got.Runbook != RunbookFile && (!strings.HasPrefix(got.Runbook, "https://") || strings.ContainsAny(got.Runbook, " ()")) {
			t.Errorf("the runbook is %q", got.Runbook)
		}
		if got.Architecture != "arm64" && got.Architecture != "x86_64" || got.LogRetentionDays < 1 {
			t.Errorf("the controller's machine is %q, its log kept %d days", got.Architecture, got.LogRetentionDays)
		}
	})
}
