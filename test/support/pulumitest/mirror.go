package pulumitest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
)

// RegionView is a region and the words that differ between regions: each is followed by its placeholder, such as "primary",
// "<own>", "secondary", "<peer>".
type RegionView struct {
	Region string
	Words  []string
}

// Inputs are a resource's inputs as text, by their names.
type Inputs map[string]string

// Normalized returns the inputs of a region's resources, with placeholders in place of the words, by type token and name. Code is
// represented by its hash; the ignored changes are among the inputs.
func (r *Recording) Normalized(view RegionView) map[string]Inputs {
	words := strings.NewReplacer(view.Words...)
	normalized := map[string]Inputs{}
	for _, registered := range r.Resources {
		if r.Region(registered) != view.Region || registered.Type == providerType {
			continue
		}
		inputs := Inputs{"ignored changes": fmt.Sprint(registered.Request.GetIgnoreChanges())}
		for name, value := range registered.Inputs.Mappable() {
			if code, is := value.(*archive.Archive); is {
				value = code.Hash
			}
			inputs[name] = words.Replace(fmt.Sprint(value))
		}
		normalized[registered.Type+" "+words.Replace(registered.Name)] = inputs
	}
	return normalized
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

// CheckMirrored reports every resource that one region has and the other has not, or has with other inputs: after a failover it
// would be missing. The types of exempt are left out.
func CheckMirrored(t testing.TB, r *Recording, first, second RegionView, exempt ...string) {
	t.Helper()
	for _, fault := range unmirrored(r, first, second, exempt) {
		t.Error(fault)
	}
}

// unmirrored are the faults that CheckMirrored reports, in order of type and name.
func unmirrored(r *Recording, first, second RegionView, exempt []string) []string {
	firsts, seconds := r.Normalized(first), r.Normalized(second)
	if len(firsts) == 0 {
		return []string{"nothing is in " + first.Region}
	}
	both := maps.Clone(firsts)
	maps.Copy(both, seconds)
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		token, _, _ := strings.Cut(name, " ")
		one, inFirst := firsts[name]
		other, inSecond := seconds[name]
		switch {
		case slices.Contains(exempt, token):
		case !inSecond:
			faults = append(faults, fmt.Sprintf("%s is in %s only", name, first.Region))
		case !inFirst:
			faults = append(faults, fmt.Sprintf("%s is in %s only", name, second.Region))
		default:
			for _, input := range one.Differing(other) {
				faults = append(faults, fmt.Sprintf("%s of %s is\n%s\nin %s and\n%s\nin %s",
					input, name, one[input], first.Region, other[input], second.Region))
			}
		}
	}
	return faults
}

// CheckPartition builds in another partition than aws and reports every resource that has an ARN of aws. It reports a program in
// which no resource has an ARN of the other partition, because that proves nothing.
func CheckPartition(t testing.TB, build func(Option) *Recording) {
	t.Helper()
	const other = "aws-us-gov"
	arns := 0
	for _, registered := range build(Partition(other, "com.amazonaws")).Resources {
		inputs := fmt.Sprint(registered.Inputs.Mappable())
		if strings.Contains(inputs, "arn:aws:") {
			t.Errorf("%s %s has an ARN of the partition aws: %s", registered.Type, registered.Name, inputs)
		}
		arns += strings.Count(inputs, "arn:"+other+":")
	}
	if arns == 0 {
		t.Errorf("no resource has an ARN of the partition %s", other)
	}
}

// CheckEveryMode holds the resources that build registers to the rules in an update, in a preview and with protection.
func CheckEveryMode(
	t *testing.T, build func(t *testing.T, protection bool, opts ...Option) *Recording, rules func(protection bool) Rules,
) {
	t.Helper()
	for _, mode := range [...]struct {
		name       string
		protection bool
		opts       []Option
	}{
		{name: "in an update"},
		{name: "in a preview", opts: []Option{Preview()}},
		{name: "with protection", protection: true},
	} {
		t.Run(mode.name, func(t *testing.T) {
			Check(t, build(t, mode.protection, mode.opts...), rules(mode.protection))
		})
	}
}
