package pulumitest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/staterepair"
)

const (
	groupType = "aws:ec2/securityGroup:SecurityGroup"
	logsType  = "aws:cloudwatch/logGroup:LogGroup"
	routeType = "aws:ec2/route:Route"
	keyType   = "aws:kms/key:Key"

	parameterType = "aws:ssm/parameter:Parameter"
)

// world is a small stack that keeps every rule: two providers and, below a component, a security group. A test changes one
// thing in it, or adds one.
type world struct {
	ctx       *pulumi.Context
	providers map[string]*provider
	component *pulumi.ResourceState
}

type provider struct{ pulumi.ProviderResourceState }

func (w *world) provide(name, region string, tags pulumi.StringMap, opts ...pulumi.ResourceOption) error {
	made := &provider{}
	w.providers[name] = made
	return w.ctx.RegisterResource(providerType, name, pulumi.Map{
		"region": pulumi.String(region), "defaultTags": pulumi.Map{"tags": tags},
	}, made, opts...)
}

func (w *world) add(token, name string, props pulumi.Map, opts ...pulumi.ResourceOption) error {
	opts = append([]pulumi.ResourceOption{pulumi.Parent(w.component), pulumi.Provider(w.providers["east"])}, opts...)
	return w.ctx.RegisterResource(token, name, props, &pulumi.CustomResourceState{}, opts...)
}

func tags(environment, region, role string) pulumi.StringMap {
	return pulumi.StringMap{
		"Environment": pulumi.String(environment), "Region": pulumi.String(region), "DR-Role": pulumi.String(role),
	}
}

func group() pulumi.Map {
	return pulumi.Map{
		"name": pulumi.String("secgroup-a-primary-dev"), "description": pulumi.String("A group"),
		"tags": pulumi.StringMap{"Name": pulumi.String("secgroup-a-primary-dev")},
	}
}

// build registers the world and then what the test adds.
func build(change func(*world) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		w := &world{ctx: ctx, providers: map[string]*provider{}, component: &pulumi.ResourceState{}}
		if err := w.provide("east", "us-east-1", tags("dev", "us-east-1", "primary")); err != nil {
			return err
		}
		if err := w.provide("west", "us-west-2", tags("dev", "us-west-2", "secondary")); err != nil {
			return err
		}
		if err := ctx.RegisterComponentResource("test:index:Part", "east", w.component); err != nil {
			return err
		}
		if err := w.add(groupType, "secgroup-a-primary-dev", group()); err != nil {
			return err
		}
		return change(w)
	}
}

var testRules = Rules{
	Suffix: "dev",
	Roles:  map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
	Home: func(name string) string {
		return map[string]string{"east": "us-east-1", "west": "us-west-2", "tagless": "us-east-1"}[name]
	},
}

