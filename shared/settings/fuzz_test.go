package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

func FuzzParseFoundation(f *testing.F) {
	project := read(f, foundationName)
	f.Add("local", `{}`)
	f.Add("pr-1", `{"foundation-network:profile":"dev","foundation-network:natStrategy":"single"}`)
	f.Add("dev", `{"foundation-network:primaryCidr":"10.2.0.0/20","foundation-network:standbyCidr":"10.2.16.0/20"}`)
	f.Add("dev", `{"foundation-network:primaryCidr":"::ffff:10.0.0.0/112","foundation-network:standbyCidr":"10.0.0.0/0"}`)
	f.Add("prod", `{"foundation-network:allowedAccountIds":"[\"123456789012\",null]","foundation-network:listenerPort":"+8080"}`)
	f.Add("prod", `{"foundation-network:":"","foundation-network:flowLogRetentionDays":"99999999999999999999"}`)
	f.Add("Ω", `{"foundation-network:profile":"prod","foundation-network:primaryRegion":"us-west-2"}`)
	f.Fuzz(func(t *testing.T, stack, text string) {
		var values map[string]string
		if json.Unmarshal([]byte(text), &values) != nil {
			return
		}
		got, err := ParseFoundation(project, stack, values)
		if err != nil {
			checkFaults(t, err)
			return
		}
		checkAccepted(t, got)
		if got.Environment != stack {
			t.Errorf("the environment of %q is %q", stack, got.Environment)
		}
	})
}

// checkFaults holds a refusal to its shape: faults, each complete, in order.
func checkFaults(t *testing.T, err error) {
	t.Helper()
	var faults *Faults
	if !errors.As(err, &faults) || len(faults.List) == 0 {
		t.Fatalf("the error %v has no faults", err)
	}
	previous := ""
	for _, fault := range faults.List {
		if fault.Allowed == "" || fault.Got == "" || fault.Key < previous {
			t.Errorf("%q is incomplete or comes after %q", fault, previous)
		}
		previous = fault.Key
	}
}

// checkAccepted holds an accepted configuration to what its fields promise.
func checkAccepted(t *testing.T, f Foundation) {
	t.Helper()
	if _, err := naming.New(f.Suffix); err != nil {
		t.Error(err)
	}
	if f.Primary.Region == "" || f.Standby.Region == "" || f.Primary.Region == f.Standby.Region {
		t.Errorf("the regions are %q and %q", f.Primary.Region, f.Standby.Region)
	}
	for _, cidr := range []netip.Prefix{f.Primary.CIDR, f.Standby.CIDR} {
		if !cidr.Addr().Is4() || !cidr.Addr().IsPrivate() || cidr != cidr.Masked() || cidr.Bits() < 16 || cidr.Bits() > 20 {
			t.Errorf("%s is not a private IPv4 range of /16 to /20", cidr)
		}
	}
	if f.Primary.CIDR.Overlaps(f.Standby.CIDR) {
		t.Errorf("%s and %s overlap", f.Primary.CIDR, f.Standby.CIDR)
	}
	if !slices.Contains([]Profile{Local, Dev, Prod}, f.Profile) {
		t.Errorf("the profile is %q", f.Profile)
	}
	if !slices.Contains([]NATStrategy{NATNone, NATSingle, NATOnePerZone}, f.NAT) {
		t.Errorf("the NAT strategy is %q", f.NAT)
	}
	if f.ListenerPort < 1 || f.ListenerPort > 65535 {
		t.Errorf("the port is %d", f.ListenerPort)
	}
	if f.FlowLogRetentionDays < 1 || f.FlowLogRetentionDays > 3653 {
		t.Errorf("the retention is %d days", f.FlowLogRetentionDays)
	}
	for _, id := range f.AllowedAccountIDs {
		if len(id) != 12 {
			t.Errorf("%q is no account id", id)
		}
	}
}

