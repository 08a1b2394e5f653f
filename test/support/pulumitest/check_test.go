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

func TestCheckFindsEachOffender(t *testing.T) {
	with := func(key string, value pulumi.Input) pulumi.Map {
		props := group()
		props[key] = value
		return props
	}
	tests := []struct {
		name  string
		says  string // nothing: the world is in order
		build func(*world) error
	}{
		{"a world in order has no fault", "", func(*world) error { return nil }},
		{"a provider of the other region is found", `r: is made by the provider of "us-west-2", belongs to us-east-1`, func(w *world) error {
			return w.add(routeType, "r", nil, pulumi.Provider(w.providers["west"]))
		}},
		{"a resource without a provider is found", `r: is made by the provider of "", belongs to us-east-1`, func(w *world) error {
			bare := &pulumi.ResourceState{}
			if err := w.ctx.RegisterComponentResource("test:index:Bare", "east", bare); err != nil {
				return err
			}
			return w.ctx.RegisterResource(routeType, "r", nil, &pulumi.CustomResourceState{}, pulumi.Parent(bare))
		}},
		{"a name without a region is found", "r: neither its name nor an ancestor", func(w *world) error {
			nowhere := &pulumi.ResourceState{}
			if err := w.ctx.RegisterComponentResource("test:index:Part", "nowhere", nowhere); err != nil {
				return err
			}
			return w.add(routeType, "r", nil, pulumi.Parent(nowhere))
		}},
		{"a resource that is a child of the stack is found", "east: is a child of the stack", func(w *world) error {
			return w.ctx.RegisterResource(routeType, "east", nil, &pulumi.CustomResourceState{}, pulumi.Provider(w.providers["east"]))
		}},
		{"what descends from a resource and not from a component is found", "child: descends from east, which is no component", func(w *world) error {
			top := &pulumi.CustomResourceState{}
			if err := w.ctx.RegisterResource(routeType, "east", nil, top, pulumi.Provider(w.providers["east"])); err != nil {
				return err
			}
			return w.add(routeType, "child", nil, pulumi.Parent(top))
		}},
		{"a provider inside a component is found", "tagless: a provider must be a child of the stack", func(w *world) error {
			return w.provide("tagless", "us-east-1", tags("dev", "us-east-1", "primary"), pulumi.Parent(w.component))
		}},
		{"a provider that lacks a tag is found", "tagless: has the default tags map[Environment:dev]", func(w *world) error {
			return w.provide("tagless", "us-east-1", pulumi.StringMap{"Environment": pulumi.String("dev")})
		}},
		{"a provider with the other role is found", "tagless: has the default tags", func(w *world) error {
			return w.provide("tagless", "us-east-1", tags("dev", "us-east-1", "secondary"))
		}},
		{"a provider of another region than its name says is found", `tagless: is of region "us-west-2"`, func(w *world) error {
			return w.provide("tagless", "us-west-2", tags("dev", "us-east-1", "primary"))
		}},
		{"a required tag of a resource's own is found", "g: sets the tag DR-Role", func(w *world) error {
			return w.add(groupType, "g", with("tags", pulumi.StringMap{
				"Name": pulumi.String("secgroup-a-primary-dev"), "DR-Role": pulumi.String("none"),
			}))
		}},
		{"a name without the suffix is found", `g: has the name "secgroup-a", want secgroup-{purpose}-dev`, func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("secgroup-a")))
		}},
		{"a name with another prefix is found", `g: has the name "sg-a-dev"`, func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("sg-a-dev")))
		}},
		{"a name that the sweep would take for another environment's is found", `g: has the name "secgroup-a-blue-dev", which the sweep`, func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("secgroup-a-blue-dev")))
		}},
		{"a Name tag that is missing is found", `g: has the tags.Name ""`, func(w *world) error {
			return w.add(groupType, "g", with("tags", pulumi.StringMap{}))
		}},
		{"a name over the limit is found", "g: has a name of 256 characters, the limit is 255", func(w *world) error {
			return w.add(groupType, "g", with("name", pulumi.String("secgroup-"+strings.Repeat("a", 235)+"-primary-dev")))
		}},
		{"a name of a type that the table lacks is found", `r: has the name "route-a-dev", but its type is not in the table`, func(w *world) error {
			return w.add(routeType, "r", pulumi.Map{"name": pulumi.String("route-a-dev")})
		}},
		{"a record's name is one of DNS, and passes", "", func(w *world) error {
			return w.add("aws:route53/record:Record", "r", pulumi.Map{"name": pulumi.String("app.example.org")})
		}},
		{"a type that no table of the invariants knows is found", "r: say in test/support/invariant how a aws:efs/fileSystem:FileSystem is named", func(w *world) error {
			return w.add("aws:efs/fileSystem:FileSystem", "r", nil)
		}},
		{"a log group without a key is found", "l: has kmsKeyId <nil>, want the ARN of a KMS key", func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-dev"), "skipDestroy": pulumi.Bool(false)})
		}},
		{"a parameter below the environment's path passes", "", func(w *world) error {
			return w.add(parameterType, "p", pulumi.Map{"name": pulumi.String("/warmstandby/dev/port")})
		}},
		{"a parameter of another environment is found", `p: has the name "/warmstandby/devil/port", want a path below /warmstandby/dev/`, func(w *world) error {
			return w.add(parameterType, "p", pulumi.Map{"name": pulumi.String("/warmstandby/devil/port")})
		}},
		{"a log group that is called after something of the environment passes", "", func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("/aws/rds/cluster/aurora-a-primary-dev/postgresql"), "skipDestroy": pulumi.Bool(false), "kmsKeyId": pulumi.String("key")})
		}},
		{"a log group that is called after something else is found", `l: has the name "/aws/rds/cluster/aurora-a-primary-devil/postgresql", want an element`, func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("/aws/rds/cluster/aurora-a-primary-devil/postgresql"), "skipDestroy": pulumi.Bool(false)})
		}},
		{"a description that EC2 refuses is found", "g: has the description", func(w *world) error {
			return w.add(groupType, "g", with("description", pulumi.String("the function's")))
		}},
		{"a logical name that is used twice is found", "secgroup-a-primary-dev: the logical name is not the only one", func(w *world) error {
			other := &pulumi.ResourceState{}
			if err := w.ctx.RegisterComponentResource("test:index:Other", "east", other); err != nil {
				return err
			}
			return w.add(groupType, "secgroup-a-primary-dev", group(), pulumi.Parent(other))
		}},
		{"a protected resource that nothing is lost with is found", "r: is protected, and is not among the durable types", func(w *world) error {
			return w.add(routeType, "r", nil, pulumi.Protect(true))
		}},
		{"a durable resource that is protected without protection is found", "k: is protected without protection", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(7)}, pulumi.Protect(true))
		}},
		{"a retained resource is found", "r: is retained", func(w *world) error {
			return w.add(routeType, "r", nil, pulumi.RetainOnDelete(true))
		}},
		{"a guard that is on is found", "l: has skipDestroy true, want false", func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-primary-dev"), "skipDestroy": pulumi.Bool(true)})
		}},
		{"each guard of a type that has several is held", "c: has skipFinalSnapshot false, want true", func(w *world) error {
			return w.add("aws:rds/cluster:Cluster", "c", pulumi.Map{
				"clusterIdentifier": pulumi.String("aurora-a-primary-dev"), "deletionProtection": pulumi.Bool(false),
				"skipFinalSnapshot": pulumi.Bool(false), "deleteAutomatedBackups": pulumi.Bool(true),
			})
		}},
		{"a guard that is not said is found", "l: has skipDestroy <nil>, want false", func(w *world) error {
			return w.add(logsType, "l", pulumi.Map{"name": pulumi.String("logs-a-primary-dev")})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := faults(Run(t, "project", "dev", nil, build(test.build)), testRules)
			if test.says == "" {
				if len(found) > 0 {
					t.Errorf("the faults are %q, want none", found)
				}
				return
			}
			if all := strings.Join(found, "\n"); !strings.Contains(all, test.says) {
				t.Errorf("the faults are %q, want one that says %q", all, test.says)
			}
		})
	}
}

