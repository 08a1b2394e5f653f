package gateway

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestZonesAreAsManyAsOnAWS(t *testing.T) {
	emulated := func(region, id string) string {
		var b strings.Builder
		for i, letter := range []string{"a", "b", "c"} {
			b.WriteString("<item><zoneName>" + region + letter + "</zoneName><zoneState>available</zoneState><zoneId>" + id + "-az" +
				string(rune('1'+i)) + "</zoneId></item>")
		}
		return "<R><availabilityZoneInfo>" + b.String() + "</availabilityZoneInfo></R>"
	}
	zone := regexp.MustCompile(`<zoneName>([^<]*)</zoneName><zoneState>available</zoneState><zoneId>([^<]*)<`)
	for name, test := range map[string]struct {
		region, emulated string
		want             []string
	}{
		"us-east-1 has six, three more than the emulator": {"us-east-1", emulated("us-east-1", "use1"), []string{
			"us-east-1a use1-az1", "us-east-1b use1-az2", "us-east-1c use1-az3",
			"us-east-1d use1-az4", "us-east-1e use1-az5", "us-east-1f use1-az6",
		}},
		"us-west-2 has four": {"us-west-2", emulated("us-west-2", "usw2"), []string{
			"us-west-2a usw2-az1", "us-west-2b usw2-az2", "us-west-2c usw2-az3", "us-west-2d usw2-az4",
		}},
		"another region has the emulator's": {"eu-west-1", emulated("eu-west-1", "euw1"), []string{
			"eu-west-1a euw1-az1", "eu-west-1b euw1-az2", "eu-west-1c euw1-az3",
		}},
		"none stay none": {"us-east-1", "<R><availabilityZoneInfo></availabilityZoneInfo></R>", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), canned(map[string]string{"DescribeAvailabilityZones": test.emulated}))
			_, body := f.ec2(test.region, "DescribeAvailabilityZones")
			var got []string
			for _, match := range zone.FindAllStringSubmatch(body, -1) {
				got = append(got, match[1]+" "+match[2])
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("the zones are %q, want %q", got, test.want)
			}
		})
	}
}
