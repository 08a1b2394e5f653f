package region

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Zones returns the names of the region's first count availability zones, sorted by name, so that the result stays the same
// when AWS adds a zone. Local Zones and Wavelength Zones, which must be opted into, are left out.
func (r Region) Zones(ctx *pulumi.Context, count int) ([]string, error) {
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State: pulumi.StringRef("available"),
		Filters: []aws.GetAvailabilityZonesFilter{
			{Name: "opt-in-status", Values: []string{"opt-in-not-required"}},
		},
	}, pulumi.Provider(r.provider))
	if err != nil {
		return nil, fmt.Errorf("listing the availability zones of %s: %w", r.Name, err)
	}
	if len(zones.Names) < count {
		return nil, fmt.Errorf("listing the availability zones of %s: %d are needed, the account has %d: choose another region",
			r.Name, count, len(zones.Names))
	}
	return slices.Sorted(slices.Values(zones.Names))[:count], nil
}
