package regionapp

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

const east, west = contracttest.Primary, contracttest.Standby

// stack is one of the two regional stacks as the test expects it.
type stack struct {
	project, folder, region string
	role                    naming.Role
	key                     string // the prefix of the region's own keys in the outputs of the network and of the data
}

var (
	eastStack = stack{
		project: contract.RegionAppEastProject, folder: "region-app-east", region: east, role: naming.Primary, key: "primary",
	}
	westStack = stack{
		project: contract.RegionAppWestProject, folder: "region-app-west", region: west, role: naming.Secondary, key: "standby",
	}
	stacks = []stack{eastStack, westStack}
)

// pulumiYAML returns the content of the stack's Pulumi.yaml.
func (s stack) pulumiYAML(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(projects, s.folder, "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (s stack) arn(service, id string) string {
	return "arn:aws:" + service + ":" + s.region + ":" + pulumitest.Account + ":" + id
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

// deployWith deploys the stack dev with these outputs of the stacks that it reads.
func (s stack) deployWith(
	t *testing.T, network, data resource.PropertyMap, config map[string]string, opts ...pulumitest.Option,
) (*pulumitest.Recording, error) {
	t.Helper()
	code, yaml := bundle(t), s.pulumiYAML(t)
	program := func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, code, yaml) }
	return pulumitest.RunErr(t, s.project, contracttest.Stack, config, program, append(references(network, data), opts...)...)
}

// references gives a run the stacks that this one reads.
func references(network, data resource.PropertyMap) []pulumitest.Option {
	return []pulumitest.Option{
		pulumitest.Stack(contracttest.StackName(contract.FoundationNetworkProject), network),
		pulumitest.Stack(contracttest.StackName(contract.DataGlobalProject), data),
	}
}

// up is deployWith for a stack that is in order, with the outputs of foundation-network of which some are replaced, by key.
func (s stack) up(t *testing.T, network map[string]any, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := s.deployWith(t, contracttest.FoundationNetwork(t, network), contracttest.DataGlobal(t, nil), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}
