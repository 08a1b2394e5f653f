package sweep

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func newEnvironment(t *testing.T, name, suffix string) Environment {
	t.Helper()
	environment, err := NewEnvironment(name, suffix)
	if err != nil {
		t.Fatal(err)
	}
	return environment
}

// listing is a row whose list is the same everywhere.
func listing(kind string, all ...Resource) Row {
	return Row{Service: "service", Kind: kind, List: func(_ context.Context, _ string, found func(Resource)) error {
		for _, one := range all {
			found(one)
		}
		return nil
	}}
}

var errNoAnswer = errors.New("no answer")

func TestRun(t *testing.T) {
	t.Run("every kind is asked for in every region, and a global one once", func(t *testing.T) {
		var asked []string
		ask := func(kind string, global bool) Row {
			return Row{Service: "service", Kind: kind, Global: global, List: func(_ context.Context, region string, found func(Resource)) error {
				asked = append(asked, kind+" "+region)
				found(Resource{ID: kind + "-1", Tags: map[string]string{"Environment": "dev", "DR-Role": "primary"}})
				return nil
			}}
		}
		report := Run(t.Context(), newEnvironment(t, "dev", "dev"), []string{"east", "west"}, []Row{ask("things", false), ask("names", true)})
		if want := []string{"things east", "names east", "things west"}; !slices.Equal(asked, want) {
			t.Errorf("asked for %v, want %v", asked, want)
		}
		want := []Leftover{
			{"service", "things", "east", "things-1"}, {"service", "names", Global, "names-1"}, {"service", "things", "west", "things-1"},
		}
		if !slices.Equal(report.Left, want) || report.Clean() {
			t.Errorf("left are %v, want %v, and not a clean report", report.Left, want)
		}
	})
	t.Run("a service that does not answer is an error", func(t *testing.T) {
		failing := Row{Service: "quiet", Kind: "things", List: func(context.Context, string, func(Resource)) error { return errNoAnswer }}
		halfway := Row{Service: "halting", Kind: "pages", List: func(_ context.Context, _ string, found func(Resource)) error {
			found(Resource{ID: "first-page", Names: []string{"topic-notices-primary-dev"}})
			return errNoAnswer
		}}
		withoutTags := listing("tagged things",
			Resource{ID: "thing-1", TagsOf: func(context.Context) (map[string]string, error) { return nil, errNoAnswer }},
			Resource{ID: "thing-2", TagsOf: func(context.Context) (map[string]string, error) {
				return map[string]string{"Environment": "dev", "DR-Role": "primary"}, nil
			}})
		report := Run(t.Context(), newEnvironment(t, "dev", "dev"), []string{"east", "west"}, []Row{failing, halfway, withoutTags})
		if len(report.Faults) != 6 || report.Clean() {
			t.Fatalf("the faults are %v, want one a row and region, and not a clean report", report.Faults)
		}
		for i, text := range []string{"quiet for things in east", "halting for pages in east", "thing-1", "quiet for things in west"} {
			if !strings.Contains(report.Faults[i].Error(), text) || !errors.Is(report.Faults[i], errNoAnswer) {
				t.Errorf("fault %d is %q, want it to name %q and its cause", i, report.Faults[i], text)
			}
		}
		var ids []string
		for _, leftover := range report.Left {
			ids = append(ids, leftover.ID)
		}
		if want := []string{"first-page", "thing-2", "first-page", "thing-2"}; !slices.Equal(ids, want) {
			t.Errorf("left are %v, want what was seen in spite of the errors: %v", ids, want)
		}
	})
}

func TestPrint(t *testing.T) {
	one := []Leftover{{"ec2", "VPCs", "east", "vpc-1"}}
	fault := []error{errors.New("asking sqs for queues in east: first\nsecond")}
	for name, test := range map[string]struct {
		left   []Leftover
		faults []error
		want   string
	}{
		"nothing is left": {nil, nil, "nothing is left of dev: 40 kinds of resource were asked for in east and west\n"},
		"something is left": {one, nil, "left  east  ec2  VPCs  vpc-1\n" +
			"1 resources are left of dev: 40 kinds of resource were asked for in east and west\n"},
		"not all answered": {nil, fault, "not known: asking sqs for queues in east: first\n  second\n" +
			"it is not known whether anything is left of dev: 40 kinds of resource were asked for in east and west, and 1 did not answer\n"},
		"something is left and not all answered": {one, fault, "left  east  ec2  VPCs  vpc-1\n" +
			"not known: asking sqs for queues in east: first\n  second\n" +
			"1 resources are left of dev, perhaps more: 40 kinds of resource were asked for in east and west, and 1 did not answer\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var output strings.Builder
			report := Report{newEnvironment(t, "dev", "d"), []string{"east", "west"}, 40, test.left, test.faults}
			if err := report.Print(&output); err != nil {
				t.Fatal(err)
			}
			if output.String() != test.want {
				t.Errorf("it prints\n%s, want\n%s", output.String(), test.want)
			}
		})
	}
}

// broken takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errNoAnswer }

func TestPrintError(t *testing.T) {
	t.Run("a report that cannot be printed is an error", func(t *testing.T) {
		if err := (Report{}).Print(broken{}); !errors.Is(err, errNoAnswer) {
			t.Errorf("Print returns %v, want %v", err, errNoAnswer)
		}
	})
}
