package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// zoneCount is the number of availability zones of a VPC, which is that of its layout (network.ZoneCount).
const zoneCount = 3

// zoneIDForm is that of an availability zone's id, such as use1-az1 (Amazon EC2 API, AvailabilityZone, ZoneId). Which ids a region
// has only AWS knows; the program asks in each preview.
var zoneIDForm = regexp.MustCompile(`^[a-z]{2,}[0-9]-az[1-9][0-9]?$`)

// zoneIDs returns the ids of a VPC's availability zones, nil if none are set.
func (r *reader) zoneIDs(key string) []string {
	allowed := fmt.Sprintf("the ids of %d availability zones, each once, such as use1-az1, or none", zoneCount)
	ids := r.array(key, allowed)
	for i, id := range ids {
		if !zoneIDForm.MatchString(id) || slices.Contains(ids[:i], id) {
			r.refuse(key, allowed, strconv.Quote(id))
		}
	}
	if len(ids) != 0 && len(ids) != zoneCount {
		r.refuse(key, allowed, fmt.Sprintf("%d", len(ids)))
	}
	return ids
}
