package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/drill/scenario"
)

func TestLocal(t *testing.T) {
	t.Run("faults are begun and healed by the local command", func(t *testing.T) {
		var ran []string
		local := Local{Command: "local", State: "/state", Run: func(_ context.Context, name string, args ...string) (string, error) {
			ran = append(ran, name+" "+strings.Join(args, " "))
			return "", nil
		}}
		begun := local.Begin(t.Context(), scenario.DBDown, "us-east-1")
		if err := errors.Join(begun, local.Heal(t.Context(), "us-east-1", "us-west-2")); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"local fault --state /state --region us-east-1 --kind db-down",
			"local heal --state /state --region us-east-1", "local heal --state /state --region us-west-2",
		}
		if !slices.Equal(ran, want) {
			t.Errorf("ran %q, want %q", ran, want)
		}
	})
}

func TestExecute(t *testing.T) {
	t.Run("the error of a failed command has the command's output", func(t *testing.T) {
		_, err := execute(t.Context(), "sh", "-c", "echo it is not up >&2; exit 1")
		if err == nil || !strings.Contains(err.Error(), "it is not up") {
			t.Errorf("the error is %v", err)
		}
	})
}

// network is an EC2 of one VPC with a subnet of each tier.
type network struct {
	vpc     VPC
	subnets []Subnet
	acls    map[string]ACL
	entries map[string][]Entry
	refuses string // association that cannot be changed
	made    int
}

func newNetwork(cidr, chaos string) *network {
	n := &network{vpc: VPC{"vpc-" + cidr, cidr, map[string]string{ChaosTag: chaos}}, acls: map[string]ACL{}, entries: map[string][]Entry{}}
	for _, tier := range [...]string{public, "Private", isolated} {
		n.subnets = append(n.subnets, Subnet{"subnet-" + tier, tier, "acl-default", "assoc-" + tier})
	}
	return n
}

func (n *network) VPC(context.Context, string) (VPC, error) { return n.vpc, nil }
func (n *network) Subnets(context.Context, string) ([]Subnet, error) {
	return slices.Clone(n.subnets), nil
}
func (n *network) DeleteACL(_ context.Context, acl string) error { delete(n.acls, acl); return nil }
func (n *network) CreateACL(_ context.Context, _ string, tags map[string]string, entries []Entry) (string, error) {
	n.made++
	id := fmt.Sprintf("acl-%d", n.made)
	n.acls[id], n.entries[id] = ACL{id, tags}, entries
	return id, nil
}
func (n *network) ACLs(_ context.Context, _, tag, value string) ([]ACL, error) {
	var found []ACL
	for _, acl := range n.acls {
		if acl.Tags[tag] == value {
			found = append(found, acl)
		}
	}
	return found, nil
}
func (n *network) Associate(_ context.Context, association, acl string) error {
	if association == n.refuses {
		return errors.New("refused")
	}
	for i := range n.subnets {
		if n.subnets[i].Association == association {
			n.subnets[i].ACL = acl
			n.subnets[i].Association = association + "'" // AWS gives it another id
			return nil
		}
	}
	return errors.New("there is no association " + association)
}

func (n *network) tiersOf(acl string) string {
	tiers := []string{}
	for _, subnet := range n.subnets {
		if subnet.ACL == acl {
			tiers = append(tiers, subnet.Tier)
		}
	}
	return strings.Join(tiers, " ")
}

func pair(east, west *network) map[string]Network {
	return map[string]Network{"us-east-1": east, "us-west-2": west}
}

func TestFaultsThatNetworkACLsCannotMake(t *testing.T) {
	for _, kind := range []scenario.Kind{scenario.Isolated, scenario.ReplicationStalled} {
		east, west := newNetwork("10.0.0.0/16", "true"), newNetwork("10.1.0.0/16", "true")
		err := AWS{Environment: "dev-blue", Networks: pair(east, west)}.Begin(t.Context(), kind, "us-west-2")
		if err == nil || !strings.Contains(err.Error(), "run it on the local AWS emulator") || east.made+west.made != 0 {
			t.Errorf("%s ends with %v and makes %d network ACLs, want a refusal that changes nothing", kind, err, east.made+west.made)
		}
	}
}

