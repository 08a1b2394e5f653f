package pulumitest

import (
	"testing"

	"warmstandby/shared/naming"
)

func TestTwoRegionRules(t *testing.T) {
	t.Run("the first word that is a role or an alias gives the region", func(t *testing.T) {
		t.Parallel()
		home := TwoRegionRules("dev", "us-east-1", "us-west-2", false, map[string]naming.Role{"zone": naming.Primary}).Home
		for name, want := range map[string]string{
			"aws-primary": "us-east-1", "key-data-secondary-dev": "us-west-2", "failover/mode-primary": "us-east-1",
			"peering-secondary-to-primary": "us-west-2", "zone": "us-east-1", "zones": "", "primarily": "", "": "",
		} {
			if got := home(name); got != want {
				t.Errorf("%q is in %q, want %q", name, got, want)
			}
		}
	})
}
