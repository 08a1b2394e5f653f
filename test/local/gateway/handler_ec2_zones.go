package gateway

import (
	"slices"
	"strconv"
	"strings"
)

// zoneLetters end the names of the availability zones of regions that have other zones than the three that the emulator answers
// for each. AWS: AWS Global Infrastructure, "AWS Availability Zones".
var zoneLetters = map[string]string{"us-east-1": "abcdef", "us-west-2": "abcd"}

// newAvailabilityZones returns the handler without state: which zones there are never changes.
func newAvailabilityZones(string) (Handler, error) {
	return Handler{
		Name:    "availability zones",
		AWS:     "DescribeAvailabilityZones returns six zones of us-east-1 and four of us-west-2.",
		Source:  "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html",
		Matches: matchEC2("DescribeAvailabilityZones"),
		Edit: func(_ *Gateway, c *Call, root *xmlElement) error {
			zones := root.child("availabilityZoneInfo")
			if zones == nil {
				return errMalformedXML
			}
			completeZones(zones, c.Region)
			return nil
		},
	}, nil
}

// completeZones adds the missing zones of a region, as copies of the last one with names and ids of their own: the ids count the
// zones in the order of their names, as the emulator's ids of subnets do.
func completeZones(zones *xmlElement, region string) {
	if len(zones.Children) == 0 {
		return
	}
	last := zones.Children[len(zones.Children)-1]
	prefix := strings.TrimRight(last.findText("zoneId"), "0123456789")
	for i, letter := range zoneLetters[region] {
		name := region + string(letter)
		if slices.ContainsFunc(zones.Children, func(zone *xmlElement) bool { return zone.findText("zoneName") == name }) {
			continue
		}
		zone := newElement(last.Name, slices.Clone(last.Children)...)
		for i, field := range zone.Children {
			copied := *field
			zone.Children[i] = &copied
		}
		zone.set(text("zoneName", name), text("zoneId", prefix+strconv.Itoa(i+1)))
		zones.Children = append(zones.Children, zone)
	}
}
