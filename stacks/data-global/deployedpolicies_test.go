package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/deployed"
	"warmstandby/test/support/pulumitest"
)

func TestDeployedPolicies(t *testing.T) {
	for _, profile := range deployed.Profiles {
		t.Run("the policies are those recorded for the profile "+profile, func(t *testing.T) {
			password := func(string, resource.PropertyMap) (resource.PropertyMap, error) {
				return resource.NewPropertyMapFromMap(map[string]any{"id": "random", "randomPassword": generated}), nil
			}
			opts := append(deployed.Upstream(t, profile, contract.FoundationNetworkProject),
				pulumitest.Answer("aws:secretsmanager/getRandomPassword:getRandomPassword", password))
			deployed.Check(t, profile, pulumitest.Run(t, project, contracttest.Stack, nil, deploy, opts...))
		})
	}
}
