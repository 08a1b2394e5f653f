package region

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
)

const zonesFunction = "aws:index/getAvailabilityZones:getAvailabilityZones"

// withPair runs use with the pair of an environment, whose arguments change changes.
func withPair(
	t *testing.T, change func(*PairArgs), use func(*pulumi.Context, Pair) error, opts ...pulumitest.Option,
) (*pulumitest.Recording, error) {
	t.Helper()
	namer, err := naming.New("blue")
	if err != nil {
		t.Fatal(err)
	}
	args := PairArgs{Environment: "dev", Namer: namer, Primary: "us-east-1", Standby: "us-west-2"}
	change(&args)
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := NewPair(ctx, args)
		if err != nil {
			return err
		}
		return use(ctx, pair)
	}, opts...)
}

func unchanged(*PairArgs) {}

func noop(*pulumi.Context, Pair) error { return nil }

// A pair is two providers with the required tags, and nothing else.
func TestNewPair(t *testing.T) {
	recording, err := withPair(t, unchanged, noop)
	if err != nil {
		t.Fatal(err)
	}
	homes := map[string]string{"aws-primary": "us-east-1", "aws-secondary": "us-west-2"}
	pulumitest.Check(t, recording, pulumitest.Rules{
		Suffix: "blue",
		Roles:  map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
		Home:   func(name string) string { return homes[name] },
	})
	if len(recording.Resources) != len(homes) {
		t.Errorf("%d resources were registered, want the two providers", len(recording.Resources))
	}
	for _, made := range recording.Resources {
		// The SDK's own variables decide the endpoint and the credentials.
		for _, property := range []string{"endpoints", "accessKey", "profile", "allowedAccountIds"} {
			if value := made.Input(property); value != nil {
				t.Errorf("provider %s sets %s to %v, want nothing", made.Name, property, value)
			}
		}
	}
}

// A stack of one region must deploy while the other is lost: it builds one provider and calls no other region.
func TestNew(t *testing.T) {
	namer, err := naming.New("blue")
	if err != nil {
		t.Fatal(err)
	}
	recording := pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		west, err := New(ctx, Args{
			Environment: "dev", Namer: namer, Name: "us-west-2", Role: naming.Secondary, AllowedAccountIDs: []string{pulumitest.Account},
		})
		if err != nil {
			return err
		}
		if west.Account != pulumitest.Account || west.Name != "us-west-2" || west.Role != naming.Secondary {
			t.Errorf("the region is %+v", west)
		}
		return nil
	})
	if made := recording.Resources; len(made) != 1 || made[0].Name != "aws-secondary" || made[0].Text("region") != "us-west-2" {
		t.Errorf("the resources are %+v, want the one provider of us-west-2", made)
	}
	if len(recording.Calls) == 0 {
		t.Error("the region was not asked for its account")
	}
	for _, call := range recording.Calls {
		if call.Region != "us-west-2" {
			t.Errorf("%s was asked of %q, want us-west-2", call.Token, call.Region)
		}
	}
}

// The allowed accounts are both providers'.
func TestAllowedAccountIDs(t *testing.T) {
	allowed := []string{"111122223333", "444455556666"}
	recording, err := withPair(t, func(args *PairArgs) { args.AllowedAccountIDs = allowed }, noop)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"aws-primary", "aws-secondary"} {
		got := fmt.Sprint(recording.Get(t, "pulumi:providers:aws", name).Input("allowedAccountIds"))
		if want := fmt.Sprint(allowed); got != want {
			t.Errorf("provider %s allows %s, want %s", name, got, want)
		}
	}
}

// A region has its account, partition and names of services.
func TestRegion(t *testing.T) {
	_, err := withPair(t, unchanged, func(_ *pulumi.Context, pair Pair) error {
		east, west := pair.Primary, pair.Standby
		for _, test := range []struct{ what, got, want string }{
			{"the primary's name", east.Name, "us-east-1"},
			{"the standby's name", west.Name, "us-west-2"},
			{"the primary's role", string(east.Role), "primary"},
			{"the standby's role", string(west.Role), "secondary"},
			{"the account", west.Account, pulumitest.Account},
			{"the partition", west.Partition, "aws-us-gov"},
			{"the prefix of services", west.ServicePrefix, "gov.example"},
			{"an ARN of the primary", east.ARN("logs", "log-group:a"), "arn:aws-us-gov:logs:us-east-1:111122223333:log-group:a"},
			{"an ARN of the standby", west.ARN("ec2", "vpc-flow-log/*"), "arn:aws-us-gov:ec2:us-west-2:111122223333:vpc-flow-log/*"},
			{"the account's principal", east.RootARN(), "arn:aws-us-gov:iam::111122223333:root"},
		} {
			if test.got != test.want {
				t.Errorf("%s is %q, want %q", test.what, test.got, test.want)
			}
		}
		return nil
	}, pulumitest.Partition("aws-us-gov", "gov.example"))
	if err != nil {
		t.Fatal(err)
	}
}

