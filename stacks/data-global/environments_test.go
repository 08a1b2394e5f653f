package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/environments"
	"warmstandby/test/support/pulumitest"
)

func TestEnvironments(t *testing.T) {
	password := func(string, resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{"id": "random", "randomPassword": generated}), nil
	}
	for _, e := range environments.All {
		t.Run("the rules of a deployed platform hold in "+e.Name, func(t *testing.T) {
			opts := append(e.Upstream(t, contract.FoundationNetworkProject),
				pulumitest.Answer("aws:secretsmanager/getRandomPassword:getRandomPassword", password))
			recording := pulumitest.Run(t, project, contracttest.Stack, nil, deploy, opts...)
			e.Check(t, recording, rules(contracttest.Suffix, east, west, e.Protection).Home)
		})
	}
}
