package settings

import (
	"net/netip"
	"reflect"
	"testing"
)

// own returns the values with the project's namespace before each key.
func own(values map[string]string) map[string]string { return namespaced(foundationName, values) }

// namespaced returns the values with a project's namespace before each key.
func namespaced(project string, values map[string]string) map[string]string {
	full := make(map[string]string, len(values))
	for key, value := range values {
		full[project+":"+key] = value
	}
	return full
}

// expect is the configuration of a stack that sets nothing but its profile.
func expect(stack string, profile Profile, port, days int) Foundation {
	return Foundation{
		Environment:          stack,
		Suffix:               stack,
		Profile:              profile,
		Primary:              Network{Region: "us-east-1", CIDR: netip.MustParsePrefix("10.0.0.0/16")},
		Standby:              Network{Region: "us-west-2", CIDR: netip.MustParsePrefix("10.1.0.0/16")},
		NAT:                  NATNone,
		ListenerPort:         port,
		FlowLogRetentionDays: days,
	}
}

// with returns the configuration after a change.
func with(f Foundation, change func(*Foundation)) Foundation {
	change(&f)
	return f
}

func TestParseFoundation(t *testing.T) {
	tests := []struct {
		name, stack string
		values      map[string]string
		want        Foundation
	}{
		{"the stack local has the local profile", "local", nil, expect("local", Local, 80, 1)},
		{"the stack dev keeps its flow logs for a week", "dev", nil, expect("dev", Dev, 80, 7)},
		{"the stack prod serves TLS and keeps its flow logs for a year", "prod", nil, expect("prod", Prod, 443, 365)},
		{"a stack of another name takes the profile that is set", "pr-123", own(map[string]string{"profile": "dev"}),
			expect("pr-123", Dev, 80, 7)},
		{"a profile that is set goes before the stack's name", "dev", own(map[string]string{"profile": "prod"}),
			expect("dev", Prod, 443, 365)},
		{"a suffix of one's own leaves the environment to be the stack's name", "dev", own(map[string]string{"environmentSuffix": "blue"}),
			with(expect("dev", Dev, 80, 7), func(f *Foundation) { f.Suffix = "blue" })},
		{"a stack's name that is no suffix is good with a suffix of its own", "Dev_1",
			own(map[string]string{"profile": "dev", "environmentSuffix": "dev-1"}),
			with(expect("Dev_1", Dev, 80, 7), func(f *Foundation) { f.Suffix = "dev-1" })},
		{"keys of providers and of the engine are left alone", "dev",
			map[string]string{"aws:region": "nowhere", "pulumi:disable-default-providers": `["aws"]`, "other:natStrategy": "many"},
			expect("dev", Dev, 80, 7)},
		{"protection is on when it is asked for", "dev", own(map[string]string{"protection": "true"}),
			with(expect("dev", Dev, 80, 7), func(f *Foundation) { f.Protection = true })},
		{"protection is off in prod too, so that it can be destroyed", "prod", nil, expect("prod", Prod, 443, 365)},
		{"an empty string is the profile's default", "prod", own(map[string]string{
			"natStrategy": "", "listenerPort": "", "flowLogRetentionDays": "", "profile": "", "environmentSuffix": "",
		}), expect("prod", Prod, 443, 365)},
		{"one NAT gateway", "dev", own(map[string]string{"natStrategy": "single"}),
			with(expect("dev", Dev, 80, 7), func(f *Foundation) { f.NAT = NATSingle })},
		{"a region of another partition", "dev", own(map[string]string{"primaryRegion": "eusc-de-east-1"}),
			with(expect("dev", Dev, 80, 7), func(f *Foundation) { f.Primary.Region = "eusc-de-east-1" })},
		{"ranges that touch do not overlap", "dev", own(map[string]string{"primaryCidr": "172.31.0.0/17", "standbyCidr": "172.31.128.0/17"}),
			with(expect("dev", Dev, 80, 7), func(f *Foundation) {
				f.Primary.CIDR = netip.MustParsePrefix("172.31.0.0/17")
				f.Standby.CIDR = netip.MustParsePrefix("172.31.128.0/17")
			})},
		{"every key set to something else than its default", "pr-7", own(map[string]string{
			"profile": "prod", "environmentSuffix": "seven", "primaryRegion": "eu-central-1", "standbyRegion": "us-gov-west-1",
			"primaryCidr": "192.168.0.0/20", "standbyCidr": "172.16.16.0/20",
			"primaryZoneIds": `["euc1-az3","euc1-az1","euc1-az2"]`, "standbyZoneIds": `["usgw1-az1","usgw1-az2","usgw1-az3"]`,
			"natStrategy": "onePerZone", "listenerPort": "65535",
			"flowLogRetentionDays": "3653", "protection": "true", "allowedAccountIds": `["000000000001","210987654321"]`,
		}), Foundation{
			Environment: "pr-7", Suffix: "seven", Profile: Prod,
			Primary: Network{
				Region: "eu-central-1", CIDR: netip.MustParsePrefix("192.168.0.0/20"), ZoneIDs: []string{"euc1-az3", "euc1-az1", "euc1-az2"},
			},
			Standby: Network{
				Region: "us-gov-west-1", CIDR: netip.MustParsePrefix("172.16.16.0/20"), ZoneIDs: []string{"usgw1-az1", "usgw1-az2", "usgw1-az3"},
			},
			NAT: NATOnePerZone, ListenerPort: 65535, FlowLogRetentionDays: 3653, Protection: true,
			AllowedAccountIDs: []string{"000000000001", "210987654321"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseFoundation(read(t, foundationName), test.stack, test.values)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("ParseFoundation =\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func TestProtectionIsOffByDefault(t *testing.T) {
	for _, defaults := range profiles {
		t.Run("in the profile "+string(defaults.profile), func(t *testing.T) {
			f, err := ParseFoundation(read(t, foundationName), "pr-1", own(map[string]string{"profile": string(defaults.profile)}))
			if err != nil || f.Protection {
				t.Errorf("protection is %t, %v", f.Protection, err)
			}
		})
	}
}