func TestCheck(t *testing.T) {
	with := func(key string, value pulumi.Input) pulumi.Map {
		props := group()
		props[key] = value
		return props
	}
	tests := []struct {
		name  string
		want  string // part of a fault; nothing: there is none
		build func(*world) error
	}{
		{name: "a world in order has no fault", build: func(*world) error { return nil }},
		{
			name: "a provider of the other region is found",
			want: `r: is made by the provider of "us-west-2", belongs to us-east-1`,
			build: func(w *world) error {
				return w.add(routeType, "r", nil, pulumi.Provider(w.providers["west"]))
			},
		},
		{
			name: "a resource without a provider is found",
			want: `r: is made by the provider of "", belongs to us-east-1`,
			build: func(w *world) error {
				bare := &pulumi.ResourceState{}
				if err := w.ctx.RegisterComponentResource("test:index:Bare", "east", bare); err != nil {
					return err
				}
				return w.ctx.RegisterResource(routeType, "r", nil, &pulumi.CustomResourceState{}, pulumi.Parent(bare))
			},
		},
		{name: "a name without a region is found", want: "r: neither its name nor an ancestor", build: func(w *world) error {
			nowhere := &pulumi.ResourceState{}
			if err := w.ctx.RegisterComponentResource("test:index:Part", "nowhere", nowhere); err != nil {
				return err
			}
			return w.add(routeType, "r", nil, pulumi.Parent(nowhere))
		}},
		{name: "a resource that is a child of the stack is found", want: "east: is a child of the stack", build: func(w *world) error {
			return w.ctx.RegisterResource(routeType, "east", nil, &pulumi.CustomResourceState{}, pulumi.Provider(w.providers["east"]))
		}},
		{
			name: "a resource that descends from a resource and not from a component is found",
			want: "child: descends from east, which is no component",
			build: func(w *world) error {
				top := &pulumi.CustomResourceState{}
				if err := w.ctx.RegisterResource(routeType, "east", nil, top, pulumi.Provider(w.providers["east"])); err != nil {
					return err
				}
				return w.add(routeType, "child", nil, pulumi.Parent(top))
			},
		},
		{name: "a provider inside a component is found", want: "tagless: a provider must be a child of the stack", build: func(w *world) error {
			return w.provide("tagless", "us-east-1", tags("dev", "us-east-1", "primary"), pulumi.Parent(w.component))
		}},
		{name: "a provider that lacks a tag is found", want: "tagless: has the default tags map[Environment:dev]", build: func(w *world) error {
			return w.provide("tagless", "us-east-1", pulumi.StringMap{"Environment": pulumi.String("dev")})
		}},
		{name: "a provider with the other role is found", want: "tagless: has the default tags", build: func(w *world) error {
			return w.provide("tagless", "us-east-1", tags("dev", "us-east-1", "secondary"))
		}},
		{
			name: "a provider of another region than its name's is found",
			want: `tagless: is of region "us-west-2"`,
			build: func(w *world) error {
				return w.provide("tagless", "us-west-2", tags("dev", "us-east-1", "primary"))
			},
		},
		{name: "a required tag of a resource's own is found", want: "g: sets the tag DR-Role", build: func(w *world) error {
			return w.add(groupType, "g", with("tags", pulumi.StringMap{
				"Name": pulumi.String("secgroup-a-primary-dev"), "DR-Role": pulumi.String("none"),
			}))
		}},
		{
			name: "a name without the suffix is found",
			want: `g: has the name "secgroup-a", want secgroup-{purpose}-dev`,
			build: func(w *world) error {
				return w.add(groupType, "g", with("name", pulumi.String("secgroup-a")))
			},
		},
		{name: "a name with another prefix is found", want: `g: has the name "sg-a-dev"`, build: func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("sg-a-dev")))
		}},
		{
			name: "a name that the sweep would take for another environment's is found",
			want: `g: has the name "secgroup-a-blue-dev", from which the sweep`,
			build: func(w *world) error {
				return w.add(groupType, "g", with("name", pulumi.String("secgroup-a-blue-dev")))
			},
		},
		{name: "a Name tag that is missing is found", want: `g: has the tags.Name ""`, build: func(w *world) error {
			return w.add(groupType, "g", with("tags", pulumi.StringMap{}))
		}},
		{name: "a name over the limit is found", want: "g: has a name of 256 characters, the limit is 255", build: func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("secgroup-"+strings.Repeat("a", 235)+"-primary-dev")))
		}},
		{
			name: "a name of a type without names is found",
			want: `r: has the name "route-a-dev", but its type is not in the table`,
			build: func(w *world) error {
				return w.add(routeType, "r", pulumi.Map{"name": pulumi.String("route-a-dev")})
			},
		},
		{name: "a record's name is one of DNS, and passes", build: func(w *world) error {
			return w.add("aws:route53/record:Record", "r", pulumi.Map{"name": pulumi.String("app.example.org")})
		}},
		{
			name: "a type that no table of the invariants knows is found",
			want: "r: add a row for aws:efs/fileSystem:FileSystem to Types",
			build: func(w *world) error {
				return w.add("aws:efs/fileSystem:FileSystem", "r", nil)
			},
		},
		{name: "a log group without a key is found", want: "l: has kmsKeyId <nil>, want the ARN of a KMS key", build: func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-dev"), "skipDestroy": pulumi.Bool(false)})
		}},
		{name: "a parameter below the environment's path passes", build: func(w *world) error {
			return w.add(parameterType, "p", pulumi.Map{"name": pulumi.String("/warmstandby/dev/port")})
		}},
		{
			name: "a parameter of another environment is found",
			want: `p: has the name "/warmstandby/devil/port", want a path that begins with /warmstandby/dev/`,
			build: func(w *world) error {
				return w.add(parameterType, "p", pulumi.Map{"name": pulumi.String("/warmstandby/devil/port")})
			},
		},
		{name: "a log group that is called after something of the environment passes", build: func(w *world) error {
			return w.add(
				logsType,
				"l",
				pulumi.Map{
					"name":        pulumi.String("/aws/rds/cluster/aurora-a-primary-dev/postgresql"),
					"skipDestroy": pulumi.Bool(false),
					"kmsKeyId":    pulumi.String("key"),
				},
			)
		}},
		{
			name: "a log group that is called after something else is found",
			want: `l: has the name "/aws/rds/cluster/aurora-a-primary-devil/postgresql", want an element`,
			build: func(w *world) error {
				return w.add(
					logsType,
					"l",
					pulumi.Map{"name": pulumi.String("/aws/rds/cluster/aurora-a-primary-devil/postgresql"), "skipDestroy": pulumi.Bool(false)},
				)
			},
		},
		{name: "a description that EC2 refuses is found", want: "g: has the description", build: func(w *world) error {
			return w.add(groupType, "g", with("description", pulumi.String("the function's")))
		}},
		{
			name: "a logical name that is used twice is found",
			want: "secgroup-a-primary-dev: the logical name is not the only one",
			build: func(w *world) error {
				other := &pulumi.ResourceState{}
				if err := w.ctx.RegisterComponentResource("test:index:Other", "east", other); err != nil {
					return err
				}
				return w.add(groupType, "secgroup-a-primary-dev", group(), pulumi.Parent(other))
			},
		},
		{
			name: "a protected resource that nothing is lost with is found",
			want: "r: is protected, and is not among the durable types",
			build: func(w *world) error {
				return w.add(routeType, "r", nil, pulumi.Protect(true))
			},
		},
		{
			name: "a durable resource that is protected without protection is found",
			want: "k: is protected without protection",
			build: func(w *world) error {
				return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(7)}, pulumi.Protect(true))
			},
		},
		{name: "a retained resource is found", want: "r: is retained", build: func(w *world) error {
			return w.add(routeType, "r", nil, pulumi.RetainOnDelete(true))
		}},
		{name: "a guard that is on is found", want: "l: has skipDestroy true, want false", build: func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-primary-dev"), "skipDestroy": pulumi.Bool(true)})
		}},
		{name: "each guard of a type that has several is held", want: "c: has skipFinalSnapshot false, want true", build: func(w *world) error {
			return w.add("aws:rds/cluster:Cluster", "c", pulumi.Map{
				"clusterIdentifier": pulumi.String("aurora-a-primary-dev"), "deletionProtection": pulumi.Bool(false),
				"skipFinalSnapshot": pulumi.Bool(false), "deleteAutomatedBackups": pulumi.Bool(true),
			})
		}},
		{name: "a guard that is not set is found", want: "l: has skipDestroy <nil>, want false", build: func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-primary-dev")})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := faults(Run(t, "project", "dev", nil, build(test.build)), testRules)
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("the faults are %q, want none", found)
				}
				return
			}
			if all := strings.Join(found, "\n"); !strings.Contains(all, test.want) {
				t.Errorf("the faults are %q, want one that contains %q", all, test.want)
			}
		})
	}
}

