package region

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/zone"
)

// Zones returns the names of count availability zones of the region: those with the ids that are wanted, in that order, or, with
// none wanted, the first by id of those that the account has and that lack no service. Ids are the same in all accounts, so that
// the choice is. Local Zones and Wavelength Zones, which must be opted into, and impaired zones are no choice.
//
// The error names the zones of the account when one that is wanted is not among them, or when they are too few.
func (r Region) Zones(ctx *pulumi.Context, count int, wanted []string) ([]string, error) {
	offered, err := r.offeredZones(ctx)
	if err != nil {
		return nil, err
	}
	ids := wanted
	if len(ids) == 0 {
		ids = suitedZones(offered)
		if len(ids) < count {
			return nil, fmt.Errorf("choosing %d availability zones of %s: the account has %s, of which %d lack no service: "+
				"set the ids of its zones, or choose another region", count, r.Name, listZones(offered), len(ids))
		}
		ids = ids[:count]
	}
	if len(ids) != count {
		return nil, fmt.Errorf("choosing %d availability zones of %s: %d are set", count, r.Name, len(ids))
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		name, found := offered[id]
		if !found {
			return nil, fmt.Errorf("choosing the availability zone %s of %s: the account has %s: set ids of these", id, r.Name, listZones(offered))
		}
		names[i] = name
	}
	return names, nil
}

// offeredZones returns the names of the zones that the account may use, by id.
func (r Region) offeredZones(ctx *pulumi.Context) (map[string]string, error) {
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State: pulumi.StringRef("available"),
		Filters: []aws.GetAvailabilityZonesFilter{
			{Name: "opt-in-status", Values: []string{"opt-in-not-required"}},
		},
	}, pulumi.Provider(r.provider))
	if err == nil && len(zones.Names) != len(zones.ZoneIds) {
		err = errors.New("AWS has answered another number of ids than of names")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the availability zones of %s: %w", r.Name, err)
	}
	offered := make(map[string]string, len(zones.ZoneIds))
	for i, id := range zones.ZoneIds {
		offered[id] = zones.Names[i]
	}
	return offered, nil
}

// suitedZones returns the ids of the zones that lack no service, in order.
func suitedZones(offered map[string]string) []string {
	return slices.DeleteFunc(sortedZones(offered), zone.Unsuited)
}

// sortedZones returns the ids of zones in order, az10 after az9.
func sortedZones(offered map[string]string) []string {
	return slices.SortedFunc(maps.Keys(offered), zone.Compare)
}

// listZones returns the ids of zones for a message.
func listZones(offered map[string]string) string {
	if len(offered) == 0 {
		return "none"
	}
	return strings.Join(sortedZones(offered), ", ")
}
