package settings

import (
	"reflect"
	"strings"
	"testing"
)

const certificate = "arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012"

// inDev is an environment of the profile dev that serves plain HTTP, and inProd one of the profile prod that serves HTTPS.
var (
	inDev  = UpstreamConstraints{Profile: Dev, Region: "us-west-2", ListenerPort: 80}
	inProd = UpstreamConstraints{Profile: Prod, Region: "us-west-2", ListenerPort: 443}
)

// expectApp is the configuration of a stack of the profile dev that sets nothing.
func expectApp(change func(*Application)) Application {
	a := Application{
		MemoryMB: 1024, TimeoutSeconds: 15, LogLevel: "info", LogRetentionDays: 7, AuditRetentionDays: 7, VersionRetentionDays: 7,
		WAFRateLimit: 10_000, ConcurrencyQuota: 1000,
	}
	change(&a)
	return a
}

func TestParseApplication(t *testing.T) {
	tests := []struct {
		name     string
		upstream UpstreamConstraints
		values   map[string]string
		want     Application
	}{
		{"nothing set in dev", inDev, nil, expectApp(func(*Application) {})},
		{
			"nothing set in local", UpstreamConstraints{Local, "us-west-2", 80}, nil,
			expectApp(func(a *Application) {
				a.LogRetentionDays, a.AuditRetentionDays, a.VersionRetentionDays, a.ConcurrencyQuota = 1, 1, 1, 10
			}),
		},
		{"prod with its certificate", inProd, map[string]string{"certificateArn": certificate},
			expectApp(func(a *Application) {
				a.CertificateARN, a.LogRetentionDays, a.AuditRetentionDays, a.WAF = certificate, 365, 2192, true
				a.VersionRetentionDays = 2192
			})},
		{"dev with a certificate on a port of its own", UpstreamConstraints{Dev, "us-west-2", 8443},
			map[string]string{"certificateArn": certificate},
			expectApp(func(a *Application) { a.CertificateARN = certificate })},
		{"plain HTTP on a port of its own", UpstreamConstraints{Dev, "us-west-2", 8080}, nil, expectApp(func(*Application) {})},
		{"a certificate of another partition", UpstreamConstraints{Prod, "us-gov-west-1", 443},
			map[string]string{"certificateArn": "arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/a"},
			expectApp(func(a *Application) {
				a.CertificateARN = "arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/a"
				a.LogRetentionDays, a.AuditRetentionDays, a.VersionRetentionDays, a.WAF = 365, 2192, 2192, true
			})},
		{"dev with AWS WAF", inDev, map[string]string{"waf": "true"}, expectApp(func(a *Application) { a.WAF = true })},
		{"prod without AWS WAF", inProd, map[string]string{"certificateArn": certificate, "waf": "false"},
			expectApp(func(a *Application) {
				a.CertificateARN, a.LogRetentionDays, a.AuditRetentionDays, a.VersionRetentionDays = certificate, 365, 2192, 2192
			})},
		{"every key at its highest", inDev, map[string]string{
			"notificationEmails": `["ops@example.com","on.call+dr@example.org"]`, "memoryMb": "10240", "timeoutSeconds": "30", "logLevel": "error",
			"logRetentionDays": "3653", "auditRetentionDays": "3653", "versionRetentionDays": "36500", "legalHold": "true", "waf": "true",
			"wafRateLimit": "2000000000", "concurrencyQuota": "1000000",
		}, Application{
			NotificationEmails: []string{"ops@example.com", "on.call+dr@example.org"}, MemoryMB: 10240, TimeoutSeconds: 30, LogLevel: "error",
			LogRetentionDays: 3653, AuditRetentionDays: 3653, VersionRetentionDays: 36500, LegalHold: true, WAF: true,
			WAFRateLimit: 2_000_000_000, ConcurrencyQuota: 1_000_000,
		}},
		{"every key at its lowest", inDev, map[string]string{
			"notificationEmails": `[]`, "memoryMb": "128", "timeoutSeconds": "5", "logLevel": "debug",
			"logRetentionDays": "1", "auditRetentionDays": "1", "versionRetentionDays": "1", "legalHold": "false", "waf": "false",
			"wafRateLimit": "10", "concurrencyQuota": "10",
		}, Application{
			MemoryMB: 128, TimeoutSeconds: 5, LogLevel: "debug", LogRetentionDays: 1, AuditRetentionDays: 1, VersionRetentionDays: 1,
			WAFRateLimit: 10, ConcurrencyQuota: 10,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseApplication(read(t, appName), "blue", test.upstream, namespaced(appName, test.values))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("ParseApplication =\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func TestParseApplicationFaults(t *testing.T) {
	const (
		allowedCertificate = "the ARN of an ACM certificate in us-west-2"
		allowedEmails      = "a list of e-mail addresses without names, each once"
		allowedMemory      = "128 to 10240 MB"
		allowedTimeout     = "5 to 30 seconds"
		allowedLevels      = "debug, info, warn or error"
		allowedVersions    = "1 to 36500 days, or empty for the profile's default"
	)
	tests := []struct {
		name       string
		upstream   UpstreamConstraints
		key, value string
		want       Fault
	}{
		{"prod without a certificate is refused", inProd, "certificateArn", "",
			Fault{"certificateArn", allowedCertificate + ", because prod does not serve plain HTTP", `""`}},
		{"prod without a certificate is refused on any port", UpstreamConstraints{Prod, "us-west-2", 8080}, "certificateArn", "",
			Fault{"certificateArn", allowedCertificate + ", because prod does not serve plain HTTP", `""`}},
		{"plain HTTP on the port of HTTPS is refused", UpstreamConstraints{Dev, "us-west-2", 443}, "certificateArn", "",
			Fault{"certificateArn", allowedCertificate + ", because clients speak HTTPS on port 443", `""`}},
		{"HTTPS on the port of plain HTTP is refused", inDev, "certificateArn", certificate,
			Fault{"certificateArn", "empty, or another listenerPort of foundation-network, such as 443: port 80 is plain HTTP's",
				`"` + certificate + `"`}},
		{"the other region's certificate is refused", inProd, "certificateArn", strings.Replace(certificate, "us-west-2", "us-east-1", 1),
			Fault{"certificateArn", allowedCertificate, `"` + strings.Replace(certificate, "us-west-2", "us-east-1", 1) + `"`}},
		{"a certificate of IAM is refused", inProd, "certificateArn", "arn:aws:iam::111122223333:server-certificate/a",
			Fault{"certificateArn", allowedCertificate, `"arn:aws:iam::111122223333:server-certificate/a"`}},
		{"a certificate's id is no ARN", inProd, "certificateArn", "12345678-1234-1234-1234-123456789012",
			Fault{"certificateArn", allowedCertificate, `"12345678-1234-1234-1234-123456789012"`}},
		{"a certificate with an id that is longer than ACM's", inProd, "certificateArn", certificate + strings.Repeat("a", 64),
			Fault{"certificateArn", allowedCertificate, `"` + certificate + strings.Repeat("a", 64) + `"`}},
		{"an address without a domain is refused", inDev, "notificationEmails", `["ops"]`, Fault{"notificationEmails", allowedEmails, `"ops"`}},
		{"an address of this machine is refused", inDev, "notificationEmails", `["first.last@localhost"]`,
			Fault{"notificationEmails", allowedEmails, `"first.last@localhost"`}},
		{"an address with a name is refused", inDev, "notificationEmails", `["Ops <ops@example.com>"]`,
			Fault{"notificationEmails", allowedEmails, `"Ops <ops@example.com>"`}},
		{"an address that comes twice is refused", inDev, "notificationEmails", `["ops@example.com","ops@example.com"]`,
			Fault{"notificationEmails", allowedEmails, `"ops@example.com"`}},
		{"an address that is longer than mail has", inDev, "notificationEmails", `["` + strings.Repeat("o", 243) + `@example.com"]`,
			Fault{"notificationEmails", "addresses of at most 254 characters", "one of 255"}},
		{"an address that is not ASCII is refused", inDev, "notificationEmails", `["öps@example.com"]`,
			Fault{"notificationEmails", allowedEmails, `"öps@example.com"`}},
		{"addresses that are no list are refused", inDev, "notificationEmails", `ops@example.com`,
			Fault{"notificationEmails", allowedEmails, `"ops@example.com"`}},
		{"less memory than Lambda offers is refused", inDev, "memoryMb", "127", Fault{"memoryMb", allowedMemory, "127"}},
		{"more memory than Lambda offers is refused", inDev, "memoryMb", "10241", Fault{"memoryMb", allowedMemory, "10241"}},
		{"a timeout that a cold start outlasts is refused", inDev, "timeoutSeconds", "4", Fault{"timeoutSeconds", allowedTimeout, "4"}},
		{"a timeout near the load balancer's is refused", inDev, "timeoutSeconds", "31", Fault{"timeoutSeconds", allowedTimeout, "31"}},
		{"a level in upper case is refused", inDev, "logLevel", "INFO", Fault{"logLevel", allowedLevels, `"INFO"`}},
		{"a retention of the audit trail that CloudWatch Logs does not offer is refused", inDev, "auditRetentionDays", "2191",
			Fault{"auditRetentionDays", allowedRetention, "2191"}},
		{"versions that are not kept are refused", inDev, "versionRetentionDays", "0",
			Fault{"versionRetentionDays", allowedVersions, "0"}},
		{"a retention of versions of more than a hundred years is refused", inDev, "versionRetentionDays", "36501",
			Fault{"versionRetentionDays", allowedVersions, "36501"}},
		{"a retention of versions that is no number is refused", inDev, "versionRetentionDays", "six years",
			Fault{"versionRetentionDays", allowedVersions, `"six years"`}},
		{"a hold that is no boolean is refused", inDev, "legalHold", "yes", Fault{"legalHold", "true or false", `"yes"`}},
		{"a retention that CloudWatch Logs does not offer is refused", inDev, "logRetentionDays", "10",
			Fault{"logRetentionDays", allowedRetention, "10"}},
		{"a switch that is no boolean is refused", inDev, "waf", "on", Fault{"waf", "true or false, or empty for the profile's default", `"on"`}},
		{"a rate below AWS WAF's is refused", inDev, "wafRateLimit", "9", Fault{"wafRateLimit", "10 to 2000000000 requests", "9"}},
		{"a quota below that of any account is refused", inDev, "concurrencyQuota", "0",
			Fault{"concurrencyQuota", "10 to 1000000 executions, or empty for the profile's default", "0"}},
		{"a misspelt key is refused with the nearest one", inDev, "memoryMB", "512",
			Fault{"memoryMB", "memoryMb (the nearest key)", "an unknown key"}},
		{"an unknown profile is refused", UpstreamConstraints{"staging", "us-west-2", 80}, "logLevel", "warn",
			Fault{"profile", "local, dev or prod", `"staging" (the profile that foundation-network exports)`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseApplication(read(t, appName), "blue", test.upstream, namespaced(appName, map[string]string{test.key: test.value}))
			wantFault(t, err, test.want)
			if !reflect.DeepEqual(got, Application{}) {
				t.Errorf("with the fault came the configuration %+v", got)
			}
		})
	}
}

// The profile decides on AWS WAF in an environment on the local AWS emulator, as it does on AWS.
func TestFirewallOnTheEmulator(t *testing.T) {
	inLocal := UpstreamConstraints{Profile: Local, Region: "us-west-2", ListenerPort: 80}
	for _, test := range []struct {
		name, stack string
		upstream    UpstreamConstraints
		waf         string
		want        bool
	}{
		{"the profile does without", "local", inLocal, "", false},
		{"it is turned on", "local", inLocal, "true", true},
		{"the profile has it", "local-prod", inProd, "", true},
		{"it is turned off", "local-prod", inProd, "false", false},
		{"an environment on AWS of the profile local", "blue", inLocal, "true", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			values := map[string]string{"waf": test.waf}
			if test.upstream.Profile == Prod {
				values["certificateArn"] = certificate
			}
			got, err := ParseApplication(read(t, appName), test.stack, test.upstream, namespaced(appName, values))
			if err != nil || got.WAF != test.want {
				t.Errorf("the configuration is %+v, %v; want AWS WAF: %t", got, err, test.want)
			}
		})
	}
}
