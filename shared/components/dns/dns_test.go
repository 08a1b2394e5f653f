package dns

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	protected := func(args *Args) { args.Protection = true }
	tests := []struct {
		name   string
		change func(*Args)
		rules  pulumitest.Rules
		opts   []pulumitest.Option
	}{
		{"with certificates", unchanged, rules(false), nil},
		{"without certificates", withoutCertificate, rules(false), nil},
		{"with protection", protected, rules(true), nil},
		{"in a preview", unchanged, rules(false), []pulumitest.Option{pulumitest.Preview()}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, _ := build(t, test.change, test.opts...)
			pulumitest.Check(t, recording, test.rules)
		})
	}
}

// The primary's check asks whether it accepts writes, the standby's whether it serves reads.
func TestHealthChecks(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Args)
		of     func(testRegion) map[string]any
	}{
		{"by the region's own name, where there is a certificate", unchanged, func(r testRegion) map[string]any {
			return map[string]any{"type": "HTTPS", "enableSni": true, "fqdn": r.region + "." + domain, "port": 443.0}
		}},
		// The name of a zone that is not delegated cannot be resolved, and both regions would be unhealthy for ever.
		{"by the load balancer's name, where there is none", withoutCertificate, func(r testRegion) map[string]any {
			port := map[string]float64{"primary": 80, "secondary": 8080}[r.role]
			return map[string]any{"type": "HTTP", "fqdn": r.balancer, "port": port}
		}},
	}
	// A refresh reads all eight regions of AWS's, and an update of a check that sets none would then send an empty list.
	regions := []any{
		"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1", "us-west-2",
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, _ := build(t, test.change)
			for _, r := range testRegions {
				want := test.of(r)
				maps.Copy(want, map[string]any{
					"regions":      regions,
					"resourcePath": r.path, "requestInterval": 30.0, "failureThreshold": 3.0, "measureLatency": false,
					"tags": map[string]any{"Name": "hc-" + r.role + "-blue"},
				})
				made := recording.Get(t, checkToken, "hc-"+r.role+"-blue")
				if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
					t.Errorf("the check of %s is\n%v, want\n%v", r.region, got, want)
				}
			}
		})
	}
}

// The global name fails over, and each region has a name of its own.
func TestRecords(t *testing.T) {
	recording, _ := build(t, unchanged)
	zone := recording.Outputs["zoneId"].StringValue()
	for _, r := range testRegions {
		alias := func(evaluated bool) []any {
			return []any{map[string]any{"name": r.balancer, "zoneId": r.zone, "evaluateTargetHealth": evaluated}}
		}
		for name, want := range map[string]map[string]any{
			"global-" + r.role: {
				"name": domain, "type": "A", "zoneId": zone, "setIdentifier": r.role, "aliases": alias(true),
				"failoverRoutingPolicies": []any{map[string]any{"type": r.routing}},
				"healthCheckId":           recording.Get(t, checkToken, "hc-"+r.role+"-blue").ID,
			},
			"own-" + r.role: {"name": r.region + "." + domain, "type": "A", "zoneId": zone, "aliases": alias(false)},
		} {
			if got := recording.Get(t, recordToken, name).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("the record %s is\n%v, want\n%v", name, got, want)
			}
		}
	}
	if made := recording.OfType(recordToken); len(made) != 4 {
		t.Errorf("there are %d records, want a part of the global name and a name of its own for each region", len(made))
	}
}

func TestURLs(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Args)
		want   [3]string // global, primary, standby
	}{
		{
			"of HTTPS have the regions' own names", unchanged,
			[3]string{"https://" + domain, "https://us-east-1." + domain, "https://us-west-2." + domain},
		},
		{
			"of HTTP have the load balancers' names, and a port that is not HTTP's", withoutCertificate,
			[3]string{"http://" + domain, "http://alb-east.example", "http://alb-west.example:8080"},
		},
		{
			"of another port say it", func(args *Args) { args.Primary.Port, args.Standby.Port = 8443, 80 },
			[3]string{"https://" + domain + ":8443", "https://us-east-1." + domain + ":8443", "https://us-west-2." + domain + ":80"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, built := build(t, test.change)
			if got := [3]string{built.GlobalURL, built.PrimaryURL, built.StandbyURL}; got != test.want {
				t.Errorf("the URLs are %q, want %q", got, test.want)
			}
		})
	}
}

// Without a HostedZoneID a public zone is built.
func TestNewZone(t *testing.T) {
	recording, _ := build(t, unchanged)
	zone := recording.Get(t, zoneToken, "zone")
	if zone.Text("name") != domain || zone.Input("vpcs") != nil {
		t.Errorf("the zone is of %q in %v, want a public one of %s", zone.Text("name"), zone.Input("vpcs"), domain)
	}
	want := map[string]any{
		"zoneId": "zoneId-zone", "nameServers": []any{"nameServers-1-zone", "nameServers-2-zone"},
		"primaryCheckId": "healthCheck-hc-primary-blue", "standbyCheckId": "healthCheck-hc-secondary-blue",
	}
	if got := recording.Outputs.Mappable(); !reflect.DeepEqual(got, want) {
		t.Errorf("the outputs are %v, want %v", got, want)
	}
}

// An existing zone is used if it is public and contains the name.
func TestExistingZone(t *testing.T) {
	tests := []struct {
		name, zone string
		private    bool
		wantErr    string // empty: the zone is used
	}{
		{"is used when the name is its own", domain + ".", false, ""},
		{"is used when the name lies in it", "example.org.", false, ""},
		{"is refused when the name only ends like it", "ple.org.", false, "it is of ple.org, which app.example.org does not lie in"},
		{"is refused when the name lies elsewhere", "example.com.", false, "set another hostedZoneId or domainName"},
		{"is refused when it is private", "example.org.", true, "it is private"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, _, err := buildErr(t, func(args *Args) { args.HostedZoneID = "ZTHERE" }, existing(test.zone, test.private))
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) || !strings.Contains(err.Error(), "ZTHERE") {
					t.Errorf("the error is %v, want one with %q and ZTHERE", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if made := recording.OfType(zoneToken); len(made) != 0 {
				t.Errorf("%d zones are made beside it", len(made))
			}
			for _, record := range recording.OfType(recordToken) {
				if record.Text("zoneId") != "ZTHERE" {
					t.Errorf("the record %s is in zone %q", record.Name, record.Text("zoneId"))
				}
			}
			want := []any{"ns-1.example", "ns-2.example"}
			if got := recording.Outputs.Mappable(); got["zoneId"] != "ZTHERE" || !reflect.DeepEqual(got["nameServers"], want) {
				t.Errorf("the outputs are %v, want the zone's own id and name servers", got)
			}
		})
	}
}