func TestNetworkACLs(t *testing.T) {
	t.Run("each fault cuts its subnets off, and healing restores their ACLs", func(t *testing.T) {
		for kind, want := range map[scenario.Kind]struct {
			tiers   string
			entries []Entry
		}{
			scenario.Unreachable: {"Public Private Isolated", nil},
			scenario.AppDown:     {"Public", nil},
			scenario.DBDown:      {"Isolated", nil},
			scenario.Split:       {"Public Private Isolated", []Entry{{1, "10.1.0.0/16", false}, {100, "0.0.0.0/0", true}}},
		} {
			east, west := newNetwork("10.0.0.0/16", "true"), newNetwork("10.1.0.0/16", "true")
			injector := AWS{Environment: "dev-blue", Networks: pair(east, west)}
			if err := injector.Begin(t.Context(), kind, "us-east-1"); err != nil {
				t.Fatal(err)
			}
			if got := east.tiersOf("acl-1"); got != want.tiers || !slices.Equal(east.entries["acl-1"], want.entries) {
				t.Errorf("%s cuts the subnets %q and lets %v through, want %q and %v", kind, got, east.entries["acl-1"], want.tiers, want.entries)
			}
			if west.made != 0 {
				t.Errorf("%s touches the other region", kind)
			}
			again := AWS{Environment: "dev-blue", Networks: pair(east, west)} // a process that knows nothing of the first
			if err := again.Heal(t.Context(), "us-east-1", "us-west-2"); err != nil {
				t.Fatal(err)
			}
			if left := slices.Collect(maps.Keys(east.acls)); len(left) > 0 || east.tiersOf("acl-default") != "Public Private Isolated" {
				t.Errorf("after %s was healed the ACLs %v are left, and the default one is that of %q", kind, left, east.tiersOf("acl-default"))
			}
		}
	})
	t.Run("an ACL that is still in use is kept for the next healing", func(t *testing.T) {
		east := newNetwork("10.0.0.0/16", "true")
		injector := AWS{Environment: "dev", Networks: map[string]Network{"us-east-1": east}}
		if err := injector.Begin(t.Context(), scenario.Unreachable, "us-east-1"); err != nil {
			t.Fatal(err)
		}
		east.refuses = "assoc-Private'"
		if err := injector.Heal(t.Context(), "us-east-1"); err == nil || len(east.acls) != 1 {
			t.Errorf("a healing that was refused ends with %v and %d ACLs", err, len(east.acls))
		}
		east.refuses = ""
		if err := injector.Heal(t.Context(), "us-east-1"); err != nil || len(east.acls) != 0 {
			t.Errorf("the next healing ends with %v and %d ACLs", err, len(east.acls))
		}
	})
}

func TestPermission(t *testing.T) {
	for _, test := range []struct {
		name, environment, confirmed, east, west, want string
	}{
		{"an environment that is opened and dev", "dev", "", "true", "true", ""},
		{"one that is dev by the beginning of its name", "dev-blue", "", "true", "true", ""},
		{"one that only begins alike", "developers", "", "true", "true", "name it twice"},
		{"prod, named once", "prod", "", "true", "true", "name it twice"},
		{"prod, and another named", "prod", "dev", "true", "true", "name it twice"},
		{"prod, named twice", "prod", "prod", "true", "true", ""},
		{"prod, named twice and not opened", "prod", "prod", "", "true", "not opened"},
		{"one that is opened in the other region only", "dev", "", "", "true", "not opened"},
		{"one that is opened in this region only", "dev", "", "true", "", "not opened"},
		{"one that is closed", "dev", "", "false", "false", "not opened"},
	} {
		east, west := newNetwork("10.0.0.0/16", test.east), newNetwork("10.1.0.0/16", test.west)
		err := AWS{test.environment, test.confirmed, pair(east, west)}.Begin(t.Context(), scenario.AppDown, "us-east-1")
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if err != nil && east.made > 0 {
			t.Errorf("%s: it was broken all the same", test.name)
		}
	}
}
