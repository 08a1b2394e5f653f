package route53

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// failoverSnapshot is what global-edge makes: a name that fails over, and one of each region.
func failoverSnapshot(sets ...RecordSet) Snapshot {
	return Snapshot{
		Zones: []Zone{newZone("app.test.", append([]RecordSet{
			failoverSet(alias("app.test.", eastBalancer, true), failoverPrimary, "east"),
			failoverSet(alias("app.test.", westBalancer, true), failoverSecondary, "west"),
			alias("us-east-1.app.test.", eastBalancer, false),
			alias("us-west-2.app.test.", westBalancer, false),
		}, sets...)...)},
		Checks:    []Check{httpCheck("east"), httpCheck("west")},
		Balancers: []Balancer{newBalancer("us-east-1", eastBalancer), newBalancer("us-west-2", westBalancer)},
	}
}

func TestFailover(t *testing.T) {
	for name, test := range map[string]struct {
		checks, targets string // the regions whose check is, or targets are, unhealthy
		want            string
	}{
		"all is well":                                          {"", "", eastBalancer},
		"the primary's check is unhealthy":                     {"east", "", westBalancer},
		"the primary's targets are unhealthy":                  {"", "east", westBalancer},
		"both of the primary's are":                            {"east", "east", westBalancer},
		"the standby's check is unhealthy":                     {"west", "", eastBalancer},
		"all checks are unhealthy, which leads to the primary": {"east west", "", eastBalancer},
		"all targets are":                                      {"", "east west", eastBalancer},
		"the primary's check and the standby's targets are":    {"east", "west", eastBalancer},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := newPlane(t, failoverSnapshot())
			for _, id := range strings.Fields(test.checks) {
				p.forceStatus(id, false)
			}
			for _, cell := range strings.Fields(test.targets) {
				p.forceTargetStatus(map[string]string{"east": "us-east-1", "west": "us-west-2"}[cell], false)
			}
			cell := func(balancer string) []string { return []string{fmt.Sprintf("60 A %s", p.mustAddress(t, balancer))} }
			for asked, want := range map[string][]string{
				"app.test.": cell(test.want), "us-east-1.app.test.": cell(eastBalancer), "us-west-2.app.test.": cell(westBalancer),
			} {
				if code, got, _ := p.ask(asked, "A"); code != "NOERROR" || !slices.Equal(got, want) {
					t.Errorf("%s is answered %s %v, want %v", asked, code, got, want)
				}
			}
			for _, id := range strings.Fields(test.checks) {
				p.forceStatus(id, true)
			}
			for _, region := range []string{"us-east-1", "us-west-2"} {
				p.forceTargetStatus(region, true)
			}
			if _, got, _ := p.ask("app.test.", "A"); !slices.Equal(got, cell(eastBalancer)) {
				t.Errorf("when all is well again it is answered %v", got)
			}
		})
	}
}

func TestFailoverOfWhatIsNotTheUsual(t *testing.T) {
	east, west := record("x.app.test.", "A", "192.0.2.1"), record("x.app.test.", "A", "192.0.2.2")
	both := []RecordSet{failoverSet(east, failoverPrimary, "east"), failoverSet(west, failoverSecondary, "")}
	for name, test := range map[string]struct {
		sets  []RecordSet
		asked string
		want  string
	}{
		"records with values of their own":     {both, "x.app.test.", "300 A 192.0.2.2"},
		"a primary alone, whatever its health": {both[:1], "x.app.test.", "300 A 192.0.2.1"},
		"a secondary alone":                    {both[1:], "x.app.test.", "300 A 192.0.2.2"},
		"a primary without a check, which is healthy": {
			[]RecordSet{failoverSet(east, failoverPrimary, ""), both[1]}, "x.app.test.", "300 A 192.0.2.1",
		},
		"an alias of a name that fails over": {
			append(both, alias("y.app.test.", "x.app.test.", true)), "y.app.test.", "300 A 192.0.2.2",
		},
		"an alias whose target is of no health, and a standby": {
			[]RecordSet{
				failoverSet(alias("z.app.test.", "x.app.test.", true), failoverPrimary, ""),
				failoverSet(record("z.app.test.", "A", "192.0.2.9"), failoverSecondary, ""), failoverSet(east, failoverPrimary, "east"),
			},
			"z.app.test.", "300 A 192.0.2.9",
		},
		"an alias of which one target is healthy, and a standby": {
			append(
				both, failoverSet(alias("z.app.test.", "x.app.test.", true), failoverPrimary, ""),
				failoverSet(record("z.app.test.", "A", "192.0.2.9"), failoverSecondary, ""),
			),
			"z.app.test.", "300 A 192.0.2.2",
		},
		"an alias of a load balancer that has gone, and a standby": {
			[]RecordSet{
				failoverSet(alias("z.app.test.", "gone.us-east-1.elb.amazonaws.com.", true), failoverPrimary, ""),
				failoverSet(record("z.app.test.", "A", "192.0.2.9"), failoverSecondary, ""),
			},
			"z.app.test.", "300 A 192.0.2.9",
		},
	} {
		p, _ := newPlane(t, failoverSnapshot(test.sets...))
		p.forceStatus("east", false)
		if code, got, _ := p.ask(test.asked, "A"); code != "NOERROR" || !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: answered %s %v, want %s", name, code, got, test.want)
		}
	}
}