func TestNamed(t *testing.T) {
	_, err := withPair(t, unchanged, func(_ *pulumi.Context, pair Pair) error {
		for _, test := range []struct {
			name    string
			in      Region
			kind    naming.Kind
			purpose string
			details []string
			want    string // noop: refused
		}{
			{"a purpose stands before the role", pair.Primary, naming.IAMRole, "flowlogs", nil, "role-flowlogs-primary-blue"},
			{"without a purpose the role is the purpose", pair.Standby, naming.VPC, "", nil, "vpc-secondary-blue"},
			{"details follow the role", pair.Standby, naming.Subnet, "", []string{"private", "1"}, "subnet-secondary-private-1-blue"},
			{"purpose, role and details keep that order", pair.Primary, naming.LogGroup, "vpc", []string{"a"}, "logs-vpc-primary-a-blue"},
			{"a purpose outside the grammar is refused", pair.Primary, naming.VPC, "My VPC", nil, ""},
		} {
			t.Run(test.name, func(t *testing.T) {
				got, err := test.in.Named(test.kind, test.purpose, test.details...)
				if got != test.want || (err != nil) != (test.want == "") {
					t.Errorf("Named = %q, %v; want %q", got, err, test.want)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A pair names what both regions share.
func TestPairNames(t *testing.T) {
	_, err := withPair(t, unchanged, func(_ *pulumi.Context, pair Pair) error {
		got, err := pair.Named(naming.Secret, "database", "a")
		if want := "secret-database-a-blue"; got != want || err != nil {
			t.Errorf("Named = %q, %v; want %q", got, err, want)
		}
		path, err := pair.Path("database", "port")
		if want := "/warmstandby/blue/database/port"; path != want || err != nil {
			t.Errorf("Path = %q, %v; want %q", path, err, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestZones(t *testing.T) {
	const east, west = "us-east-1", "us-west-2"
	// account is the zones of an account, a name and an id each.
	type account []string
	six := account{
		"us-east-1c", "use1-az1", "us-east-1a", "use1-az3", "us-east-1f", "use1-az2", "us-east-1b", "use1-az4", "us-east-1e", "use1-az5",
		"us-east-1d", "use1-az6",
	}
	four := account{"us-west-2d", "usw2-az4", "us-west-2c", "usw2-az2", "us-west-2a", "usw2-az3", "us-west-2b", "usw2-az1"}
	tests := []struct {
		name, region string
		account      account
		wanted       []string // ids
		want         []string // names
		wantErr      string
	}{
		{name: "the first three by id are taken, whatever their names", region: west, account: four,
			want: []string{"us-west-2b", "us-west-2c", "us-west-2a"}},
		{name: "a zone that lacks services is left out, whatever its name", region: east, account: six,
			want: []string{"us-east-1c", "us-east-1f", "us-east-1b"}},
		{name: "the tenth zone comes after the ninth", region: west,
			account: account{"us-west-2a", "usw2-az10", "us-west-2b", "usw2-az9", "us-west-2c", "usw2-az8", "us-west-2d", "usw2-az7"},
			want:    []string{"us-west-2d", "us-west-2c", "us-west-2b"}},
		{name: "zones that are set are taken in their order", region: west, account: four, wanted: []string{"usw2-az4", "usw2-az1", "usw2-az2"},
			want: []string{"us-west-2d", "us-west-2b", "us-west-2c"}},
		{name: "a zone that is set is taken though it lacks services", region: east, account: six,
			wanted: []string{"use1-az1", "use1-az2", "use1-az3"}, want: []string{"us-east-1c", "us-east-1f", "us-east-1a"}},
		{name: "a zone that the account lacks is refused", region: west, account: four, wanted: []string{"usw2-az1", "usw2-az2", "use1-az4"},
			wantErr: "availability zone use1-az4 of us-west-2: the account has usw2-az1, usw2-az2, usw2-az3, usw2-az4"},
		{name: "fewer zones than are needed are refused", region: west, account: four, wanted: []string{"usw2-az1"}, wantErr: "1 are set"},
		{name: "too few are refused", region: west, account: four[:4],
			wantErr: "choosing 3 availability zones of us-west-2: the account has usw2-az2, usw2-az4, of which 2 lack no service"},
		{name: "three of which one lacks services are too few", region: east, account: six[:6],
			wantErr: "the account has use1-az1, use1-az2, use1-az3, of which 2 lack no service"},
		{name: "none are refused", region: west, wantErr: "the account has none, of which 0 lack no service"},
		{name: "an answer without ids is refused", region: west, account: account{"us-west-2a"},
			wantErr: "listing the availability zones of us-west-2: AWS has answered another number of ids than of names"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			recording, err := withPair(t, unchanged, func(ctx *pulumi.Context, pair Pair) (err error) {
				in := pair.Primary
				if test.region == west {
					in = pair.Standby
				}
				got, err = in.Zones(ctx, 3, test.wanted)
				return err
			}, pulumitest.Answer(zonesFunction, func(string, resource.PropertyMap) (resource.PropertyMap, error) {
				names, ids := []any{}, []any{}
				for i, text := range test.account {
					if i%2 == 0 {
						names = append(names, text)
					} else {
						ids = append(ids, text)
					}
				}
				return resource.NewPropertyMapFromMap(map[string]any{"id": "z", "names": names, "zoneIds": ids}), nil
			}))
			if !slices.Equal(got, test.want) {
				t.Errorf("the zones are %q, want %q", got, test.want)
			}
			if (err != nil) != (test.wantErr != "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("the error is %v, want %q", err, test.wantErr)
			}
			checkZonesCall(t, recording, test.region)
		})
	}
}

// checkZonesCall checks that there was one lookup of zones, in the region, that leaves out Local Zones, Wavelength Zones and
// impaired zones.
func checkZonesCall(t *testing.T, recording *pulumitest.Recording, region string) {
	t.Helper()
	var calls []pulumitest.Call
	for _, call := range recording.Calls {
		if call.Token == zonesFunction {
			calls = append(calls, call)
		}
	}
	want := map[string]any{"state": "available", "filters": []any{
		map[string]any{"name": "opt-in-status", "values": []any{"opt-in-not-required"}},
	}}
	if len(calls) != 1 || calls[0].Region != region || !reflect.DeepEqual(calls[0].Args.Mappable(), want) {
		t.Errorf("the questions for zones are %+v, want one to %s of %v", calls, region, want)
	}
}

// An account that cannot be looked up is an error of both regions.
func TestAccountLookupFails(t *testing.T) {
	_, err := withPair(t, unchanged, noop, pulumitest.Answer(
		"aws:index/getPartition:getPartition", func(string, resource.PropertyMap) (resource.PropertyMap, error) {
			return nil, errors.New("denied")
		}))
	for _, name := range []string{"us-east-1", "us-west-2"} {
		if err == nil || !strings.Contains(err.Error(), "asking "+name+" for the partition") {
			t.Errorf("the error is %v, want one that names %s", err, name)
		}
	}
}

// In another partition the names of services end otherwise, which policies here do not know. The error comes once, before any
// resource but the provider.
func TestPartitionOfOtherNames(t *testing.T) {
	for _, test := range []struct{ name, region, partition, suffix string }{
		{"China's regions are refused", "cn-north-1", "aws-cn", "amazonaws.com.cn"},
		{"the European Sovereign Cloud is refused", "eusc-de-east-1", "aws-eusc", "amazonaws.eu"},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording, err := withPair(t, func(args *PairArgs) { args.Primary = test.region }, noop, pulumitest.Answer(
				"aws:index/getPartition:getPartition", func(string, resource.PropertyMap) (resource.PropertyMap, error) {
					return resource.NewPropertyMapFromMap(map[string]any{
						"id": test.partition, "partition": test.partition, "reverseDnsPrefix": "cn.com.amazonaws", "dnsSuffix": test.suffix,
					}), nil
				}))
			if !errors.Is(err, ErrPartition) || strings.Count(err.Error(), ErrPartition.Error()) != 1 {
				t.Fatalf("the error is %v, want one that the partition is not supported", err)
			}
			for _, part := range []string{test.region, test.partition, test.suffix, "under amazonaws.com, such as us-east-1"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %q, without %q", err, part)
				}
			}
			if made := recording.Resources; len(made) != 1 {
				t.Errorf("%d resources were registered, want the primary's provider alone", len(made))
			}
		})
	}
}

// Appending to the caller's slice would overwrite options of the next resource that is built from it.
func TestOptionsAreCopied(t *testing.T) {
	_, err := withPair(t, unchanged, func(_ *pulumi.Context, pair Pair) error {
		given := append(make([]pulumi.ResourceOption, 0, 8), pulumi.Protect(true))
		for name, made := range map[string][]pulumi.ResourceOption{
			"Child":     pair.Primary.Child(&pulumi.ResourceState{}, given...),
			"Durable":   pair.Primary.Durable(&pulumi.ResourceState{}, true, given...),
			"Component": pair.Primary.Component(given...),
		} {
			_ = append(made, pulumi.Protect(false))
			if spare := given[:cap(given)][len(given):]; slices.ContainsFunc(spare, func(o pulumi.ResourceOption) bool { return o != nil }) {
				t.Errorf("%s writes behind the caller's options", name)
			}
			made[len(made)-1] = nil
			if given[0] == nil {
				t.Errorf("%s hands out the caller's own slice", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A durable resource is protected with protection alone.
func TestDurable(t *testing.T) {
	for _, protection := range []bool{false, true} {
		recording, err := withPair(t, unchanged, func(ctx *pulumi.Context, pair Pair) error {
			component := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource("test:index:Part", "part", component); err != nil {
				return err
			}
			made := &pulumi.CustomResourceState{}
			return ctx.RegisterResource("aws:kms/key:Key", "key", nil, made,
				pair.Standby.Durable(component, protection, pulumi.RetainOnDelete(true))...)
		})
		if err != nil {
			t.Fatal(err)
		}
		made := recording.Get(t, "aws:kms/key:Key", "key")
		if made.Request.GetProtect() != protection || !made.Request.GetRetainOnDelete() || recording.Region(made) != "us-west-2" {
			t.Errorf("with protection %t the key is protected %t, with its own option %t, in %s",
				protection, made.Request.GetProtect(), made.Request.GetRetainOnDelete(), recording.Region(made))
		}
	}
}

// Child and Component pass the region's provider on.
func TestChildAndComponent(t *testing.T) {
	recording, err := withPair(t, unchanged, func(ctx *pulumi.Context, pair Pair) error {
		for _, region := range []Region{pair.Primary, pair.Standby} {
			component := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource("test:index:Part", region.Name, component, region.Component()...); err != nil {
				return err
			}
			inherited := &pulumi.CustomResourceState{}
			if err := ctx.RegisterResource("aws:ec2/route:Route", "inherited-"+region.Name, nil, inherited, pulumi.Parent(component)); err != nil {
				return err
			}
			bare := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource("test:index:Bare", region.Name, bare); err != nil {
				return err
			}
			given := &pulumi.CustomResourceState{}
			if err := ctx.RegisterResource("aws:ec2/route:Route", "given-"+region.Name, nil, given,
				region.Child(bare, pulumi.Protect(true))...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"us-east-1", "us-west-2"} {
		inherited := recording.Get(t, "aws:ec2/route:Route", "inherited-"+name)
		given := recording.Get(t, "aws:ec2/route:Route", "given-"+name)
		if got := recording.Region(inherited); got != name {
			t.Errorf("a child of a component of %s is made in %q", name, got)
		}
		if got := recording.Region(given); got != name {
			t.Errorf("a child of %s is made in %q", name, got)
		}
		if parent := given.Request.GetParent(); !strings.HasSuffix(parent, "::test:index:Bare::"+name) || !given.Request.GetProtect() {
			t.Errorf("a child of %s lies in %q, protected %t; want its parent, and the option that was given",
				name, parent, given.Request.GetProtect())
		}
	}
}
