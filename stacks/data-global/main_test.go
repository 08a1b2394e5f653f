package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/pulumitest"
	"warmstandby/shared/settings"
)

const (
	project    = contract.DataGlobalProject
	foundation = "organization/foundation-network/dev"
	east, west = "us-east-1", "us-west-2"

	// generated is the password that Secrets Manager makes up.
	generated = "not-in-plain-text"

	clusterToken   = "aws:rds/cluster:Cluster"
	globalToken    = "aws:rds/globalCluster:GlobalCluster"
	instanceToken  = "aws:rds/clusterInstance:ClusterInstance"
	parameterToken = "aws:ssm/parameter:Parameter"
	secretToken    = "aws:secretsmanager/secret:Secret"
	versionToken   = "aws:secretsmanager/secretVersion:SecretVersion"
)

// network is what foundation-network tells by the contract's keys, but for what changes.
func network(changes map[string]any) resource.PropertyMap {
	told := map[string]any{
		"environmentSuffix": "blue", "profile": "dev", "protection": false, "allowedAccountIds": []any{},
		"listenerPort": 443.0, "peeringConnectionId": "pcx-1", "primaryRegion": east, "standbyRegion": west,
	}
	for key, role := range map[string]string{"primary": "primary", "standby": "secondary"} {
		for _, one := range []string{
			"Cidr", "VpcId", "LoadBalancerSecurityGroupId", "FunctionSecurityGroupId", "DatabaseSecurityGroupId", "EndpointsSecurityGroupId",
		} {
			told[key+one] = one + "-" + role
		}
		for _, tier := range []string{"Public", "Private", "Isolated"} {
			told[key+tier+"SubnetIds"] = []any{tier + "-" + role + "-1", tier + "-" + role + "-2"}
		}
	}
	maps.Copy(told, changes)
	return resource.NewPropertyMapFromMap(told)
}

// deployed deploys the stack dev on a network.
func deployed(t *testing.T, on resource.PropertyMap, config map[string]string, opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	password := func(string, resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{"id": "random", "randomPassword": generated}), nil
	}
	return pulumitest.RunErr(t, project, "dev", config, deploy, append([]pulumitest.Option{
		pulumitest.Stack(foundation, on), pulumitest.Answer("aws:secretsmanager/getRandomPassword:getRandomPassword", password),
	}, opts...)...)
}

// up is deployed for a stack that is in order.
func up(t *testing.T, changes map[string]any, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := deployed(t, network(changes), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// rules are the shared ones for a primary and a standby region.
func rules(suffix, primary, standby string, protection bool) pulumitest.Rules {
	homes := map[string]string{"primary": primary, "secondary": standby, "standby": standby, "master": primary, "globaldb": primary}
	return pulumitest.Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			name, _, _ = strings.Cut(name, "-to-") // A way is at home where it begins.
			for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '/' }) {
				if home, tells := homes[word]; tells {
					return home
				}
			}
			return ""
		},
	}
}

func TestEveryResourceKeepsTheRules(t *testing.T) {
	tests := []struct {
		name    string
		network map[string]any
		rules   pulumitest.Rules
		opts    []pulumitest.Option
	}{
		{"as it ships", nil, rules("blue", east, west, false), nil},
		{"in a preview", nil, rules("blue", east, west, false), []pulumitest.Option{pulumitest.Preview()}},
		{"as the profile of production, still destroyable", map[string]any{"profile": "prod"}, rules("blue", east, west, false), nil},
		{"with protection", map[string]any{"protection": true}, rules("blue", east, west, true), nil},
		{
			"in other regions, with the longest suffix",
			map[string]any{"primaryRegion": "eu-west-1", "standbyRegion": "eu-central-1", "environmentSuffix": "abcdefghijklmno"},
			rules("abcdefghijklmno", "eu-west-1", "eu-central-1", false), nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := map[string]string{"featureSwitches": `{"exports":true}`}
			pulumitest.Check(t, up(t, test.network, config, test.opts...), test.rules)
		})
	}
}