func TestCheckReportsAllOffendersAtOnce(t *testing.T) {
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

func TestCheckWithProtection(t *testing.T) {
	protected := testRules
	protected.Protection = true
	tests := []struct {
		name, says string
		build      func(*world) error
	}{
		{"a durable resource that is guarded and protected passes", "", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(true))
		}},
		{"a guard that is off is found", "k: has deletionWindowInDays 7, want 30 with protection true", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(7)}, pulumi.Protect(true))
		}},
		{"a durable resource that is not protected is found", "k: holds all that it encrypts and is not protected", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)})
		}},
		{"a durable resource whose protection is off is found", "k: holds all that it encrypts and is not protected", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(false))
		}},
		{"a resource that an update may replace is not protected", "", func(w *world) error {
			return w.add(routeType, "r", nil)
		}},
		{"a resource that an update may replace is found when it is protected", "r: is protected, and is not among the durable types", func(w *world) error {
			return w.add(routeType, "r", nil, pulumi.Protect(true))
		}},
		{"a resource that is retained is found", "k: is retained", func(w *world) error {
			return w.add(keyType, "k", pulumi.Map{"deletionWindowInDays": pulumi.Int(30)}, pulumi.Protect(true), pulumi.RetainOnDelete(true))
		}},
		{"a child that inherits protection is found", "r: is protected, and is not among the durable types", func(w *world) error {
			component := &pulumi.ResourceState{}
			if err := w.ctx.RegisterComponentResource("test:index:Guarded", "east-guarded", component, pulumi.Protect(true), pulumi.Parent(w.component)); err != nil {
				return err
			}
			return w.add(routeType, "r", nil, pulumi.Parent(component))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := strings.Join(faults(Run(t, "project", "dev", nil, build(test.build)), protected), "\n")
			if test.says == "" && found != "" || !strings.Contains(found, test.says) {
				t.Errorf("the faults are %q, want %q", found, test.says)
			}
		})
	}
}

func TestADestroyIsRefusedByWhatIsProtected(t *testing.T) {
	for _, test := range []struct {
		name      string
		protected bool
		by        []string
		fails     bool
	}{
		{"what is wanted passes", true, []string{keyType}, false},
		{"another type fails", true, []string{logsType}, true},
		{"a type too many fails", true, []string{logsType, keyType}, true},
		{"a type too few fails", true, nil, true},
		{"nothing protected fails", false, []string{keyType}, true},
		{"nothing protected fails though nothing is wanted", false, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
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

// These guards keep a resource when its stack is destroyed, under the name that the next deployment gives.
func TestWhatADestroyKeepsIsAdoptedByTheNextDeployment(t *testing.T) {
	for token, row := range durable {
		keeps := slices.ContainsFunc(row.guards, func(g guard) bool { return g.property == "skipDestroy" || g.property == "recoveryWindowInDays" })
		if adopted := (&staterepair.AWS{}).Keeps(token); adopted != keeps {
			t.Errorf("a destroy keeps %s: %t, and the next deployment looks for it: %t (shared/staterepair/kept.go)", token, keeps, adopted)
		}
	}
}

// silent is a test that notes whether it failed, and says nothing.
type silent struct {
	testing.TB
	failed bool
}

func (s *silent) Errorf(string, ...any) { s.failed = true }