func FuzzParseData(f *testing.F) {
	project := read(f, dataName)
	f.Add("dev", `{}`)
	f.Add("prod", `{"data-global:minCapacity":"32","data-global:maxCapacity":"32.0"}`)
	f.Add("dev", `{"data-global:minCapacity":"0.5e0","data-global:engineVersion":"16.10"}`)
	f.Add("local", `{"data-global:backupWindow":"23:31-00:00","data-global:rpoSeconds":"+20"}`)
	f.Add("dev", `{"data-global:transitionDays":"31","data-global:noncurrentExpiryDays":"-1"}`)
	f.Add("dev", `{"data-global:featureSwitches":"{\"a\":true,\"a\":false,\"b\":null}"}`)
	f.Add("dev", `{"data-global:jwtIssuer":"i","data-global:jwtAudience":"a","data-global:jwtKeys":"{\"keys\":[{}]}"}`)
	f.Add("", `{"data-global:standbyInstances":"99999999999999999999"}`)
	f.Fuzz(func(t *testing.T, profile, text string) {
		var values map[string]string
		if json.Unmarshal([]byte(text), &values) != nil {
			return
		}
		got, err := ParseData(project, "blue", Profile(profile), values)
		if err != nil {
			checkFaults(t, err)
			return
		}
		checkData(t, got)
	})
}

// checkData holds an accepted configuration to what its fields promise.
func checkData(t *testing.T, d Data) {
	t.Helper()
	b := d.Database
	var major, minor int
	if n, err := fmt.Sscanf(b.EngineVersion, "%d.%d", &major, &minor); n != 2 || major < 16 || major == 16 && minor < 8 ||
		b.EngineVersion != fmt.Sprintf("%d.%d", major, minor) {
		t.Errorf("the engine's version is %q: %v", b.EngineVersion, err)
	}
	for _, units := range []float64{b.MinCapacity, b.MaxCapacity} {
		if units < 0.5 || units > 256 || units*2 != math.Trunc(units*2) {
			t.Errorf("%g ACU are none", units)
		}
	}
	if b.MinCapacity > b.MaxCapacity || b.MaxCapacity < 1 {
		t.Errorf("the capacity is %g to %g ACU", b.MinCapacity, b.MaxCapacity)
	}
	var beginHour, beginMinute, endHour, endMinute int
	n, err := fmt.Sscanf(b.BackupWindow, "%2d:%2d-%2d:%2d", &beginHour, &beginMinute, &endHour, &endMinute)
	if n != 4 || len(b.BackupWindow) != 11 {
		t.Errorf("the backup window is %q: %v", b.BackupWindow, err)
	}
	if minutes := (endHour-beginHour)*60 + endMinute - beginMinute; minutes < 30 && (minutes >= 0 || minutes+24*60 < 30) {
		t.Errorf("the backup window %s has %d minutes", b.BackupWindow, minutes)
	}
	if b.RPOSeconds != 0 && (b.RPOSeconds < 20 || b.RPOSeconds > 900) {
		t.Errorf("the seconds of RPO are %d, want 0 or 20 to 900", b.RPOSeconds)
	}
	for _, row := range []struct {
		what            string
		value, low, top int
	}{
		{"instances of the primary", b.PrimaryInstances, 1, 15},
		{"instances of the standby", b.StandbyInstances, 1, 15},
		{"days of backups", b.BackupRetentionDays, 1, 35},
		{"days of logs", b.LogRetentionDays, 1, 3653},
		{"days to the transition", d.Lifecycle.TransitionDays, 30, 36500},
		{"days to the expiry", d.Lifecycle.NoncurrentExpiryDays, d.Lifecycle.TransitionDays + 1, 36500},
		{"days to the end of uploads", d.Lifecycle.AbortUploadDays, 1, 36500},
		{"days of the archive", d.ArchiveDays, 1, 36500},
		{"days of the vault", d.VaultRetentionDays, 1, 36500},
	} {
		if row.value < row.low || row.value > row.top {
			t.Errorf("the %s are %d, want %d to %d", row.what, row.value, row.low, row.top)
		}
	}
	if d.Tokens.Issuer == "" || d.Tokens.Audience == "" {
		t.Errorf("the tokens are of %q for %q", d.Tokens.Issuer, d.Tokens.Audience)
	}
	checkKeySet(t, d.Tokens.KeySet)
	for name := range d.FeatureSwitches {
		if name == "" || strings.ContainsAny(name, "/ .") {
			t.Errorf("a feature switch is named %q", name)
		}
	}
}

