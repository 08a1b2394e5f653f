package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/deployed"
	"warmstandby/test/support/pulumitest"
)

func TestDeployedPolicies(t *testing.T) {
	for _, profile := range deployed.Profiles {
		t.Run("the policies are those recorded for the profile "+profile, func(t *testing.T) {
			var config map[string]string
			if profile == "prod" {
				config = prodConfig
			}
			binaries := built(t)
			program := func(ctx *pulumi.Context) error { return deploy(ctx, binaries) }
			opts := deployed.Upstream(t, profile, foundation, dataGlobal, appEast, appWest)
			deployed.Check(t, profile, pulumitest.Run(t, project, contracttest.Stack, config, program, opts...))
		})
	}
}
