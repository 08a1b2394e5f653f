package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/settings"
	"warmstandby/test/support/pulumitest"
)

// shows reports whether a text is in a value: in plain text, and inside a secret.
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

func TestPassword(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run("the password is in the secret and the primary cluster alone, encrypted, "+name, func(t *testing.T) {
			t.Parallel()
			recording := up(t, map[string]any{"profile": "prod"}, nil, opts...)
			var hidden []string
			search := func(where string, properties resource.PropertyMap) {
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
				search(registered.Type+" "+registered.Name, registered.Inputs)
			}
			search("the stack's output", recording.Outputs)
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

// publicKey is a key on P-256: the example of RFC 7517, appendix A.1, without its private part.
const publicKey = `{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",` +
	`"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`

// tokens configures whose tokens are admitted.
func tokens() map[string]string {
	return map[string]string{"jwtIssuer": "https://issuer.example", "jwtAudience": "records", "jwtKeys": `{"keys": [` + publicKey + `]}`}
}

func TestNoTokenKeys(t *testing.T) {
	t.Run("without keys the parameters admit nobody, in both regions", func(t *testing.T) {
		t.Parallel()
		recording := up(t, nil, nil)
		path, found := recording.Outputs["parameterPath"].StringValue(), 0
		for _, parameter := range recording.OfType(parameterToken) {
			if parameter.Text("name") == path+"/auth/keys" {
				found++
				if got := parameter.Input("insecureValue"); got != `{"keys":[]}` {
					t.Errorf("the keys in %s are %v, want none", recording.Region(parameter), got)
				}
			}
		}
		if found != 2 {
			t.Errorf("the keys are written %d times, want once in each region", found)
		}
	})
}

func TestParameters(t *testing.T) {
	t.Run("the parameters have the same paths in both regions", func(t *testing.T) {
		config := tokens()
		config["jwtAudienceClaim"], config["jwtScopePrefix"] = "client_id", "records/"
		config["jwtTenantClaim"], config["jwtDefaultTenant"] = "org_id", "clinic-a"
		config["featureSwitches"] = `{"exports":true,"imports":false}`
		recording := up(t, nil, config)
		path := recording.Outputs["parameterPath"].StringValue()
		got := map[string]map[string]any{east: {}, west: {}}
		for _, parameter := range recording.OfType(parameterToken) {
			got[recording.Region(parameter)][parameter.Text("name")] = parameter.Input("insecureValue")
		}
		peers := map[string]string{"primary": "secondary", "secondary": "primary"}
		for region, role := range map[string]string{east: "primary", west: "secondary"} {
			want := map[string]any{
				path + "/database/peer-cluster-endpoint": "endpoint-aurora-records-" + peers[role] + "-blue",

				path + "/database/name": "records", path + "/database/secret-name": "secret-database-blue",
				path + "/database/writer-endpoint": "endpoint-globaldb-records-blue", path + "/database/port": "5432",
				path + "/database/reader-endpoint":  "readerEndpoint-aurora-records-" + role + "-blue",
				path + "/database/cluster-endpoint": "endpoint-aurora-records-" + role + "-blue", path + "/database/cluster-port": "5432",
				path + "/documents/bucket": "bucket-documents-" + role + "-" + pulumitest.Account + "-blue",
				path + "/assets/bucket":    "bucket-assets-" + role + "-" + pulumitest.Account + "-blue",
				path + "/events/bus":       "bus-records-blue",
				path + "/features/exports": "true", path + "/features/imports": "false",
				path + "/auth/issuer": "https://issuer.example", path + "/auth/audience": "records",
				path + "/auth/keys":           `{"keys":[` + publicKey + `]}`,
				path + "/auth/audience-claim": "client_id", path + "/auth/scope-prefix": "records/",
				path + "/auth/tenant-claim": "org_id", path + "/auth/default-tenant": "clinic-a",
			}
			if !maps.Equal(got[region], want) {
				t.Errorf("the parameters of %s are\n%v, want\n%v", region, got[region], want)
			}
		}
	})
}

func TestInputs(t *testing.T) {
	t.Run("the configuration and the network reach the resources", func(t *testing.T) {
		recording := up(t, map[string]any{"allowedAccountIds": []any{pulumitest.Account}}, map[string]string{
			"engineVersion": "16.9", "minCapacity": "1.5", "maxCapacity": "6", "primaryInstances": "3", "standbyInstances": "3",
			"backupRetentionDays": "9", "backupWindow": "02:00-02:45", "logRetentionDays": "90", "rpoSeconds": "120",
			"performanceInsights": "true", "transitionDays": "40", "noncurrentExpiryDays": "80", "abortUploadDays": "4",
			"archiveDays": "21", "vaultRetentionDays": "33",
		})
		for key, role := range map[string]string{"primary": "primary", "standby": "secondary"} {
			subnets := "foundation-network." + key + "IsolatedSubnetIds"
			cluster := "aurora-records-" + role + "-blue"
			for _, test := range []struct{ token, name, property, want string }{
				{token: "pulumi:providers:aws", name: "aws-" + role, property: "allowedAccountIds", want: "[" + pulumitest.Account + "]"},
				{token: clusterToken, name: cluster, property: "engineVersion", want: "16.9"},
				{token: clusterToken, name: cluster, property: "serverlessv2ScalingConfiguration", want: "map[maxCapacity:6 minCapacity:1.5]"},
				{token: clusterToken, name: cluster, property: "backupRetentionPeriod", want: "9"},
				{token: clusterToken, name: cluster, property: "preferredBackupWindow", want: "02:00-02:45"},
				{token: clusterToken, name: cluster, property: "vpcSecurityGroupIds", want: "[foundation-network." + key + "DatabaseSecurityGroupId]"},
				{
					token: "aws:rds/subnetGroup:SubnetGroup", name: "dbsubnets-records-" + role + "-blue",
					property: "subnetIds", want: "[" + subnets + "-1 " + subnets + "-2]",
				},
				{token: instanceToken, name: "instance-records-" + role + "-3-blue", property: "performanceInsightsEnabled", want: "true"},
				{
					token: "aws:cloudwatch/logGroup:LogGroup", name: "/aws/rds/cluster/" + cluster + "/postgresql",
					property: "retentionInDays", want: "90",
				},
				{token: "aws:cloudwatch/eventArchive:EventArchive", name: "archive-records-" + role + "-blue", property: "retentionDays", want: "21"},
			} {
				if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
					t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
				}
			}
			for _, test := range []struct{ token, name, key, want string }{
				{token: "aws:backup/plan:Plan", name: "plan-" + role + "-blue", key: "rules", want: "deleteAfter:33"},
			} {
				if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.key)); !strings.Contains(got, test.want) {
					t.Errorf("%s has the %s %s, want %s in them", test.name, test.key, got, test.want)
				}
			}
			// The RPO is that of the primary by design alone.
			group := recording.Get(t, "aws:rds/clusterParameterGroup:ClusterParameterGroup", "dbparams-records-"+role+"-pg16-blue")
			got := strings.Contains(fmt.Sprint(group.Input("parameters")), "name:rds.global_db_rpo value:120")
			if want := role == "primary"; got != want {
				t.Errorf("%s has an RPO of 120 s: %t, want %t", group.Name, got, want)
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
	})
}

func TestProjectName(t *testing.T) {
	t.Run("the project has the name by which other stacks reference it", func(t *testing.T) {
		t.Parallel()
		declared, err := settings.ReadProject(pulumiYAML)
		if err != nil || declared.Name != project {
			t.Errorf("Pulumi.yaml names the project %q, %v; other stacks refer to %q", declared.Name, err, project)
		}
	})
}