func TestCheckAll(t *testing.T) {
	recording := Run(t, "project", "dev", nil, build(func(w *world) error {
		if err := w.add(routeType, "one", nil, pulumi.Protect(true)); err != nil {
			return err
		}
		return w.add(routeType, "two", nil, pulumi.Protect(true))
	}))
	if found := faults(recording, testRules); len(found) != 2 {
		t.Errorf("the faults are %q, want one for each resource", found)
	}
}

func TestCheckProtection(t *testing.T) {
	protected := testRules
	protected.Protection = true
	tests := []struct {
		name, want string
		build      func(*world) error
	}{
		{name: "a durable resource that is guarded and protected passes", build: func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(true))
		}},
		{name: "a guard that is off is found", want: "k: has deletionWindowInDays 7, want 30 with protection true", build: func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(7)}, pulumi.Protect(true))
		}},
		{
			name: "a durable resource that is not protected is found",
			want: "k: holds the access to everything that it encrypts and is not protected",
			build: func(w *world) error {
				return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)})
			},
		},
		{
			name: "a durable resource whose protection is off is found",
			want: "k: holds the access to everything that it encrypts and is not protected",
			build: func(w *world) error {
				return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(false))
			},
		},
		{name: "a resource that an update may replace is not protected", build: func(w *world) error {
			return w.add(routeType, "r", nil)
		}},
		{
			name: "a resource that an update may replace is found when it is protected",
			want: "r: is protected, and is not among the durable types",
			build: func(w *world) error {
				return w.add(routeType, "r", nil, pulumi.Protect(true))
			},
		},
		{name: "a resource that is retained is found", want: "k: is retained", build: func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(true), pulumi.RetainOnDelete(true))
		}},
		{
			name: "a child that inherits protection is found",
			want: "r: is protected, and is not among the durable types",
			build: func(w *world) error {
				component := &pulumi.ResourceState{}
				if err := w.ctx.RegisterComponentResource(
					"test:index:Guarded",
					"east-guarded",
					component,
					pulumi.Protect(true),
					pulumi.Parent(w.component),
				); err != nil {
					return err
				}
				return w.add(routeType, "r", nil, pulumi.Parent(component))
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := strings.Join(faults(Run(t, "project", "dev", nil, build(test.build)), protected), "\n")
			if test.want == "" && found != "" || !strings.Contains(found, test.want) {
				t.Errorf("the faults are %q, want %q", found, test.want)
			}
		})
	}
}

