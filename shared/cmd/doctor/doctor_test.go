package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

// An account that lacks nothing has no other line.
func TestNothingToMend(t *testing.T) {
	a, r := healthy(t)
	var printed strings.Builder
	if code := examine(t.Context(), r, a).print(&printed, false); code != exitWell {
		t.Errorf("the exit code is %d:\n%s", code, printed.String())
	}
	for _, line := range strings.Split(strings.TrimSpace(printed.String()), "\n") {
		if line != "" && !strings.HasPrefix(line, "ok ") && !strings.HasSuffix(line, "0 to mend, 0 not known here") {
			t.Errorf("a line is %q", line)
		}
	}
	if !slices.Equal(a.asked, []string{"us-west-2"}) {
		t.Errorf("who is asking was asked in %q, and must work while the primary region is lost", a.asked)
	}
}

func TestWhatIsToBeMended(t *testing.T) {
	setting := func(stack, line string) func(*account, *request) {
		return func(_ *account, r *request) {
			file := filepath.Join(r.root, "stacks", stack, "Pulumi.prod.yaml")
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text := string(content)
			if !strings.Contains(text, "config:") {
				text += "config:\n"
			}
			if err := os.WriteFile(file, []byte(text+"  "+stack+":"+line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	change := func(of func(c *certificate)) func(*account, *request) {
		return func(a *account, _ *request) {
			c := a.certificateOf[certificateWest]
			of(&c)
			a.certificateOf[certificateWest] = c
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(*account, *request)
		check string
		found string
		do    string
	}{
		{
			"a wrong setting", setting("data-global", "minCapacity: 700"), "setting minCapacity", "data-global: allowed",
			"make set ENV=prod STACK=data-global",
		},
		{
			"a wrong account", func(a *account, _ *request) { a.who.account = "210987654321" }, "account", "allowedAccountIds has 123456789012",
			"credentials of that account",
		},
		{"credentials that AWS refuses", func(a *account, _ *request) {
			a.whoErr = &smithy.GenericAPIError{Code: "ExpiredToken", Message: "The security token\nis expired"}
		}, "credentials", "ExpiredToken: The security token is expired", "log in anew"},
		{"a clock that is off", func(a *account, _ *request) { a.who.now = time.Now().Add(-4 * time.Minute) }, "clock", "4m0s off AWS's", "NTP"},
		{
			"no backend", func(_ *account, r *request) { r.backend = "" }, "backend", "nothing says",
			"export PULUMI_BACKEND_URL=s3://BUCKET?region=us-west-2",
		},
		{"a backend on one machine", func(_ *account, r *request) { r.backend = "file:///srv" }, "backend", "one machine", "use a bucket"},
		{
			"no bucket", func(a *account, _ *request) { delete(a.buckets, "states") }, "backend", "there is no bucket states",
			"aws s3api create-bucket",
		},
		{"a bucket in the primary region", func(a *account, r *request) {
			a.buckets["states"] = bucket{region: "us-east-1", versioned: true}
			r.backend = "s3://states?region=us-east-1"
		}, "backend", "in the primary region", "us-west-2"},
		{
			"a bucket without versions", func(a *account, _ *request) { a.buckets["states"] = bucket{region: "us-west-2"} }, "backend",
			"no versions", "put-bucket-versioning",
		},
		{
			"a URL without the bucket's region", func(_ *account, r *request) { r.backend = "s3://states" }, "backend", `the region ""`,
			"s3://states?region=us-west-2",
		},
		{"no secrets provider", func(_ *account, r *request) {
			write(t, filepath.Join(r.root, "stacks", "foundation-network", "Pulumi.prod.yaml"),
				"config:\n  foundation-network:allowedAccountIds: [\"123456789012\"]\n")
		}, "secrets provider", "none is chosen", "make init ENV=prod SECRETS="},
		{"a passphrase that is not there", func(_ *account, r *request) {
			write(t, filepath.Join(r.root, "stacks", "foundation-network", "Pulumi.prod.yaml"),
				"encryptionsalt: v1:x\nconfig:\n  foundation-network:allowedAccountIds: [\"123456789012\"]\n")
		}, "secrets provider", "this shell has not", "PULUMI_CONFIG_PASSPHRASE_FILE"},
		{"a key in the primary region", func(_ *account, r *request) {
			write(t, filepath.Join(r.root, "stacks", "foundation-network", "Pulumi.prod.yaml"),
				"secretsprovider: awskms://alias/states?region=us-east-1\nconfig:\n  foundation-network:allowedAccountIds: [\"123456789012\"]\n")
		}, "secrets provider", "in the primary region", "change-secrets-provider"},
		{
			"a key that is switched off", func(a *account, _ *request) { a.keys["alias/states"] = key{"Disabled"} }, "secrets provider",
			"is Disabled", "enable it",
		},
		{"no key", func(a *account, _ *request) { delete(a.keys, "alias/states") }, "secrets provider", "is not there", "choose another"},
		{"few executions", func(a *account, _ *request) { a.quotas["us-east-1 L-B99A9384"] = 10 },
			"quota us-east-1", "Lambda concurrency: 10", "--region us-east-1 --service-code lambda --quota-code L-B99A9384 --desired-value 100"},
		{"no room for a VPC", func(a *account, _ *request) {
			a.quotas["us-east-1 L-F678F1CE"], a.usedNow[usedVPCs] = 5, 5
		},
			"quota us-east-1", "VPCs: 5, 5 used, 1 needed", "--desired-value 6"},
		{"no room for instances", func(a *account, _ *request) {
			a.quotas["us-east-1 L-7B6409FD"], a.usedNow[usedInstances] = 40, 39
		}, "quota us-east-1", "database instances: 40, 39 used, 2 needed", "--desired-value 41"},
		{"no address for a NAT gateway in each zone", func(a *account, r *request) {
			setting("foundation-network", "natStrategy: onePerZone")(a, r)
			a.quotas["us-east-1 L-0263D0A3"], a.usedNow[usedAddresses] = 5, 3
		}, "quota us-east-1", "Elastic IP addresses: 5, 3 used, 3 needed", "--desired-value 6"},
		{"a standby with less than the primary", func(a *account, _ *request) { a.quotas["us-east-1 L-B99A9384"] = 5000 },
			"quotas of the standby", "Lambda concurrency: 1000 in us-west-2, 5000 in us-east-1", "--region us-west-2 --service-code lambda"},
		{
			"no health check is left", func(a *account, _ *request) { a.checks = [2]int64{50, 49} }, "quota Route 53",
			"health checks: 50, 49 used", "raised",
		},
		{
			"no role of RDS", func(a *account, _ *request) { delete(a.roles, "AWSServiceRoleForRDS") }, "service-linked roles",
			"rds.amazonaws.com", "create-service-linked-role",
		},
		{"Aurora is opted out in the standby region", func(a *account, _ *request) { a.optedOut["us-west-2 Aurora"] = true },
			"AWS Backup us-west-2", "not opted in to Aurora", "update-region-settings --region us-west-2"},
		{
			"two zones", func(a *account, _ *request) { a.zoneIDs["us-west-2"] = []string{"usw2-az1", "usw2-az2"} }, "zones us-west-2",
			"2 of usw2-az1, usw2-az2 suit", "another region",
		},
		{
			"a zone that is set and old", setting("foundation-network", `primaryZoneIds: ["use1-az1", "use1-az2", "use1-az3"]`),
			"zones us-east-1", "use1-az3 has no Lambda", "KEY=primaryZoneIds",
		},
		{
			"a zone that is set and not there", setting("foundation-network", `standbyZoneIds: ["usw2-az1", "usw2-az2", "usw2-az9"]`),
			"zones us-west-2", "usw2-az9 is not among", "KEY=standbyZoneIds",
		},
		{
			"a zone without endpoints", func(a *account, _ *request) { a.endpointsLack = "usw2-az2" }, "zones us-west-2",
			"usw2-az2 has no endpoint of events", "KEY=standbyZoneIds",
		},
		{
			"a version that the standby region has not", func(a *account, _ *request) { a.engines["us-west-2"] = engine{} }, "engine us-west-2",
			"cannot be created", "KEY=engineVersion",
		},
		{
			"a version without global databases",
			func(a *account, _ *request) { a.engines["us-west-2"] = engine{offered: true, serverless: true} }, "engine us-west-2",
			"no global databases", "KEY=engineVersion",
		},
		{
			"a version without serverless instances",
			func(a *account, _ *request) { a.engines["us-east-1"] = engine{offered: true, global: true} }, "engine us-east-1",
			"no serverless instances", "KEY=engineVersion",
		},
		{"a version with fewer ACU", func(a *account, _ *request) {
			a.engines["us-east-1"] = engine{offered: true, global: true, serverless: true, most: 16}
		}, "engine us-east-1", "at most 16.0 ACU, and maxCapacity is 32.0", "KEY=engineVersion"},
		{
			"no certificate", func(a *account, _ *request) { delete(a.certificateOf, certificateEast) }, "certificate us-east-1",
			"there is no arn:",
			"request-certificate --region us-east-1 --domain-name records.example.com --subject-alternative-names us-east-1.records.example.com",
		},
		{
			"a certificate that is not issued", change(func(c *certificate) { c.status = "PENDING_VALIDATION" }), "certificate us-west-2",
			"PENDING_VALIDATION", "DNS records",
		},
		{
			"a certificate without the region's name", change(func(c *certificate) { c.names = c.names[:1] }), "certificate us-west-2",
			"not for us-west-2.records.example.com", "request-certificate",
		},
		{
			"a certificate that ends", change(func(c *certificate) { c.until = time.Now().Add(20 * 24 * time.Hour) }), "certificate us-west-2",
			"it ends on", "not renewed",
		},
		{
			"a certificate with a short key", change(func(c *certificate) { c.algorithm = "RSA_1024" }), "certificate us-west-2", "RSA_1024",
			"request-certificate",
		},
		{
			"no hosted zone", func(a *account, _ *request) { delete(a.hostedZones, "Z0123456789") }, "delegation", "no hosted zone Z0123456789",
			"set hostedZoneId",
		},
		{"a private zone", func(a *account, _ *request) {
			a.hostedZones["Z0123456789"] = hostedZone{name: "example.com", private: true}
		}, "delegation", "private", "public zone"},
		{
			"a zone of another domain", func(a *account, _ *request) { a.hostedZones["Z0123456789"] = hostedZone{name: "other.com"} },
			"delegation", "is of other.com", "or of a parent",
		},
		{
			"a domain that is delegated elsewhere", func(a *account, _ *request) { a.nameServers["example.com"] = []string{"ns.registrar.net"} },
			"delegation", "delegated to ns.registrar.net", "the zone's own name servers",
		},
		{"a range that another network has", func(a *account, _ *request) {
			a.vpcs["us-west-2"] = []network{{id: "vpc-1", ranges: []string{"10.9.0.0/16", "10.1.128.0/20"}}}
		}, "address range us-west-2", "10.1.0.0/16 overlaps vpc-1 (10.1.128.0/20)", "KEY=standbyCidr"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, r := healthy(t)
			test.spoil(a, &r)
			report := examine(t.Context(), r, a)
			var lines []string
			for _, f := range report {
				if f.level == well {
					continue
				}
				lines = append(lines, fmt.Sprintf("%s: %s -> %s", f.check, f.found, f.do))
			}
			if len(lines) != 1 {
				t.Fatalf("%d findings, want one:\n%s", len(lines), strings.Join(lines, "\n"))
			}
			if !strings.HasPrefix(lines[0], test.check+": ") || !strings.Contains(lines[0], test.found) || !strings.Contains(lines[0], test.do) {
				t.Errorf("got %s\nwant %s: …%s… -> …%s…", lines[0], test.check, test.found, test.do)
			}
			if code := report.print(&strings.Builder{}, false); code != exitMend {
				t.Errorf("the exit code is %d", code)
			}
		})
	}
}

// Without credentials there is one line, and nothing of the SDK's text.
func TestNoCredentials(t *testing.T) {
	a, r := healthy(t)
	a.noCredentials = true
	var printed strings.Builder
	if code := examine(t.Context(), r, a).print(&printed, false); code != exitMend {
		t.Errorf("the exit code is %d", code)
	}
	if strings.Count(printed.String(), "MEND ") != 1 || strings.Contains(printed.String(), "IMDS") || len(a.asked) > 0 {
		t.Errorf("printed is\n%s", printed.String())
	}
}

// What is not known is never well.
func TestWhatIsNotKnown(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*account)
		check []string
		do    string
	}{
		{"quotas", func(a *account) {
			a.quotaErr = &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "servicequotas is not there"}
		}, []string{"quota us-east-1", "quota us-west-2", "quotas of the standby"}, ""},
		{"quotas that the caller may not ask", func(a *account) {
			a.quotaErr = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}, []string{"quota us-east-1", "quota us-west-2", "quotas of the standby"}, "allow servicequotas:GetServiceQuota"},
		{"AWS Backup", func(a *account) { a.backupErr = errors.New("no answer") }, []string{"AWS Backup us-east-1", "AWS Backup us-west-2"}, ""},
		{"endpoints", func(a *account) { a.endpointsErr = errors.New("no answer") }, []string{"zones us-east-1", "zones us-west-2"}, ""},
		{"the clock", func(a *account) { a.who.now = time.Time{} }, []string{"clock"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, r := healthy(t)
			test.spoil(a)
			report := examine(t.Context(), r, a)
			unknown := map[string]string{}
			for _, f := range report {
				if f.level == mend {
					t.Errorf("%s is to be mended: %s", f.check, f.found)
				}
				if f.level == notKnown {
					unknown[f.check] += f.do
					if !strings.Contains(f.found, "not known here") {
						t.Errorf("%s: %s", f.check, f.found)
					}
				}
			}
			if got := slices.Sorted(maps.Keys(unknown)); !slices.Equal(got, slices.Sorted(slices.Values(test.check))) {
				t.Errorf("not known are %q, want %q", got, test.check)
			}
			if test.do != "" && !strings.Contains(unknown[test.check[0]], test.do) {
				t.Errorf("what to do is %q", unknown[test.check[0]])
			}
			if code := report.print(&strings.Builder{}, false); code != exitNotKnown {
				t.Errorf("the exit code is %d on AWS", code)
			}
			if code := report.print(&strings.Builder{}, true); code != exitWell {
				t.Errorf("the exit code is %d on the local AWS emulator", code)
			}
		})
	}
}

// On the local AWS emulator, which has no quotas, lists no instances and has zones of its own, that is not known and not wrong.
func TestOnTheEmulator(t *testing.T) {
	a, r := healthy(t)
	r.emulated, r.backend = true, ""
	a.quotaErr = &smithy.GenericAPIError{Code: "UnknownError", Message: "UnknownError"}
	a.endpointsLack, a.roles = "use1-az1", nil
	a.engines["us-west-2"] = engine{offered: true, global: true}
	var printed strings.Builder
	if code := examine(t.Context(), r, a).print(&printed, true); code != exitWell {
		t.Errorf("the exit code is %d:\n%s", code, printed.String())
	}
	for _, line := range []string{
		"?     quota us-east-1              7 quotas: not known here: UnknownError\n",
		"zones us-east-1              use1-az1, use1-az2, use1-az4; endpoints: not",
		"?     engine us-west-2             Aurora PostgreSQL 16.8; serverless instances: not known here", "?     service-linked roles",
	} {
		if strings.Count(printed.String(), line) != 1 {
			t.Errorf("want %q once in\n%s", line, printed.String())
		}
	}
}

// An environment that stands needs no more than it has.
func TestOfAnEnvironmentThatStands(t *testing.T) {
	a, r := healthy(t)
	for _, region := range []string{"us-east-1", "us-west-2"} {
		a.quotas[region+" L-F678F1CE"] = 5
		a.vpcs[region] = []network{{id: "vpc-own", environment: "prod", ranges: []string{"10.0.0.0/15"}}}
	}
	a.usedNow[usedVPCs] = 5
	var printed strings.Builder
	if code := examine(t.Context(), r, a).print(&printed, false); code != exitWell {
		t.Errorf("the exit code is %d:\n%s", code, printed.String())
	}
}

func TestTheBackendAlone(t *testing.T) {
	a, r := healthy(t)
	r.only = "backend"
	var checks []string
	for _, f := range examine(t.Context(), r, a) {
		checks = append(checks, f.check)
	}
	if want := []string{"credentials", "account", "clock", "backend", "secrets provider"}; !slices.Equal(checks, want) {
		t.Errorf("looked at are %q, want %q", checks, want)
	}
}

func TestNamesOfCertificates(t *testing.T) {
	for host, want := range map[string]bool{"a.example.com": true, "b.a.example.com": false, "example.com": true, "x.org": false} {
		if got := covers([]string{"Example.com", "*.example.com"}, host); got != want {
			t.Errorf("%s is covered: %t", host, got)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, arguments := range [][]string{{}, {"-env", "x", "more"}, {"-env", "x", "-only", "all"}, {"-none"}} {
		if code := run(t.Context(), arguments, &strings.Builder{}, &strings.Builder{}); code != exitUsage {
			t.Errorf("%q: the exit code is %d", arguments, code)
		}
	}
}

// The endpoints that are looked at are those that the VPCs have.
func TestEndpointsAreThoseOfTheNetwork(t *testing.T) {
	content, err := os.ReadFile("../../components/network/endpoints.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(content), "var interfaceServices = ")
	table, _, _ = strings.Cut(table, "\n}\n")
	if got := strings.Count(table, "\n\t{\""); got != len(endpointServices) || got != interfaceEndpoints {
		t.Errorf("the network has %d endpoints, %d are looked at and %d counted", got, len(endpointServices), interfaceEndpoints)
	}
	for _, service := range endpointServices {
		if !strings.Contains(table, "\n\t{\""+service+"\", ") {
			t.Errorf("the network has no endpoint of %s", service)
		}
	}
}
