package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
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
	exports := map[string]any{
		"environmentSuffix": "blue", "profile": "dev", "protection": false, "allowedAccountIds": []any{},
		"listenerPort": 443.0, "peeringConnectionId": "pcx-1", "primaryRegion": east, "standbyRegion": west,
	}
	for key, role := range map[string]string{"primary": "primary", "standby": "secondary"} {
		for _, one := range []string{
			"Cidr", "VpcId", "LoadBalancerSecurityGroupId", "FunctionSecurityGroupId", "DatabaseSecurityGroupId", "EndpointsSecurityGroupId",
		} {
			exports[key+one] = one + "-" + role
		}
		for _, tier := range []string{"Public", "Private", "Isolated"} {
			exports[key+tier+"SubnetIds"] = []any{tier + "-" + role + "-1", tier + "-" + role + "-2"}
		}
	}
	maps.Copy(exports, changes)
	return resource.NewPropertyMapFromMap(exports)
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
	return pulumitest.PairRules(suffix, primary, standby, protection, map[string]naming.Role{
		"standby": naming.Secondary, "master": naming.Primary, "globaldb": naming.Primary,
	})
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

func TestWithProtectionADestroyIsRefused(t *testing.T) {
	pulumitest.CheckDestroyRefused(t, up(t, map[string]any{"protection": true}, nil),
		"aws:backup/vault:Vault", "aws:cloudwatch/eventArchive:EventArchive", "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key",
		clusterToken, "aws:rds/clusterInstance:ClusterInstance", "aws:rds/globalCluster:GlobalCluster", "aws:s3/bucketV2:BucketV2", secretToken)
}

// differences are the only properties that the regions may differ in, by type: what a primary is created with, and its RPO.
var differences = map[string][]string{
	clusterToken: {"databaseName", "masterPassword", "masterUsername", "sourceRegion"},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {"parameters"},
}

// The sides, by the words in which they differ.
var (
	primarySide = pulumitest.Side{Region: east, Words: []string{east, "<own>", west, "<peer>", "primary", "<own>", "secondary", "<peer>"}}
	standbySide = pulumitest.Side{Region: west, Words: []string{west, "<own>", east, "<peer>", "secondary", "<own>", "primary", "<peer>"}}
)

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
			recording := up(t, test.network, map[string]string{"featureSwitches": `{"exports":true}`})
			primary, standby := recording.Neutral(primarySide), recording.Neutral(standbySide)
			var once []string
			for _, name := range slices.Sorted(maps.Keys(primary)) {
				other, both := standby[name]
				if !both {
					once = append(once, name)
					continue
				}
				differing := primary[name].Differing(other)
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