func TestCheckDestroyRefused(t *testing.T) {
	for _, test := range []struct {
		name      string
		protected bool
		by        []string
		fails     bool
	}{
		{name: "the wanted types pass", protected: true, by: []string{keyType}},
		{name: "another type fails", protected: true, by: []string{logsType}, fails: true},
		{name: "a type too many fails", protected: true, by: []string{logsType, keyType}, fails: true},
		{name: "a type too few fails", protected: true, fails: true},
		{name: "nothing protected fails", by: []string{keyType}, fails: true},
		{name: "nothing protected fails though nothing is wanted", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			recording := Run(t, "project", "dev", nil, build(func(w *world) error {
				return w.add(keyType, "k", nil, pulumi.Protect(test.protected))
			}))
			check := &silent{TB: t}
			if CheckDestroyRefused(check, recording, test.by...); check.failed != test.fails {
				t.Errorf("the check fails: %t, want %t", check.failed, test.fails)
			}
		})
	}
}

// These guards keep a resource, with its name, when its stack is destroyed. The next deployment adopts it.
func TestKept(t *testing.T) {
	for token, row := range durable {
		keeps := slices.ContainsFunc(
			row.guards,
			func(g guard) bool { return g.property == "skipDestroy" || g.property == "recoveryWindowInDays" },
		)
		if adopted := (&staterepair.AWS{}).Keeps(token); adopted != keeps {
			t.Errorf("a destroy keeps %s: %t, and the next deployment adopts it: %t (shared/staterepair/kept.go)", token, keeps, adopted)
		}
	}
}

// silent is a test that records whether it failed, and reports nothing.
type silent struct {
	testing.TB
	failed bool
}

func (s *silent) Errorf(string, ...any) { s.failed = true }
