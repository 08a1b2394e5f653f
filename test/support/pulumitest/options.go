package pulumitest

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Option changes how a program is run.
type Option func(*monitor)

// Function mocks a function of AWS: it returns what AWS would in the region of the call's provider.
type Function func(region string, args resource.PropertyMap) (resource.PropertyMap, error)

// Preview runs the program as `pulumi preview` does: the ids of resources, and what AWS computes, are unknown.
func Preview() Option {
	return func(m *monitor) { m.preview = true }
}

// Partition puts the account into another partition than aws, whose endpoint services begin with servicePrefix.
func Partition(partition, servicePrefix string) Option {
	return func(m *monitor) { m.partition, m.servicePrefix = partition, servicePrefix }
}

// Answer mocks one function, such as aws:index/getAvailabilityZones:getAvailabilityZones. It takes precedence over the mocks that
// every run has.
func Answer(token string, answer Function) Option {
	return func(m *monitor) { m.answers[token] = answer }
}

// StandingZone has the subnets that are to be in the zone of that name stand in the zone with that id, as those of an environment
// do that was deployed with another choice.
func StandingZone(name, id string) Option {
	return func(m *monitor) { m.standing[name] = id }
}

// Computed has AWS compute these properties of every resource of a type, beside or in place of those that every run has.
func Computed(token string, properties resource.PropertyMap) Option {
	return func(m *monitor) { m.computes[token] = properties }
}

// Stack mocks another stack, by its full name, organization/project/stack, with its outputs. A reference to any other stack fails,
// as it does in the engine.
func Stack(name string, outputs resource.PropertyMap) Option {
	return func(m *monitor) { m.stacks[name] = outputs }
}

// Account is the id of the account of all runs; AWS reserves it for documentation.
const Account = "111122223333"

// defaultAnswers mock the functions that every stack calls in its regions.
func (m *monitor) defaultAnswers() map[string]Function {
	return map[string]Function{
		// Out of order and more than are needed, so that a program which neither sorts nor selects them is noticed.
		"aws:index/getAvailabilityZones:getAvailabilityZones": func(region string, _ resource.PropertyMap) (resource.PropertyMap, error) {
			names, ids := []any{}, []any{}
			for _, letter := range "fbdac" {
				name := region + string(letter)
				names, ids = append(names, name), append(ids, ZoneID(name))
			}
			return properties(map[string]any{"id": region, "names": names, "zoneIds": ids}), nil
		},
		"aws:index/getCallerIdentity:getCallerIdentity": func(string, resource.PropertyMap) (resource.PropertyMap, error) {
			return properties(map[string]any{"id": Account, "accountId": Account, "userId": "AIDATEST"}), nil
		},
		"aws:index/getPartition:getPartition": func(string, resource.PropertyMap) (resource.PropertyMap, error) {
			return properties(map[string]any{
				"id": m.partition, "partition": m.partition, "reverseDnsPrefix": m.servicePrefix, "dnsSuffix": "amazonaws.com",
			}), nil
		},
	}
}

func properties(values map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(values)
}
