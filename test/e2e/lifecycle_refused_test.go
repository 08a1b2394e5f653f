//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// dependents are stacks that others read, with all direct and indirect readers.
var dependents = []struct {
	stack string
	by    []string
}{
	{"foundation-network", []string{"data-global", "region-app-east", "region-app-west", "global-edge"}},
	{"data-global", []string{"region-app-east", "region-app-west", "global-edge"}},
	{"region-app-east", []string{"global-edge"}},
}

// checkRefusedDestroy destroys each stack with dependents, which must be refused and name them.
func checkRefusedDestroy(t *testing.T, p *platform) {
	for _, one := range dependents {
		t.Run(one.stack, func(t *testing.T) {
			output, err := p.tryMake(t.Context(), t, "destroy", "STACK="+one.stack)
			if err == nil {
				t.Fatalf("%s is destroyed:\n%s", one.stack, output)
			}
			for _, named := range append([]string{one.stack + ", ENV=" + p.name, "FORCE=yes"}, one.by...) {
				if !strings.Contains(output, named) {
					t.Errorf("the refusal does not name %s:\n%s", named, output)
				}
			}
			if strings.Contains(output, "Destroying") {
				t.Errorf("the engine has begun to destroy:\n%s", output)
			}
		})
	}
}
