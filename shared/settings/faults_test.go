package settings

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

// What the messages of more than one row allow.
const (
	allowedProfiles  = "local, dev or prod"
	allowedPort      = "1 to 65535 (TCP port), or empty for the profile's default"
	allowedRetention = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653, " +
		"or empty for the profile's default"
	allowedAccounts = `account ids of 12 digits, quoted, such as ["123456789012"]`
	allowedRegion   = "the name of an AWS region, such as us-east-1"
	allowedRange    = "an IPv4 range, such as 10.0.0.0/16"
	allowedMask     = "a mask of /16 to /20"
	allowedPrivate  = "a private range, inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)"
	allowedEnding   = "a last word that has not six characters, because a secret's name must not end like the -abcdef of its ARN"
	allowedZones    = "the ids of 3 availability zones, each once, such as use1-az1, or none"
	allowedApart    = "a range apart from primaryCidr, because peered VPCs may not overlap"
)

// former is what was found where a stack's file has the earlier spelling of the profile's default.
func former(key string) string {
	return "0, which meant the profile's default in earlier versions: run `pulumi config rm " + key + "`"
}

// wantFault reports an error that is not [*Faults] with this one fault.
func wantFault(t *testing.T, err error, want Fault) {
	t.Helper()
	var faults *Faults
	if !errors.As(err, &faults) {
		t.Fatalf("the error is %v, want *Faults", err)
	}
	if want := []Fault{want}; !reflect.DeepEqual(faults.List, want) {
		t.Errorf("the faults are\n%q, want\n%q", faults.List, want)
	}
}

