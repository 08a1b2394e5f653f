package regionapp

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
)

const (
	foundation = "organization/foundation-network/dev"
	dataGlobal = "organization/data-global/dev"
	east, west = "us-east-1", "us-west-2"
)

// stack is one of the two regional stacks as the test expects it.
type stack struct {
	project, folder, region string
	role                    naming.Role
	key                     string // what the layers below put before the region's own keys
}

var stacks = []stack{
	{contract.RegionAppEastProject, "region-app-east", east, naming.Primary, "primary"},
	{contract.RegionAppWestProject, "region-app-west", west, naming.Secondary, "standby"},
}

func (s stack) arn(service, of string) string {
	return "arn:aws:" + service + ":" + s.region + ":" + pulumitest.Account + ":" + of
}

// pulumiYAML returns the content of the stack's Pulumi.yaml.
func (s stack) pulumiYAML(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(projects, s.folder, "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// network is what foundation-network tells by the contract's keys, but for what changes.
func network(changes map[string]any) resource.PropertyMap {
	exports := map[string]any{
		"environmentSuffix": "blue", "profile": "dev", "protection": false, "allowedAccountIds": []any{},
		"listenerPort": 80.0, "peeringConnectionId": "pcx-1",
	}
	for _, s := range stacks {
		exports[s.key+"Region"] = s.region
		for _, one := range []string{
			"Cidr", "VpcId", "LoadBalancerSecurityGroupId", "FunctionSecurityGroupId", "DatabaseSecurityGroupId", "EndpointsSecurityGroupId",
		} {
			exports[s.key+one] = one + "-" + string(s.role)
		}
		for _, tier := range []string{"Public", "Private", "Isolated"} {
			exports[s.key+tier+"SubnetIds"] = []any{tier + "-" + string(s.role) + "-1", tier + "-" + string(s.role) + "-2"}
		}
	}
	maps.Copy(exports, changes)
	return resource.NewPropertyMapFromMap(exports)
}

// data is what data-global tells by the contract's keys.
func data() resource.PropertyMap {
	exports := map[string]any{
		"globalClusterIdentifier": "globaldb-records-blue", "globalClusterArn": "arn:aws:rds::111122223333:global-cluster:globaldb-records-blue",
		"writerEndpoint": "writer.example", "writerPort": 5432.0, "databaseName": "records", "secretName": "secret-database-blue",
		"eventBusName": "bus-records-blue", "parameterPath": "/warmstandby/blue",
	}
	for _, s := range stacks {
		role := string(s.role)
		maps.Copy(exports, map[string]any{
			s.key + "KeyArn": s.arn("kms", "key/data-"+role), s.key + "ClusterIdentifier": "aurora-records-" + role + "-blue",
			s.key + "ClusterArn": s.arn("rds", "cluster:aurora-records-"+role+"-blue"), s.key + "ReaderEndpoint": "reader." + role + ".example",
			s.key + "DatabasePort": 5432.0, s.key + "SecretArn": s.arn("secretsmanager", "secret:secret-database-blue-"+role),
			s.key + "DocumentsBucketName": "documents-" + role, s.key + "DocumentsBucketArn": "arn:aws:s3:::documents-" + role,
			s.key + "AssetsBucketName": "assets-" + role, s.key + "AssetsBucketArn": "arn:aws:s3:::assets-" + role,
			s.key + "EventBusArn": s.arn("events", "event-bus/bus-records-blue"), s.key + "ForwardingRuleName": "rule-" + role, s.key + "DeadLetterQueueArn": s.arn("sqs", "undelivered-"+role),
			s.key + "BackupVaultName": "vault-" + role + "-blue",
		})
	}
	return resource.NewPropertyMapFromMap(exports)
}

// bundle is a folder with a function in it.
func bundle(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.mjs"), []byte("export const handler = async () => ({});\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// deployed deploys the stack dev on what the layers below tell.
func (s stack) deployed(t *testing.T, on, with resource.PropertyMap, config map[string]string, opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	code := bundle(t)
	return pulumitest.RunErr(t, s.project, "dev", config, func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, code, s.pulumiYAML(t)) },
		append([]pulumitest.Option{pulumitest.Stack(foundation, on), pulumitest.Stack(dataGlobal, with)}, opts...)...)
}

// up is deployed for a stack that is in order.
func (s stack) up(t *testing.T, changes map[string]any, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := s.deployed(t, network(changes), data(), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}
