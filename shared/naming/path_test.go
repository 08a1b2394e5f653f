package naming

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	tests := []struct {
		name  string
		words []string
		want  string
	}{
		{"without words it is the prefix of the environment", nil, "/warmstandby/blue"},
		{"a switch keeps its spelling", []string{"features", "exportRecords"}, "/warmstandby/blue/features/exportRecords"},
		{"each word is a level", []string{"database", "writer-endpoint"}, "/warmstandby/blue/database/writer-endpoint"},
	}
	namer := mustNew(t, "blue")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := namer.Path(test.words...); err != nil || got != test.want {
				t.Errorf("Path = %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestPathRefuses(t *testing.T) {
	blue := mustNew(t, "blue")
	// The root, the suffix and 13 words are 15 levels.
	if _, err := blue.Path(slices.Repeat([]string{"a"}, 13)...); err != nil {
		t.Errorf("15 levels are refused: %v", err)
	}
	const prefix = "/warmstandby/blue/"
	if _, err := blue.Path(strings.Repeat("a", 911-len(prefix))); err != nil {
		t.Errorf("911 characters are refused: %v", err)
	}
	tests := []struct {
		name  string
		namer Namer
		words []string
		want  []string // parts of the error
	}{
		{"the zero namer", Namer{}, nil, []string{"naming.New"}},
		{"an empty level, which would double the slash", blue, []string{"a", ""}, []string{`got ""`}},
		{"a slash inside a level", blue, []string{"a/b"}, []string{`got "a/b"`}},
		{"a letter outside ASCII", blue, []string{"é"}, []string{`got "é"`}},
		{"a line break at the end", blue, []string{"port\n"}, []string{`got "port\n"`}},
		{"a level that ends with a hyphen", blue, []string{"port-"}, []string{`got "port-"`}},
		{"16 levels", blue, slices.Repeat([]string{"a"}, 14), []string{"15 levels", "in 16"}},
		{"912 characters", blue, []string{strings.Repeat("a", 912-len(prefix))}, []string{"911 characters", "got 912"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.namer.Path(test.words...)
			if got != "" {
				t.Errorf("Path = %q beside an error", got)
			}
			wantMessage(t, err, test.want...)
		})
	}
}

// parameterForm is what Parameter Store takes as a name: levels of its characters, and none of its own roots.
var parameterForm = regexp.MustCompile(`^(/[a-zA-Z0-9_.-]+){1,15}$`)

func FuzzPath(f *testing.F) {
	f.Add("blue", "database", "writer-endpoint")
	f.Add("blue", "", "a/b")
	f.Add("aws", "ssm", strings.Repeat("p", 1000))
	f.Add("pr-1", "é", "a\n")
	f.Fuzz(func(t *testing.T, suffix, first, second string) {
		namer, err := New(suffix)
		if err != nil {
			return
		}
		path, err := namer.Path(first, second)
		if err != nil {
			return
		}
		if !parameterForm.MatchString(path) || len(path) > 1011 || path != "/warmstandby/"+suffix+"/"+first+"/"+second {
			t.Errorf("Path(%q, %q) = %q, which is not what Parameter Store takes", first, second, path)
		}
	})
}
