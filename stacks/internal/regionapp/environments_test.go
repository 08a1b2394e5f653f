package regionapp

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/environments"
	"warmstandby/test/support/pulumitest"
)

func TestEnvironments(t *testing.T) {
	for _, e := range environments.All {
		for _, s := range stacks {
			t.Run("the rules of a deployed platform hold for "+s.project+" in "+e.Name, func(t *testing.T) {
				var config map[string]string
				if e.HTTPS {
					config = map[string]string{"certificateArn": s.arn("acm", "certificate/web"), "notificationEmails": `["ops@example.com"]`}
				}
				code, yaml := bundle(t), s.pulumiYAML(t)
				program := func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, code, yaml) }
				opts := e.Upstream(t, contract.FoundationNetworkProject, contract.DataGlobalProject)
				e.Check(t, pulumitest.Run(t, s.project, contracttest.Stack, config, program, opts...), s.rules("", s.region, false).Home)
			})
		}
	}
}
