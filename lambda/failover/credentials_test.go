package main

import (
	"path/filepath"
	"strings"
	"testing"

	"warmstandby/lambda/failover/cli"
)

// Without credentials a command says so in one line, and not what AWS's SDK has tried.
func TestCommandsWithoutCredentials(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	for _, command := range []string{"status", "preflight", "failback"} {
		t.Run(command, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := cli.Main(t.Context(), []string{command, "--env", "prod"}, "operator", connector{}, &stdout, &stderr)
			said := stdout.String() + stderr.String()
			if code == cli.OK || !strings.Contains(said, "there are no credentials of AWS: log in (aws sso login), or set AWS_PROFILE") ||
				strings.Contains(said, "operation error") || strings.Count(said, "\n") > 2 {
				t.Errorf("exit code %d with\n%s", code, said)
			}
		})
	}
}
