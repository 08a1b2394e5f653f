package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"warmstandby/shared/settings"
)

const root = "../../.."

var stacks = []string{"foundation-network", "data-global", "region-app-east", "region-app-west", "global-edge"}

func TestEveryKeyIsExplained(t *testing.T) {
	var printed strings.Builder
	if err := run(&printed, root, "never-made", stacks); err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(printed.String()), " ")
	for _, stack := range stacks {
		content, err := os.ReadFile(filepath.Join(root, "stacks", stack, "Pulumi.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		project, err := settings.ReadProject(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range project.Keys {
			if want := key.Name + ", " + string(key.Type) + ": "; !strings.Contains(printed.String(), want) {
				t.Errorf("%s of %s is not listed", key.Name, stack)
			}
			if !strings.Contains(flat, strings.Join(strings.Fields(key.Description), " ")) {
				t.Errorf("%s of %s is not explained", key.Name, stack)
			}
		}
	}
	for line := range strings.Lines(printed.String()) {
		if strings.HasPrefix(line, "      ") && len(line) > 80 {
			t.Errorf("%q is wider than 80 columns", line)
		}
	}
}

func TestValuesOfAnEnvironment(t *testing.T) {
	folder := t.TempDir()
	stack := filepath.Join(folder, "stacks", "region-app-east")
	if err := os.MkdirAll(stack, 0o755); err != nil {
		t.Fatal(err)
	}
	declarations, err := os.ReadFile(filepath.Join(root, "stacks", "region-app-east", "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{
		"Pulumi.yaml": string(declarations),
		"Pulumi.dev.yaml": "config:\n  region-app-east:logLevel: debug\n" +
			"  region-app-east:notificationEmails:\n    - a@example.com\n    - b@example.com\n" +
			"  region-app-east:certificateArn:\n    secure: v1:abc\n  region-app-east:loglevel: x\n  pulumi:disable-default-providers: [aws]\n",
	} {
		if err := os.WriteFile(filepath.Join(stack, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var printed strings.Builder
	if err := run(&printed, folder, "dev", []string{"region-app-east"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  logLevel, string: debug   (set; default info)", "  notificationEmails, array: [a@example.com, b@example.com]   (set; default [])",
		"  certificateArn, string: [secret]   (set; default empty)", "  memoryMb, integer: 1024   (the default)",
		"  loglevel: region-app-east has no such key",
	} {
		if strings.Count(printed.String(), want) != 1 {
			t.Errorf("want %q once in\n%s", want, printed.String())
		}
	}
	if strings.Contains(printed.String(), "v1:abc") {
		t.Error("a secret is shown")
	}
}
