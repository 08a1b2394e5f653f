package pulumitest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
)

// Side is a region, and by what its resources tell that they are of it: words, each before the neutral one for it, such as
// "primary", "<own>", "secondary", "<peer>".
type Side struct {
	Region string
	Words  []string
}

// Inputs are a resource's inputs as text, by their names.
type Inputs map[string]string

// Neutral returns the inputs of a side's resources in neutral words, by type token and name. Code is told by its hash, and what
// changes are ignored stands among the inputs.
func (r *Recording) Neutral(side Side) map[string]Inputs {
	words := strings.NewReplacer(side.Words...)
	neutral := map[string]Inputs{}
	for _, registered := range r.Resources {
		if r.Region(registered) != side.Region || registered.Type == providerType {
			continue
		}
		inputs := Inputs{"ignored changes": fmt.Sprint(registered.Request.GetIgnoreChanges())}
		for name, value := range registered.Inputs.Mappable() {
			if code, is := value.(*archive.Archive); is {
				value = code.Hash
			}
			inputs[name] = words.Replace(fmt.Sprint(value))
		}
		neutral[registered.Type+" "+words.Replace(registered.Name)] = inputs
	}
	return neutral
}

// Differing returns the names of the inputs in which two resources differ, sorted.
func (in Inputs) Differing(other Inputs) []string {
	both := maps.Clone(in)
	maps.Copy(both, other)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(both)), func(name string) bool {
		one, has := in[name]
		two, too := other[name]
		return has && too && one == two
	})
}

// CheckMirrored reports every resource that one side has and the other has not, or has with other inputs: it would be missed on
// the day of a failover. The types of oneSided are left out.
func CheckMirrored(t testing.TB, r *Recording, first, second Side, oneSided ...string) {
	t.Helper()
	for _, fault := range unmirrored(r, first, second, oneSided) {
		t.Error(fault)
	}
}

// unmirrored are the faults that CheckMirrored reports, in order of type and name.
func unmirrored(r *Recording, first, second Side, oneSided []string) []string {
	one, other := r.Neutral(first), r.Neutral(second)
	if len(one) == 0 {
		return []string{"nothing is in " + first.Region}
	}
	both := maps.Clone(one)
	maps.Copy(both, other)
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		token, _, _ := strings.Cut(name, " ")
		here, isHere := one[name]
		there, isThere := other[name]
		switch {
		case slices.Contains(oneSided, token):
		case !isThere:
			faults = append(faults, fmt.Sprintf("%s is in %s only", name, first.Region))
		case !isHere:
			faults = append(faults, fmt.Sprintf("%s is in %s only", name, second.Region))
		default:
			for _, input := range here.Differing(there) {
				faults = append(faults, fmt.Sprintf("%s of %s is\n%s\nin %s and\n%s\nin %s", input, name, here[input], first.Region, there[input], second.Region))
			}
		}
	}
	return faults
}

// CheckPartition builds in another partition than aws and reports every resource that has an ARN of aws; nothing is proven when
// none has one of the other's.
func CheckPartition(t testing.TB, build func(Option) *Recording) {
	t.Helper()
	const other = "aws-us-gov"
	own := 0
	for _, registered := range build(Partition(other, "com.amazonaws")).Resources {
		inputs := fmt.Sprint(registered.Inputs.Mappable())
		if strings.Contains(inputs, "arn:aws:") {
			t.Errorf("%s %s has an ARN of the partition aws: %s", registered.Type, registered.Name, inputs)
		}
		own += strings.Count(inputs, "arn:"+other+":")
	}
	if own == 0 {
		t.Errorf("no resource has an ARN of the partition %s", other)
	}
}

// CheckEveryWay holds what build registers to the rules in an update, in a preview and with protection.
func CheckEveryWay(t *testing.T, build func(t *testing.T, protection bool, opts ...Option) *Recording, rules func(protection bool) Rules) {
	t.Helper()
	for _, way := range [...]struct {
		name       string
		protection bool
		opts       []Option
	}{
		{"in an update", false, nil},
		{"in a preview", false, []Option{Preview()}},
		{"with protection", true, nil},
	} {
		t.Run(way.name, func(t *testing.T) {
			Check(t, build(t, way.protection, way.opts...), rules(way.protection))
		})
	}
}