func FuzzKeySet(f *testing.F) {
	project := read(f, dataName)
	for _, seed := range []string{
		`{"keys":[` + rsaKey + `]}`, `{"keys":[` + ecKey + `,` + rsaKey + `]}`, `{"keys":[{"kty":"EC","kid":"a","d":""}]}`,
		`{"keys":[{"kid":"a","kid":"b"}],"keys":[]}`, `{"keys":null}`, `[]`, `{"keys":[null]}`, strings.Replace(ecKey, "MKBC", `\u004dKBC`, 1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseData(project, "blue", Dev, namespaced(dataName, signed(text)))
		if err != nil {
			checkFaults(t, err)
			return
		}
		if text == "" || got.Tokens.KeySet == noTokens().KeySet {
			t.Errorf("%q is read as no keys", text)
		}
		checkKeySet(t, got.Tokens.KeySet)
	})
}

// checkKeySet holds a key set to what a verifier will do with it: it is small, and each key is found by a name of its own and has
// no private part. An empty one admits nobody.
func checkKeySet(t *testing.T, text string) {
	t.Helper()
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(text), &set); err != nil || len(text) > 4096 {
		t.Fatalf("the key set has %d bytes: %v", len(text), err)
	}
	names := map[any]bool{}
	for _, key := range set.Keys {
		kid, _ := key["kid"].(string)
		if kid == "" || names[kid] || key["kty"] != "RSA" && key["kty"] != "EC" {
			t.Errorf("a key is named %q and of type %v", kid, key["kty"])
		}
		names[kid] = true
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
			if _, has := key[private]; has {
				t.Errorf("the key %s has a private part, %s", kid, private)
			}
		}
	}
}

func FuzzParseApplication(f *testing.F) {
	project := read(f, appName)
	f.Add("dev", 80, `{}`)
	f.Add("prod", 443, `{"region-app-west:certificateArn":"`+certificate+`"}`)
	f.Add("dev", 8443, `{"region-app-west:certificateArn":"arn:aws:acm:us-west-2:1:certificate/"}`)
	f.Add("local", 80, `{"region-app-west:notificationEmails":"[\"a@b.c\",\"\\\"a b\\\"@c.d\"]","region-app-west:memoryMb":"0x80"}`)
	f.Fuzz(func(t *testing.T, profile string, port int, text string) {
		var values map[string]string
		if json.Unmarshal([]byte(text), &values) != nil {
			return
		}
		got, err := ParseApplication(project, "blue", UpstreamConstraints{Profile(profile), "us-west-2", port}, values)
		if err != nil {
			checkFaults(t, err)
			return
		}
		if got.CertificateARN == "" && (Profile(profile) == Prod || port == 443) || got.CertificateARN != "" && port == 80 {
			t.Errorf("the profile %s serves port %d with the certificate %q", profile, port, got.CertificateARN)
		}
		if got.MemoryMB < 128 || got.MemoryMB > 10240 || got.TimeoutSeconds < 5 || got.TimeoutSeconds > 30 || got.LogRetentionDays < 1 {
			t.Errorf("the configuration is %+v", got)
		}
		for _, address := range got.NotificationEmails {
			if !strings.Contains(address, "@") || strings.ContainsAny(address, "<>\r\n") {
				t.Errorf("alarms are sent to %q", address)
			}
		}
	})
}
