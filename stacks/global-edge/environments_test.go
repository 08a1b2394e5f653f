package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/environments"
	"warmstandby/test/support/pulumitest"
)

func TestEnvironments(t *testing.T) {
	for _, e := range environments.All {
		t.Run("the rules of a deployed platform hold in "+e.Name, func(t *testing.T) {
			var config map[string]string
			if e.HTTPS { // Health checks speak HTTPS to the name of the certificate.
				config = prodConfig
			}
			binaries := built(t)
			program := func(ctx *pulumi.Context) error { return deploy(ctx, binaries) }
			opts := e.Upstream(t, foundation, dataGlobal, appEast, appWest)
			recording := pulumitest.Run(t, project, contracttest.Stack, config, program, opts...)
			e.Check(t, recording, newUpstream(t, nil).rules(contracttest.Suffix, e.Protection).Home)
		})
	}
}
