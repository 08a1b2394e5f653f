package route53

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// platform is what global-edge makes: a name that fails over, and one of each region.
func platform(sets ...Set) Snapshot {
	return Snapshot{
		Zones: []Zone{newZone("app.test.", append([]Set{
			part(alias("app.test.", eastBalancer, true), primary, "east"),
			part(alias("app.test.", westBalancer, true), secondary, "west"),
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
			p, _ := newPlane(t, platform())
			for _, id := range strings.Fields(test.checks) {
				p.turn(id, false)
			}
			for _, side := range strings.Fields(test.targets) {
				p.turnTargets(map[string]string{"east": "us-east-1", "west": "us-west-2"}[side], false)
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
				p.turn(id, true)
			}
			for _, region := range []string{"us-east-1", "us-west-2"} {
				p.turnTargets(region, true)
			}
			if _, got, _ := p.ask("app.test.", "A"); !slices.Equal(got, cell(eastBalancer)) {
				t.Errorf("when all is well again it is answered %v", got)
			}
		})
	}
}

func TestFailoverOfWhatIsNotTheUsual(t *testing.T) {
	east, west := record("x.app.test.", "A", "192.0.2.1"), record("x.app.test.", "A", "192.0.2.2")
	both := []Set{part(east, primary, "east"), part(west, secondary, "")}
	for name, test := range map[string]struct {
		sets  []Set
		asked string
		want  string
	}{
		"records with values of their own":                         {both, "x.app.test.", "300 A 192.0.2.2"},
		"a primary alone, whatever its health":                     {both[:1], "x.app.test.", "300 A 192.0.2.1"},
		"a secondary alone":                                        {both[1:], "x.app.test.", "300 A 192.0.2.2"},
		"a primary without a check, which is healthy":              {[]Set{part(east, primary, ""), both[1]}, "x.app.test.", "300 A 192.0.2.1"},
		"an alias of a name that fails over":                       {append(both, alias("y.app.test.", "x.app.test.", true)), "y.app.test.", "300 A 192.0.2.2"},
		"an alias whose target is of no health, and a standby":     {[]Set{part(alias("z.app.test.", "x.app.test.", true), primary, ""), part(record("z.app.test.", "A", "192.0.2.9"), secondary, ""), part(east, primary, "east")}, "z.app.test.", "300 A 192.0.2.9"},
		"an alias of which one target is healthy, and a standby":   {append(both, part(alias("z.app.test.", "x.app.test.", true), primary, ""), part(record("z.app.test.", "A", "192.0.2.9"), secondary, "")), "z.app.test.", "300 A 192.0.2.2"},
		"an alias of a load balancer that has gone, and a standby": {[]Set{part(alias("z.app.test.", "gone.us-east-1.elb.amazonaws.com.", true), primary, ""), part(record("z.app.test.", "A", "192.0.2.9"), secondary, "")}, "z.app.test.", "300 A 192.0.2.9"},
	} {
		p, _ := newPlane(t, platform(test.sets...))
		p.turn("east", false)
		if code, got, _ := p.ask(test.asked, "A"); code != "NOERROR" || !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: answered %s %v, want %s", name, code, got, test.want)
		}
	}
}

func TestWhatIsNotEvaluatedIsRefusedAndSaidOnce(t *testing.T) {
	weighted, one := record("x.app.test.", "A", "192.0.2.1"), record("x.app.test.", "A", "192.0.2.2")
	weighted.Policy, weighted.ID = "weights", "w"
	for name, test := range map[string]struct {
		sets []Set
		says string
	}{
		"another routing policy":                {[]Set{weighted}, "x.app.test. A is routed by weights, which the embedded AWS does not evaluate"},
		"two primaries":                         {[]Set{part(one, primary, ""), part(one, primary, "")}, "has two record sets of the same part"},
		"a part of a failover beside none":      {[]Set{part(one, primary, ""), one}, "different routing policies"},
		"a check that is not there":             {[]Set{part(one, primary, "none"), part(one, secondary, "")}, "no such health check: none"},
		"the standby's check that is not there": {[]Set{part(one, primary, ""), part(one, secondary, "none")}, "no such health check: none"},
		"an alias of another service":           {[]Set{alias("x.app.test.", "d1.cloudfront.net.", false)}, "is an alias of d1.cloudfront.net."},
		"an alias of itself":                    {[]Set{alias("x.app.test.", "x.app.test.", false)}, errCircle.Error()},
		"aliases in a circle, by health":        {[]Set{part(alias("x.app.test.", "x.app.test.", true), primary, ""), part(one, secondary, "")}, errCircle.Error()},
		"CNAMEs in a circle":                    {[]Set{record("x.app.test.", "CNAME", "y.app.test."), record("y.app.test.", "CNAME", "x.app.test.")}, errCircle.Error()},
		"a value that is none":                  {[]Set{record("x.app.test.", "A", "not an address")}, `reading the value "not an address"`},
		"an empty value":                        {[]Set{record("x.app.test.", "A", "; 192.0.2.1")}, "reading the value"},
	} {
		p, said := newPlane(t, platform(test.sets...))
		for range 2 {
			if code, got, _ := p.ask("x.app.test.", "A"); code != "SERVFAIL" || len(got) > 0 {
				t.Errorf("%s: answered %s %v", name, code, got)
			}
		}
		if got := said.String(); strings.Count(got, test.says) != 1 {
			t.Errorf("%s: the log says %q, want %q once", name, got, test.says)
		}
		p.use(p.state.Snapshot, begin)
		p.ask("x.app.test.", "A")
		if got := said.String(); strings.Count(got, test.says) != 2 {
			t.Errorf("%s: after a change the log says %q, want it again", name, got)
		}
		if code, _, _ := p.ask("app.test.", "A"); code != "NOERROR" {
			t.Errorf("%s: another name is answered %s", name, code)
		}
	}
}

func TestTheTargetsOfAnAliasThatDoesNotEvaluateThemDoNotCount(t *testing.T) {
	p, _ := newPlane(t, platform(part(alias("x.app.test.", eastBalancer, false), primary, ""), part(alias("x.app.test.", westBalancer, false), secondary, "")))
	p.turnTargets("us-east-1", false)
	for name, balancer := range map[string]string{"app.test.": westBalancer, "x.app.test.": eastBalancer} {
		want := "60 A " + p.mustAddress(t, balancer).String()
		if _, got, _ := p.ask(name, "A"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is answered %v, want %s", name, got, want)
		}
	}
}