// differences are the only properties that the regions may differ in, by type: what a primary is created with.
var differences = map[string][]string{clusterToken: {"databaseName", "masterPassword", "masterUsername", "sourceRegion"}}

// sides returns each region's resources with their inputs, in words that say own and peer for the regions and their roles.
func sides(recording *pulumitest.Recording) (primary, standby map[string]map[string]string) {
	primary, standby = map[string]map[string]string{}, map[string]map[string]string{}
	for _, side := range []struct {
		region string
		into   map[string]map[string]string
		words  *strings.Replacer
	}{
		{east, primary, strings.NewReplacer(east, "<own>", west, "<peer>", "primary", "<own>", "secondary", "<peer>")},
		{west, standby, strings.NewReplacer(west, "<own>", east, "<peer>", "secondary", "<own>", "primary", "<peer>")},
	} {
		for _, registered := range recording.Resources {
			if recording.Region(registered) != side.region {
				continue
			}
			inputs := map[string]string{"ignored changes": fmt.Sprint(registered.Request.GetIgnoreChanges())}
			for key, value := range registered.Inputs.Mappable() {
				inputs[key] = side.words.Replace(fmt.Sprint(value))
			}
			side.into[registered.Type+" "+side.words.Replace(registered.Name)] = inputs
		}
	}
	return primary, standby
}

func TestTheRegionsDifferInNothingButTheirPlaceAndWhatIsListed(t *testing.T) {
	// The global cluster is one, and a secret replicates itself.
	once := []string{globalToken + " globaldb-records-blue", secretToken + " secret-database-blue", versionToken + " secret-database-blue"}
	tests := []struct {
		name    string
		network map[string]any
		once    []string // in the primary region only, sorted
	}{
		{"as it ships", nil, once},
		{"with protection", map[string]any{"protection": true}, once},
		{
			"in production, whose primary has an instance more", map[string]any{"profile": "prod"},
			slices.Insert(slices.Clone(once), 0, instanceToken+" instance-records-<own>-2-blue"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			primary, standby := sides(up(t, test.network, map[string]string{"featureSwitches": `{"exports":true}`}))
			var once []string
			for _, name := range slices.Sorted(maps.Keys(primary)) {
				other, both := standby[name]
				if !both {
					once = append(once, name)
					continue
				}
				var differing []string
				for key := range primary[name] {
					if one, has := other[key]; !has || one != primary[name][key] {
						differing = append(differing, key)
					}
				}
				for key := range other {
					if _, has := primary[name][key]; !has {
						differing = append(differing, key)
					}
				}
				slices.Sort(differing)
				token, _, _ := strings.Cut(name, " ")
				if want := differences[token]; !slices.Equal(differing, want) {
					t.Errorf("%s differs in %q, want %q", name, differing, want)
				}
				delete(standby, name)
			}
			if !slices.Equal(once, test.once) {
				t.Errorf("in the primary region only are %q, want %q", once, test.once)
			}
			for name := range standby {
				t.Errorf("%s is in the standby region only", name)
			}
		})
	}
}

// golden returns the keys of a project's contract.
func golden(t *testing.T, project string) []string {
	t.Helper()
	listed, err := os.ReadFile("../../shared/contract/testdata/" + project + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(listed))
}

func TestTheOutputsAreTheContracts(t *testing.T) {
	for _, opts := range [][]pulumitest.Option{nil, {pulumitest.Preview()}} {
		var keys []string
		for key := range up(t, nil, nil, opts...).Outputs {
			keys = append(keys, string(key))
		}
		slices.Sort(keys)
		if want := golden(t, project); !slices.Equal(keys, want) {
			t.Errorf("the outputs are %q, want %q", keys, want)
		}
	}
}

