package regionapp

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/deployed"
	"warmstandby/test/support/pulumitest"
)

func TestDeployedPolicies(t *testing.T) {
	for _, profile := range deployed.Profiles {
		for _, s := range stacks {
			t.Run("the policies of "+s.project+" are those recorded for the profile "+profile, func(t *testing.T) {
				var config map[string]string
				if profile == "prod" {
					config = map[string]string{"certificateArn": s.arn("acm", "certificate/web"), "notificationEmails": `["ops@example.com"]`}
				}
				code, yaml := bundle(t), s.pulumiYAML(t)
				program := func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, code, yaml) }
				opts := deployed.Upstream(t, profile, contract.FoundationNetworkProject, contract.DataGlobalProject)
				deployed.Check(t, profile, pulumitest.Run(t, s.project, contracttest.Stack, config, program, opts...))
			})
		}
	}
}