func TestParseFoundationFaults(t *testing.T) {
	tests := []struct {
		name, key, value string
		want             Fault
	}{
		{"a misspelt key is refused with the nearest one", "natStrategi", "single",
			Fault{"natStrategi", "natStrategy (the nearest key)", "an unknown key"}},
		{"a key in the wrong case is refused with the nearest one", "primaryCIDR", "10.2.0.0/16",
			Fault{"primaryCIDR", "primaryCidr (the nearest key)", "an unknown key"}},
		{"a key near to none is refused with all of them, its value kept out of the message", "databasePassword", "hunter2",
			Fault{"databasePassword", "allowedAccountIds, environmentSuffix, flowLogRetentionDays, listenerPort, natStrategy, " +
				"primaryCidr, primaryRegion, primaryZoneIds, profile, protection, standbyCidr, standbyRegion, standbyZoneIds", "an unknown key"}},
		{"an unknown profile is refused", "profile", "staging", Fault{"profile", allowedProfiles, `"staging"`}},
		{"a profile in upper case is refused", "profile", "Prod", Fault{"profile", allowedProfiles, `"Prod"`}},
		{"a suffix that leaves a target group no room is refused", "environmentSuffix", "feature-login-form",
			Fault{"environmentSuffix", naming.SuffixRule(), `"feature-login-form" (18 characters)`}},
		{"a suffix of six characters is refused, because it ends a secret's name", "environmentSuffix", "canary",
			Fault{"environmentSuffix", allowedEnding, `"canary"`}},
		{"a suffix whose last word has six characters is refused", "environmentSuffix", "pr-123456",
			Fault{"environmentSuffix", allowedEnding, `"pr-123456"`}},
		{"a suffix with an upper-case letter is refused", "environmentSuffix", "Blue",
			Fault{"environmentSuffix", naming.SuffixRule(), `"Blue" (4 characters)`}},
		{"a suffix with a letter outside ASCII is refused, its length counted in characters", "environmentSuffix", "bleuté",
			Fault{"environmentSuffix", naming.SuffixRule(), `"bleuté" (6 characters)`}},
		{"an availability zone is no region", "primaryRegion", "us-east-1a", Fault{"primaryRegion", allowedRegion, `"us-east-1a"`}},
		{"an empty region is refused", "standbyRegion", "", Fault{"standbyRegion", allowedRegion, `""`}},
		{"equal regions are refused", "standbyRegion", "us-east-1",
			Fault{"standbyRegion", "a region other than primaryRegion", `"us-east-1" for both`}},
		{"an address without a mask is refused", "primaryCidr", "10.0.0.0", Fault{"primaryCidr", allowedRange, `"10.0.0.0"`}},
		{"an IPv6 range is refused", "primaryCidr", "fd00::/16", Fault{"primaryCidr", allowedRange, `"fd00::/16"`}},
		{"an IPv4 range written as IPv6 is refused", "primaryCidr", "::ffff:10.0.0.0/112",
			Fault{"primaryCidr", allowedRange, `"::ffff:10.0.0.0/112"`}},
		{"bits behind the mask are refused with the range without them", "primaryCidr", "10.2.3.4/16",
			Fault{"primaryCidr", "10.2.0.0/16, with no bits set behind the mask", "10.2.3.4/16"}},
		{"a range larger than AWS accepts is refused", "primaryCidr", "10.2.0.0/15", Fault{"primaryCidr", allowedMask, "10.2.0.0/15"}},
		{"a range too small for nine subnets is refused", "standbyCidr", "10.2.0.0/21", Fault{"standbyCidr", allowedMask, "10.2.0.0/21"}},
		{"a public range is refused", "primaryCidr", "100.64.0.0/16", Fault{"primaryCidr", allowedPrivate, "100.64.0.0/16"}},
		{"a range just behind RFC 1918 is refused", "standbyCidr", "172.32.0.0/16", Fault{"standbyCidr", allowedPrivate, "172.32.0.0/16"}},
		{"equal ranges overlap", "standbyCidr", "10.0.0.0/16",
			Fault{"standbyCidr", allowedApart, "10.0.0.0/16, which overlaps primaryCidr 10.0.0.0/16"}},
		{"a range inside the other overlaps", "standbyCidr", "10.0.240.0/20",
			Fault{"standbyCidr", allowedApart, "10.0.240.0/20, which overlaps primaryCidr 10.0.0.0/16"}},
		{"an unknown NAT strategy is refused", "natStrategy", "OnePerAz",
			Fault{"natStrategy", "none, single or onePerZone, or empty for the profile's default", `"OnePerAz"`}},
		{"a negative port is refused", "listenerPort", "-1", Fault{"listenerPort", allowedPort, "-1"}},
		{"a port above 65535 is refused", "listenerPort", "65536", Fault{"listenerPort", allowedPort, "65536"}},
		{"a port of 0, which earlier versions read as the profile's default, is refused with the command that removes it", "listenerPort", "0",
			Fault{"listenerPort", allowedPort, former("listenerPort")}},
		{"a retention of 0, which earlier versions read as the profile's default, is refused likewise", "flowLogRetentionDays", "0",
			Fault{"flowLogRetentionDays", allowedRetention, former("flowLogRetentionDays")}},
		{"a misspelt port is refused, not read as 0", "listenerPort", "8O", Fault{"listenerPort", allowedPort, `"8O"`}},
		{"a retention that CloudWatch Logs does not offer is refused", "flowLogRetentionDays", "10",
			Fault{"flowLogRetentionDays", allowedRetention, "10"}},
		{"a retention with a unit is refused", "flowLogRetentionDays", "30d", Fault{"flowLogRetentionDays", allowedRetention, `"30d"`}},
		{"a misspelt switch is refused, not read as off", "protection", "ture",
			Fault{"protection", "true or false", `"ture"`}},
		{"a switch in another spelling is refused", "protection", "yes", Fault{"protection", "true or false", `"yes"`}},
		{"an account id of 11 digits is refused", "allowedAccountIds", `["123456789012","12345678901"]`,
			Fault{"allowedAccountIds", allowedAccounts, `"12345678901"`}},
		{"an account id that is not quoted is refused, because a number loses leading zeros", "allowedAccountIds", "[123456789012]",
			Fault{"allowedAccountIds", allowedAccounts, `"[123456789012]"`}},
		{"two zones are refused, because a VPC has three", "primaryZoneIds", `["use1-az1","use1-az2"]`,
			Fault{"primaryZoneIds", allowedZones, "2"}},
		{"four zones are refused", "standbyZoneIds", `["usw2-az1","usw2-az2","usw2-az3","usw2-az4"]`, Fault{"standbyZoneIds", allowedZones, "4"}},
		{"a zone that is set twice is refused", "standbyZoneIds", `["usw2-az1","usw2-az2","usw2-az1"]`,
			Fault{"standbyZoneIds", allowedZones, `"usw2-az1"`}},
		{"the name of a zone is refused, because it is another zone in another account", "primaryZoneIds",
			`["us-east-1a","use1-az2","use1-az4"]`, Fault{"primaryZoneIds", allowedZones, `"us-east-1a"`}},
		{"a Local Zone is refused", "standbyZoneIds", `["usw2-az1","usw2-az2","usw2-lax1-az1"]`,
			Fault{"standbyZoneIds", allowedZones, `"usw2-lax1-az1"`}},
		{"account ids separated by commas are no list", "allowedAccountIds", "123456789012,210987654321",
			Fault{"allowedAccountIds", allowedAccounts, `"123456789012,210987654321"`}},
		{"an empty string is no list", "allowedAccountIds", "", Fault{"allowedAccountIds", allowedAccounts, `""`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			values := own(map[string]string{"profile": "dev", test.key: test.value})
			got, err := ParseFoundation(read(t, foundationName), "pr-1", values)
			wantFault(t, err, test.want)
			if !reflect.DeepEqual(got, Foundation{}) {
				t.Errorf("with the fault came the configuration %+v", got)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message contains the value of an unknown key: %v", err)
			}
		})
	}
}

