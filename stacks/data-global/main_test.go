package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

const (
	project    = contract.DataGlobalProject
	east, west = contracttest.Primary, contracttest.Standby

	// generated is the password that Secrets Manager generates.
	generated = "not-in-plain-text"

	clusterToken   = "aws:rds/cluster:Cluster"
	globalToken    = "aws:rds/globalCluster:GlobalCluster"
	instanceToken  = "aws:rds/clusterInstance:ClusterInstance"
	parameterToken = "aws:ssm/parameter:Parameter"
	secretToken    = "aws:secretsmanager/secret:Secret"
	versionToken   = "aws:secretsmanager/secretVersion:SecretVersion"
)

// deployWith deploys the stack dev with these outputs of foundation-network.
func deployWith(
	t *testing.T, network resource.PropertyMap, config map[string]string, opts ...pulumitest.Option,
) (*pulumitest.Recording, error) {
	t.Helper()
	password := func(string, resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{"id": "random", "randomPassword": generated}), nil
	}
	return pulumitest.RunErr(t, project, contracttest.Stack, config, deploy, append([]pulumitest.Option{
		pulumitest.Stack(contracttest.StackName(contract.FoundationNetworkProject), network),
		pulumitest.Answer("aws:secretsmanager/getRandomPassword:getRandomPassword", password),
	}, opts...)...)
}

// up is deployWith for a stack that is in order, with the outputs of foundation-network of which some are replaced, by key.
func up(t *testing.T, network map[string]any, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := deployWith(t, contracttest.FoundationNetwork(t, network), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// rules are the shared ones for a primary and a standby region.
func rules(suffix, primary, standby string, protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules(suffix, primary, standby, protection, map[string]naming.Role{
		"standby": naming.Secondary, "master": naming.Primary, "globaldb": naming.Primary,
	})
}

func TestRules(t *testing.T) {
	tests := []struct {
		name    string
		network map[string]any
		rules   pulumitest.Rules
		opts    []pulumitest.Option
	}{
		{name: "with defaults", rules: rules("blue", east, west, false)},
		{name: "in a preview", rules: rules("blue", east, west, false), opts: []pulumitest.Option{pulumitest.Preview()}},
		{
			name: "as the profile of production, still destroyable", network: map[string]any{"profile": "prod"},
			rules: rules("blue", east, west, false),
		},
		{name: "with protection", network: map[string]any{"protection": true}, rules: rules("blue", east, west, true)},
		{
			name:    "in other regions, with the longest suffix",
			network: map[string]any{"primaryRegion": "eu-west-1", "standbyRegion": "eu-central-1", "environmentSuffix": "abcdefghijklmno"},
			rules:   rules("abcdefghijklmno", "eu-west-1", "eu-central-1", false),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := map[string]string{"featureSwitches": `{"exports":true}`}
			pulumitest.Check(t, up(t, test.network, config, test.opts...), test.rules)
		})
	}
}

func TestProtection(t *testing.T) {
	t.Run("with protection a destroy is refused", func(t *testing.T) {
		pulumitest.CheckDestroyRefused(t, up(t, map[string]any{"protection": true}, nil),
			"aws:backup/vault:Vault", "aws:cloudwatch/eventArchive:EventArchive", "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key",
			clusterToken, instanceToken, globalToken, "aws:s3/bucketV2:BucketV2", secretToken)
	})
}

// differences are the only properties that the regions may differ in, by type: what a primary is created with, and its RPO.
var differences = map[string][]string{
	clusterToken:  {"databaseName", "masterPassword", "masterUsername", "preferredMaintenanceWindow", "sourceRegion"},
	instanceToken: {"preferredMaintenanceWindow"},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {"parameters"},
}

// view returns how a region is compared with its peer: the words by which each is named, in names and in the network's outputs.
func view(region, role, key, peer, peerRole, peerKey string) pulumitest.RegionView {
	const network = contract.FoundationNetworkProject + "."
	return pulumitest.RegionView{Region: region, Words: []string{
		region, "<own>", role, "<own>", network + key, network + "<own>",
		peer, "<peer>", peerRole, "<peer>", network + peerKey, network + "<peer>",
	}}
}

// restoreTest is in the standby region only, sorted.
var restoreTest = []string{
	"aws:backup/restoreTestingPlan:RestoreTestingPlan restoretest-weekly-<own>-blue",
	"aws:backup/restoreTestingSelection:RestoreTestingSelection restoretest-database-<own>-blue",
	"aws:backup/restoreTestingSelection:RestoreTestingSelection restoretest-documents-<own>-blue",
	"aws:iam/role:Role role-restoretest-<own>-blue", "aws:iam/rolePolicy:RolePolicy role-restoretest-<own>-blue",
}

func TestRegionsDiffer(t *testing.T) {
	// The global cluster is one, and a secret replicates itself.
	once := []string{globalToken + " globaldb-records-blue", secretToken + " secret-database-blue", versionToken + " secret-database-blue"}
	tests := []struct {
		name    string
		network map[string]any
		once    []string // in the primary region only, sorted
	}{
		{name: "with defaults", once: once},
		{name: "with protection", network: map[string]any{"protection": true}, once: once},
		{
			// Either region may have the writer, and so has an instance in a second zone.
			name: "in production", network: map[string]any{"profile": "prod"}, once: once,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := up(t, test.network, map[string]string{"featureSwitches": `{"exports":true}`})
			primary := recording.Normalized(view(east, "primary", "primary", west, "secondary", "standby"))
			standby := recording.Normalized(view(west, "secondary", "standby", east, "primary", "primary"))
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
			// The standby's vault, which has the copies of the primary's backups, is tested.
			if got := slices.Sorted(maps.Keys(standby)); !slices.Equal(got, restoreTest) {
				t.Errorf("in the standby region only are %q, want %q", got, restoreTest)
			}
		})
	}
}