func TestWhatIsNotEvaluatedIsRefusedAndLoggedOnce(t *testing.T) {
	weighted, one := record("x.app.test.", "A", "192.0.2.1"), record("x.app.test.", "A", "192.0.2.2")
	weighted.Policy, weighted.ID = "weights", "w"
	for name, test := range map[string]struct {
		sets []RecordSet
		says string
	}{
		"another routing policy": {
			[]RecordSet{weighted}, "x.app.test. A is routed by weights, which the local AWS emulator does not evaluate",
		},
		"two primaries": {
			[]RecordSet{failoverSet(one, failoverPrimary, ""), failoverSet(one, failoverPrimary, "")},
			"has two record sets with the same failover role",
		},
		"a part of a failover beside none": {[]RecordSet{failoverSet(one, failoverPrimary, ""), one}, "different routing policies"},
		"a check that is not there": {
			[]RecordSet{failoverSet(one, failoverPrimary, "none"), failoverSet(one, failoverSecondary, "")}, "no such health check: none",
		},
		"the standby's check that is not there": {
			[]RecordSet{failoverSet(one, failoverPrimary, ""), failoverSet(one, failoverSecondary, "none")}, "no such health check: none",
		},
		"an alias of another service": {
			[]RecordSet{alias("x.app.test.", "d1.cloudfront.net.", false)}, "is an alias of d1.cloudfront.net.",
		},
		"an alias of itself": {[]RecordSet{alias("x.app.test.", "x.app.test.", false)}, errTooManyIndirections.Error()},
		"aliases in a circle, by health": {
			[]RecordSet{failoverSet(alias("x.app.test.", "x.app.test.", true), failoverPrimary, ""), failoverSet(one, failoverSecondary, "")},
			errTooManyIndirections.Error(),
		},
		"CNAMEs in a circle": {
			[]RecordSet{record("x.app.test.", "CNAME", "y.app.test."), record("y.app.test.", "CNAME", "x.app.test.")},
			errTooManyIndirections.Error(),
		},
		"a value that is none": {
			[]RecordSet{record("x.app.test.", "A", "not an address")}, `reading the value "not an address"`,
		},
		"an empty value": {[]RecordSet{record("x.app.test.", "A", "; 192.0.2.1")}, "reading the value"},
	} {
		p, logs := newPlane(t, failoverSnapshot(test.sets...))
		for range 2 {
			if code, got, _ := p.ask("x.app.test.", "A"); code != "SERVFAIL" || len(got) > 0 {
				t.Errorf("%s: answered %s %v", name, code, got)
			}
		}
		if got := logs.String(); strings.Count(got, test.says) != 1 {
			t.Errorf("%s: the log says %q, want %q once", name, got, test.says)
		}
		p.apply(p.state.Snapshot, testTime)
		p.ask("x.app.test.", "A")
		if got := logs.String(); strings.Count(got, test.says) != 2 {
			t.Errorf("%s: after a change the log says %q, want it again", name, got)
		}
		if code, _, _ := p.ask("app.test.", "A"); code != "NOERROR" {
			t.Errorf("%s: another name is answered %s", name, code)
		}
	}
}

// The targets of an alias that does not evaluate them do not count.
func TestAliasWithoutEvaluation(t *testing.T) {
	p, _ := newPlane(
		t,
		failoverSnapshot(
			failoverSet(alias("x.app.test.", eastBalancer, false), failoverPrimary, ""),
			failoverSet(alias("x.app.test.", westBalancer, false), failoverSecondary, ""),
		),
	)
	p.forceTargetStatus("us-east-1", false)
	for name, balancer := range map[string]string{"app.test.": westBalancer, "x.app.test.": eastBalancer} {
		want := "60 A " + p.mustAddress(t, balancer).String()
		if _, got, _ := p.ask(name, "A"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is answered %v, want %s", name, got, want)
		}
	}
}
