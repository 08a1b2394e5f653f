package main

import (
	"testing"

	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/environments"
	"warmstandby/test/support/pulumitest"
)

func TestEnvironments(t *testing.T) {
	for _, e := range environments.All {
		t.Run("the rules of a deployed platform hold in "+e.Name, func(t *testing.T) {
			config := map[string]string{
				"profile": string(e.Profile), "environmentSuffix": contracttest.Suffix, "natStrategy": string(e.NAT),
			}
			if e.Protection {
				config["protection"] = "true"
			}
			if e.HTTPS {
				config["listenerPort"] = "443"
			}
			recording := pulumitest.Run(t, project, contracttest.Stack, config, deploy, e.Upstream(t)...)
			e.Check(t, recording, rules(contracttest.Suffix, contracttest.Primary, contracttest.Standby, e.Protection).Home)
		})
	}
}
