package sweep

import (
	"context"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

// owned are forms in which a resource of an environment shows itself, with %s where its suffix is.
var owned = map[string]string{
	"a name":                          "topic-notices-primary-%s",
	"a topic's ARN":                   "arn:aws:sns:us-east-1:111122223333:topic-notices-primary-%s",
	"a queue's URL":                   "https://sqs.us-east-1.amazonaws.com/111122223333/queue-failed-app-primary-%s",
	"a function's log":                "/aws/lambda/lambda-app-primary-%s",
	"a cluster's log":                 "/aws/rds/cluster/aurora-records-secondary-%s/postgresql",
	"a key's alias":                   "alias/key-data-primary-%s",
	"a bucket":                        "bucket-documents-primary-111122223333-%s",
	"a parameter":                     "/warmstandby/%s/database/port",
	"a zone":                          "%s.warmstandby.test.",
	"an automatic snapshot's cluster": "arn:aws:rds:us-east-1:111122223333:cluster:aurora-records-primary-%s",
	"a restored cluster":              "aurora-records-restored-primary-%s",
	"a restored cluster's instance":   "instance-records-restored-secondary-1-%s",
	"a load balancer's interface":     "ELB app/alb-primary-%s/50dc6c495c0c9188",
}

func withSuffix(form, suffix string) string { return strings.ReplaceAll(form, "%s", suffix) }

func TestOwnsName(t *testing.T) {
	t.Run("a name of the environment is recognized in every form", func(t *testing.T) {
		environment := newEnvironment(t, "dev", "blue")
		for what, form := range owned {
			t.Run(what, func(t *testing.T) {
				if name := withSuffix(form, "blue"); !environment.ownsName(name) {
					t.Errorf("%q is not found to be blue's", name)
				}
				for _, other := range []string{"green", "dark-blue", "blue-2", "primary-blue", "1-blue", "records-blue", "b"} {
					if name := withSuffix(form, other); environment.ownsName(name) {
						t.Errorf("%q is found to be blue's, and is %s's", name, other)
					}
				}
			})
		}
	})
	t.Run("a name that is only similar is not taken", func(t *testing.T) {
		environment := newEnvironment(t, "a", "a")
		for _, name := range []string{
			"", "a", "-a", "vpc-a", "my-topic-a", "thing-primary-a", "/warmstandby/a", "/warmstandby/ab/port", "alias/aws/a",
			"a.example.org.", "b.a.warmstandby.test.",
		} {
			if environment.ownsName(name) {
				t.Errorf("%q is found to be a's", name)
			}
		}
	})
}

func TestOwnsTags(t *testing.T) {
	environment := newEnvironment(t, "dev", "d")
	tests := []struct {
		name string
		tags map[string]string
		want bool
	}{
		{"the platform's own are found", map[string]string{"Environment": "dev", "DR-Role": "primary", "Region": "us-east-1"}, true},
		{"those of the suffix are not: the tag is the stacks' name", map[string]string{"Environment": "d", "DR-Role": "primary"}, false},
		{"another environment's are not", map[string]string{"Environment": "prod", "DR-Role": "primary"}, false},
		{"those of another product with an environment of that name are not", map[string]string{"Environment": "dev"}, false},
		{"a Name tag is a name", map[string]string{"Name": "vpc-primary-d"}, true},
		{"a Name tag of another environment is not ours", map[string]string{"Name": "vpc-primary-b-d"}, false},
		{"no tags are nobody's", nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked := Resource{ID: "x", TagsOf: func(context.Context) (map[string]string, error) { return test.tags, nil }}
			for how, r := range map[string]Resource{"listed": {ID: "x", Tags: test.tags}, "asked for": asked} {
				if got, err := environment.owns(t.Context(), r); err != nil || got != test.want {
					t.Errorf("%s: owns = %t, %v; want %t", how, got, err, test.want)
				}
			}
		})
	}
}

func TestOwns(t *testing.T) {
	t.Run("tags are not asked for where the name suffices", func(t *testing.T) {
		environment := newEnvironment(t, "dev", "dev")
		named := Resource{ID: "x", Names: []string{"topic-notices-primary-dev"}, TagsOf: func(context.Context) (map[string]string, error) {
			t.Error("the tags are asked for")
			return nil, errNoAnswer
		}}
		if got, err := environment.owns(t.Context(), named); err != nil || !got {
			t.Errorf("owns = %t, %v; want true", got, err)
		}
	})
}

func TestNewEnvironment(t *testing.T) {
	t.Run("an environment without a name or a valid suffix is refused", func(t *testing.T) {
		for name, test := range map[string][2]string{"no name": {"", "dev"}, "no suffix": {"dev", ""}, "a suffix in upper case": {"dev", "Dev"}} {
			if _, err := NewEnvironment(test[0], test[1]); err == nil {
				t.Errorf("%s is taken", name)
			}
		}
	})
}

func FuzzNamesOfTwoEnvironments(f *testing.F) {
	f.Add("a", "b-a")
	f.Add("a", "primary-a")
	f.Add("a", "a-a")
	f.Add("1", "1-1")
	f.Fuzz(func(t *testing.T, own, other string) {
		environment, err := NewEnvironment("stacks", own)
		if err != nil || own == other {
			return
		}
		if _, err := naming.New(other); err != nil {
			return
		}
		for what, form := range owned {
			if name := withSuffix(form, own); !environment.ownsName(name) {
				t.Errorf("%s: %q is not found to be %s's", what, name, own)
			}
			if name := withSuffix(form, other); environment.ownsName(name) {
				t.Errorf("%s: %q is found to be %s's, and is %s's", what, name, own, other)
			}
		}
	})
}