func TestParseFoundationMessages(t *testing.T) {
	tests := []struct {
		name, stack string
		values      map[string]string
		want        string
	}{
		{"a stack's name that is neither a suffix nor begins with a profile", "PR_123", nil, `foundation-network (PR_123): 2 settings are wrong:
  environmentSuffix: allowed ` + naming.SuffixRule() + `; got "PR_123" (6 characters, ` +
			`the stack's name, because environmentSuffix is not set)
  profile: allowed local, dev or prod; got "PR_123" (the first word of the stack's name, because profile is not set)`},
		{"several faults are sorted by key", "local", map[string]string{
			"protection": "ture", "primaryCidr": "192.168.0.1/15", "standbyCidr": "192.169.0.0/16", "natStratgy": "none",
			"listenerPort": "http", "profile": "test", "primaryRegion": "Oregon", "standbyRegion": "Oregon",
		}, `foundation-network (local): 8 settings are wrong:
  listenerPort: allowed ` + allowedPort + `; got "http"
  natStratgy: allowed natStrategy (the nearest key); got an unknown key
  primaryCidr: allowed 192.168.0.0/15, with no bits set behind the mask; got 192.168.0.1/15
  primaryCidr: allowed ` + allowedMask + `; got 192.168.0.1/15
  primaryCidr: allowed ` + allowedPrivate + `; got 192.168.0.1/15
  primaryRegion: allowed ` + allowedRegion + `; got "Oregon"
  profile: allowed local, dev or prod; got "test"
  protection: allowed true or false; got "ture"
  standbyCidr: allowed ` + allowedPrivate + `; got 192.169.0.0/16
  standbyCidr: allowed ` + allowedApart + `; got 192.169.0.0/16, which overlaps primaryCidr 192.168.0.1/15
  standbyRegion: allowed ` + allowedRegion + `; got "Oregon"`},
		{"one fault is counted in the singular", "local", map[string]string{"protection": "no"},
			"foundation-network (local): 1 setting is wrong:\n  protection: allowed true or false; got \"no\""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseFoundation(read(t, foundationName), test.stack, own(test.values))
			if err == nil || err.Error() != test.want {
				t.Errorf("the error is\n%v, want\n%s", err, test.want)
			}
		})
	}
}