func TestAnotherStackReadsWhatThisOneTells(t *testing.T) {
	var read contract.DataGlobal
	pulumitest.Run(t, "region-app-east", "dev", nil, func(ctx *pulumi.Context) (err error) {
		read, err = contract.ReadDataGlobal(ctx)
		return err
	}, pulumitest.Stack("organization/data-global/dev", up(t, nil, nil).Outputs))

	arn := func(service, region, id string) string {
		return "arn:aws:" + service + ":" + region + ":" + pulumitest.Account + ":" + id
	}
	got := map[string][]any{"pair": {
		read.GlobalClusterIdentifier.Get(), read.GlobalClusterARN.Get(), read.WriterEndpoint.Get(), read.WriterPort.Get(),
		read.DatabaseName.Get(), read.SecretName.Get(), read.EventBusName.Get(), read.ParameterPath.Get(),
	}}
	want := map[string][]any{"pair": {
		"globaldb-records-blue", arn("rds", east, "globalCluster-globaldb-records-blue"), "endpoint-globaldb-records-blue", 5432,
		"records", "secret-database-blue", "bus-records-blue", "/warmstandby/blue",
	}}
	for _, row := range []struct {
		role, region string
		data         contract.RegionData
	}{{"primary", east, read.Primary}, {"secondary", west, read.Standby}} {
		data, cluster := row.data, "aurora-records-"+row.role+"-blue"
		bucket := func(of string) string { return "bucket-" + of + "-" + row.role + "-" + pulumitest.Account + "-blue" }
		got[row.role] = []any{
			data.KeyARN.Get(), data.ClusterIdentifier.Get(), data.ClusterARN.Get(), data.ReaderEndpoint.Get(), data.DatabasePort.Get(),
			data.SecretARN.Get(), data.DocumentsBucketName.Get(), data.DocumentsBucketARN.Get(), data.AssetsBucketName.Get(),
			data.AssetsBucketARN.Get(), data.EventBusARN.Get(), data.DeadLetterQueueARN.Get(), data.BackupVaultName.Get(),
		}
		want[row.role] = []any{
			arn("kms", row.region, "key-data-"+row.role), cluster, arn("rds", row.region, "cluster-"+cluster), "readerEndpoint-" + cluster, 5432,
			arn("secretsmanager", row.region, "secret-secret-database-blue"),
			bucket("documents"), arn("s3", row.region, "bucketV2-"+bucket("documents")),
			bucket("assets"), arn("s3", row.region, "bucketV2-"+bucket("assets")), arn("cloudwatch", row.region, "eventBus-records-"+row.role),
			arn("sqs", row.region, "queue-queue-undelivered-records-"+row.role+"-blue"), "vault-" + row.role + "-blue",
		}
	}
	for what := range want {
		if !reflect.DeepEqual(got[what], want[what]) {
			t.Errorf("of the %s is read\n%v, want\n%v", what, got[what], want[what])
		}
	}
}

// wrong holds a value that is refused for every key of the configuration, and a key that there is not.
var wrong = map[string]string{
	"engineVersion": "16", "minCapacity": "0", "maxCapacity": "257", "primaryInstances": "0", "standbyInstances": "0",
	"backupRetentionDays": "36", "backupWindow": "01:00", "logRetentionDays": "2", "rpoSeconds": "901", "performanceInsights": "ture",
	"transitionDays": "29", "noncurrentExpiryDays": "0", "abortUploadDays": "0", "archiveDays": "0", "vaultRetentionDays": "0",
	"featureSwitches": `{"exports":"true"}`, "minCapacty": "1",
}

// wantFaults holds an error to be faults of these keys, and a recording to have nothing in it.
func wantFaults(t *testing.T, recording *pulumitest.Recording, err error, want ...string) {
	t.Helper()
	var faults *settings.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("the error is %v, want the configuration's faults", err)
	}
	var keys []string
	for _, fault := range faults.List {
		keys = append(keys, fault.Key)
	}
	if !slices.Equal(keys, want) {
		t.Errorf("the faults are of %q, want %q", keys, want)
	}
	if len(recording.Resources) != 0 {
		t.Errorf("%d resources were registered before the fault", len(recording.Resources))
	}
}

