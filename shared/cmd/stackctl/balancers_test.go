package main

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// Programs that ask load balancers on the local AWS emulator have the variables for that, and Pulumi has not: Go would look for modules
// there.
func TestVariablesForBalancers(t *testing.T) {
	const proxy = "HTTPS_PROXY=http://127.0.0.1:4566"
	c, m, _ := newTestController(t, map[string]string{"ENV": "local"},
		answer{contains: "local env", prints: `{"set": {"PATH": "/tools"}, "unset": [], "balancers": {"HTTPS_PROXY": "http://127.0.0.1:4566"}}`},
		answer{contains: "$ warmstandby status"})
	seen := map[string]bool{} // whether a program has them
	c.process = func(ctx context.Context, p process) error {
		for _, program := range []string{"warmstandby", "pulumi"} {
			if strings.HasSuffix(p.arguments[0], program) {
				seen[program] = slices.Contains(p.environment, proxy)
			}
		}
		return m.run(ctx, p)
	}
	if err := operate(t.Context(), c, []string{"status"}); err != nil {
		t.Fatal(err)
	}
	if err := summary(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	if has, ran := seen["warmstandby"]; !has || !ran {
		t.Errorf("the operator's program has run: %t, with the variables: %t", ran, has)
	}
	if has, ran := seen["pulumi"]; has || !ran {
		t.Errorf("Pulumi has run: %t, with the variables: %t", ran, has)
	}
}
