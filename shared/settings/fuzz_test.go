package settings

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"warmstandby/shared/naming"
)

func FuzzParseFoundation(f *testing.F) {
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