func TestAConfigurationThatIsWrongIsReturnedWholeAndNothingIsBuilt(t *testing.T) {
	all := slices.Sorted(maps.Keys(wrong))
	for _, key := range settings.DataKeys() {
		if !slices.Contains(all, key.Name) {
			t.Errorf("no wrong value of %s is tried", key.Name)
		}
	}
	for _, key := range all {
		t.Run(key, func(t *testing.T) {
			recording, err := deployed(t, network(nil), map[string]string{key: wrong[key]})
			wantFaults(t, recording, err, key)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		recording, err := deployed(t, network(nil), wrong)
		wantFaults(t, recording, err, all...)
	})
	t.Run("a profile that there is not", func(t *testing.T) {
		recording, err := deployed(t, network(map[string]any{"profile": "staging"}), nil)
		wantFaults(t, recording, err, "profile")
	})
}

func TestEachMissingOutputOfTheFoundationIsRefusedAndNothingIsBuilt(t *testing.T) {
	for _, key := range golden(t, contract.FoundationNetworkProject) {
		for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
			t.Run(key+" "+name, func(t *testing.T) {
				told := network(nil)
				delete(told, resource.PropertyKey(key))
				recording, err := deployed(t, told, nil, opts...)
				if err == nil {
					t.Fatal("the stack was deployed without it")
				}
				for _, said := range []string{foundation, "`pulumi up` in stacks/foundation-network", "output " + key + ": "} {
					if !strings.Contains(err.Error(), said) {
						t.Errorf("the error %q does not say %q", err, said)
					}
				}
				if len(recording.Resources) != 0 {
					t.Errorf("%d resources were registered before it was missed", len(recording.Resources))
				}
			})
		}
	}
}

// shows says whether a text is in a value: in plain sight, and inside a secret.
func shows(value resource.PropertyValue, text string) (plain, hidden bool) {
	both := func(inner resource.PropertyValue) {
		innerPlain, innerHidden := shows(inner, text)
		plain, hidden = plain || innerPlain, hidden || innerHidden
	}
	switch {
	case value.IsSecret():
		both(value.SecretValue().Element)
		return false, plain || hidden
	case value.IsOutput():
		both(value.OutputValue().Element)
		if value.OutputValue().Secret {
			return false, plain || hidden
		}
	case value.IsArray():
		for _, element := range value.ArrayValue() {
			both(element)
		}
	case value.IsObject():
		for _, element := range value.ObjectValue() {
			both(element)
		}
	case value.IsString():
		return strings.Contains(value.StringValue(), text), false
	}
	return plain, hidden
}

func TestThePasswordIsInTheSecretAndThePrimaryOnlyAndNowhereInPlainText(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run(name, func(t *testing.T) {
			recording := up(t, map[string]any{"profile": "prod"}, nil, opts...)
			var hidden []string
			look := func(where string, properties resource.PropertyMap) {
				for key, value := range properties {
					plain, secret := shows(value, generated)
					if plain {
						t.Errorf("%s has the password in plain text in %s", where, key)
					}
					if secret {
						hidden = append(hidden, where+" "+string(key))
					}
				}
			}
			for _, registered := range recording.Resources {
				look(registered.Type+" "+registered.Name, registered.Inputs)
			}
			look("the stack's output", recording.Outputs)
			slices.Sort(hidden)
			want := []string{
				clusterToken + " aurora-records-primary-blue masterPassword", versionToken + " secret-database-blue secretString",
			}
			if !slices.Equal(hidden, want) {
				t.Errorf("the password is in %q, want %q", hidden, want)
			}
		})
	}
}

func TestTheParametersHaveTheSamePathsInBothRegions(t *testing.T) {
	recording := up(t, nil, map[string]string{"featureSwitches": `{"exports":true,"imports":false}`})
	path := recording.Outputs["parameterPath"].StringValue()
	got := map[string]map[string]any{east: {}, west: {}}
	for _, parameter := range recording.OfType(parameterToken) {
		got[recording.Region(parameter)][parameter.Text("name")] = parameter.Input("insecureValue")
	}
	for region, role := range map[string]string{east: "primary", west: "secondary"} {
		want := map[string]any{
			path + "/database/name": "records", path + "/database/secret-name": "secret-database-blue",
			path + "/database/writer-endpoint": "endpoint-globaldb-records-blue", path + "/database/port": "5432",
			path + "/database/reader-endpoint": "readerEndpoint-aurora-records-" + role + "-blue", path + "/database/reader-port": "5432",
			path + "/documents/bucket": "bucket-documents-" + role + "-" + pulumitest.Account + "-blue",
			path + "/assets/bucket":    "bucket-assets-" + role + "-" + pulumitest.Account + "-blue",
			path + "/events/bus":       "bus-records-blue",
			path + "/features/exports": "true", path + "/features/imports": "false",
		}
		if !maps.Equal(got[region], want) {
			t.Errorf("the parameters of %s are\n%v, want\n%v", region, got[region], want)
		}
	}
}

