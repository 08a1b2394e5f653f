package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// output runs one command and returns what it printed.
func output(t *testing.T, arguments ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if err := dispatch(t.Context(), arguments, &stdout, &stderr); err != nil {
		t.Fatalf("local %s: %v\n%s", strings.Join(arguments, " "), err, &stderr)
	}
	return stdout.String()
}

// The development key is configured unless another issuer is.
func TestDevelopmentKey(t *testing.T) {
	for _, test := range []struct {
		name, settings string // empty: there is no file
		want           bool
	}{
		{"a stack without settings gets it", "", true},
		{"a stack with other settings gets it", "config:\n  data-global:minCapacity: \"1\"\n", true},
		{"a stack that has it gets it again, with the key that is now", "config:\n  data-global:jwtIssuer: urn:warmstandby:local\n", true},
		{"quoted too", "config:\n  data-global:jwtIssuer: \"urn:warmstandby:local\"\n", true},
		{"another issuer stands", "config:\n  data-global:jwtIssuer: https://issuer.example\n  data-global:jwtAudience: a\n", false},
		{"another issuer whose name begins alike stands", "config:\n  data-global:jwtIssuer: urn:warmstandby:local:two\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			state, file := t.TempDir(), filepath.Join(t.TempDir(), "Pulumi.local.yaml")
			if test.settings != "" {
				if err := os.WriteFile(file, []byte(test.settings), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := output(t, "jwks", "--state", state, "--settings", file)
			if !test.want {
				if got != "" {
					t.Errorf("local jwks says %q, want nothing", got)
				}
				return
			}
			lines := strings.Split(strings.TrimSpace(got), "\n")
			if len(lines) != 5 || lines[0] != "data-global:jwtIssuer=urn:warmstandby:local" ||
				lines[1] != "data-global:jwtAudience=urn:warmstandby:records" || lines[2] != "data-global:jwtTenantClaim=tenant" ||
				lines[3] != "data-global:jwtDefaultTenant=local" || !strings.HasPrefix(lines[4], `data-global:jwtKeys={"keys":[{`) {
				t.Errorf("local jwks says %q", got)
			}
		})
	}
}

// A project of an earlier version does not know every setting, and would refuse it.
func TestUndeclaredSettings(t *testing.T) {
	folder := t.TempDir()
	project := "name: data-global\nconfig:\n  jwtIssuer:\n    type: string\n  jwtAudience:\n    type: string\n  jwtKeys:\n    type: string\n"
	if err := os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	got := output(t, "jwks", "--state", t.TempDir(), "--settings", filepath.Join(folder, "Pulumi.local.yaml"))
	if strings.Count(got, "\n") != 3 || strings.Contains(got, "Tenant") {
		t.Errorf("local jwks says %q, want the three settings that the project declares", got)
	}
	real := output(t, "jwks", "--state", t.TempDir(), "--settings", "../../../../stacks/data-global/Pulumi.local.yaml")
	if strings.Count(real, "\n") != 5 {
		t.Errorf("local jwks says %q, want all five settings for the project of this version", real)
	}
}

func TestATokenAllowsTheScopesThatWereAskedFor(t *testing.T) {
	state := t.TempDir()
	for want, arguments := range map[string][]string{
		`"scope":"records:read records:write"`: {"token", "--state", state},
		`"scope":"records:read"`:               {"token", "--state", state, "--scope", "records:read"},
		`"tenant":"local"`:                     {"token", "--state", state},
		`"tenant":"clinic-a"`:                  {"token", "--state", state, "--tenant", "clinic-a"},
	} {
		parts := strings.Split(strings.TrimSpace(output(t, arguments...)), ".")
		if len(parts) != 3 {
			t.Fatalf("local token says %d parts, want a token of three", len(parts))
		}
		claims, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || !strings.Contains(string(claims), want) {
			t.Errorf("the claims are %s, %v; want %s", claims, err, want)
		}
	}
}
