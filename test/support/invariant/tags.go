package invariant

import (
	"fmt"
	"strings"
)

// arnRegion is where an ARN names its region, counted from 0 between its colons; services without regions leave it empty
// (AWS General Reference, "Amazon Resource Names").
const arnRegion = 3

// tagFaults holds a resource to the required tags, by what AWS answered: the tags that the provider adds to all are among
// them. They are spelt out, so that a tag which the naming package forgets is missed here.
func tagFaults(r Resource, platform Platform) []string {
	_, tagged := r.Outputs["tagsAll"]
	if reason := Types[r.Type].Untagged; reason != "" {
		if tagged {
			return []string{fmt.Sprintf("it has tags, which the table of types excludes: %q", reason)}
		}
		return nil
	}
	var found []string
	role, known := platform.Roles[r.Region]
	if !known {
		return []string{fmt.Sprintf("it is made in %q, which is no region of the platform", r.Region)}
	}
	for _, tag := range [...]struct{ key, want string }{
		{"Environment", platform.Environment}, {"Region", r.Region}, {"DR-Role", string(role)},
	} {
		if got := r.Outputs.Text("tagsAll." + tag.key); got != tag.want {
			found = append(found, fmt.Sprintf("the tag %s is %q, want %q", tag.key, got, tag.want))
		}
	}
	if parts := strings.Split(r.Outputs.Text("arn"), ":"); len(parts) > arnRegion && parts[arnRegion] != "" && parts[arnRegion] != r.Region {
		found = append(found, fmt.Sprintf("the tag Region is %q, the resource is in %q by its ARN", r.Region, parts[arnRegion]))
	}
	return found
}
