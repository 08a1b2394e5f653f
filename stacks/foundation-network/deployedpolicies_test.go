package main

import (
	"testing"

	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/deployed"
	"warmstandby/test/support/pulumitest"
)

func TestDeployedPolicies(t *testing.T) {
	for _, profile := range deployed.Profiles {
		t.Run("the policies are those recorded for the profile "+profile, func(t *testing.T) {
			config := map[string]string{"profile": profile, "environmentSuffix": contracttest.Suffix}
			if profile == "prod" {
				config["protection"] = "true" // as users depend on it
			}
			recording := pulumitest.Run(t, project, contracttest.Stack, config, deploy, deployed.Upstream(t, profile)...)
			deployed.Check(t, profile, recording)
		})
	}
}