func TestTheConfigurationAndTheNetworkReachTheResources(t *testing.T) {
	recording := up(t, map[string]any{"allowedAccountIds": []any{pulumitest.Account}}, map[string]string{
		"engineVersion": "16.9", "minCapacity": "1.5", "maxCapacity": "6", "primaryInstances": "3", "standbyInstances": "3",
		"backupRetentionDays": "9", "backupWindow": "02:00-02:45", "logRetentionDays": "90", "rpoSeconds": "120",
		"performanceInsights": "true", "transitionDays": "40", "noncurrentExpiryDays": "80", "abortUploadDays": "4",
		"archiveDays": "21", "vaultRetentionDays": "33",
	})
	for _, role := range []string{"primary", "secondary"} {
		cluster := "aurora-records-" + role + "-blue"
		for _, test := range []struct{ token, name, property, want string }{
			{"pulumi:providers:aws", "aws-" + role, "allowedAccountIds", "[" + pulumitest.Account + "]"},
			{clusterToken, cluster, "engineVersion", "16.9"},
			{clusterToken, cluster, "serverlessv2ScalingConfiguration", "map[maxCapacity:6 minCapacity:1.5]"},
			{clusterToken, cluster, "backupRetentionPeriod", "9"},
			{clusterToken, cluster, "preferredBackupWindow", "02:00-02:45"},
			{clusterToken, cluster, "vpcSecurityGroupIds", "[DatabaseSecurityGroupId-" + role + "]"},
			{"aws:rds/subnetGroup:SubnetGroup", "dbsubnets-records-" + role + "-blue", "subnetIds", "[Isolated-" + role + "-1 Isolated-" + role + "-2]"},
			{instanceToken, "instance-records-" + role + "-3-blue", "performanceInsightsEnabled", "true"},
			{"aws:cloudwatch/logGroup:LogGroup", "/aws/rds/cluster/" + cluster + "/postgresql", "retentionInDays", "90"},
			{"aws:cloudwatch/eventArchive:EventArchive", "archive-records-" + role + "-blue", "retentionDays", "21"},
		} {
			if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
				t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
			}
		}
		for _, test := range []struct{ token, name, key, want string }{
			{"aws:rds/clusterParameterGroup:ClusterParameterGroup", "dbparams-records-" + role + "-pg16-blue", "parameters", "name:rds.global_db_rpo value:120"},
			{"aws:backup/plan:Plan", "plan-" + role + "-blue", "rules", "deleteAfter:33"},
		} {
			if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.key)); !strings.Contains(got, test.want) {
				t.Errorf("%s has the %s %s, want %s in them", test.name, test.key, got, test.want)
			}
		}
		for _, purpose := range []string{"documents", "assets"} {
			name := "bucket-" + purpose + "-" + role + "-" + pulumitest.Account + "-blue"
			rules := fmt.Sprint(recording.Get(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", name).Input("rules"))
			for _, want := range []string{"map[days:40 ", "noncurrentDays:80]", "daysAfterInitiation:4]"} {
				if !strings.Contains(rules, want) {
					t.Errorf("%s has the rules %s, want %s in them", name, rules, want)
				}
			}
		}
	}
}

func TestTheProjectIsNamedAsOtherStacksReferToIt(t *testing.T) {
	text, err := os.ReadFile("Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(text, &declared); err != nil || declared.Name != project {
		t.Errorf("Pulumi.yaml names the project %q, %v; other stacks refer to %q", declared.Name, err, project)
	}
}
