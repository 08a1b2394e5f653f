package settings

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// update has the tests write the README's tables instead of comparing them: go test ./shared/settings -run README -update.
var update = flag.Bool("update", false, "write the tables of README.md")

const readme = "../../README.md"

func TestTheREADMEExplainsEveryKey(t *testing.T) {
	var b strings.Builder
	b.WriteString("| stack | key | type | default | what it is |\n|---|---|---|---|---|\n")
	for _, table := range []struct {
		stacks string
		keys   []Key
	}{
		{"`foundation-network`", FoundationKeys()}, {"`data-global`", DataKeys()},
		{"`region-app-east`, `region-app-west`", ApplicationKeys()}, {"`global-edge`", EdgeKeys()},
	} {
		for i, key := range table.keys {
			stacks := table.stacks
			if i > 0 {
				stacks = ""
			}
			shown := ""
			if key.Default != "" {
				shown = "`" + key.Default + "`"
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", stacks, key.Name, key.Type, shown, strings.ReplaceAll(key.Description, "|", `\|`))
		}
	}
	holdTable(t, "configuration", b.String())
}

func TestTheREADMEShowsEveryProfile(t *testing.T) {
	rows := []struct {
		what  string
		value func(defaults) string
	}{
		{"`" + keyNATStrategy + "`", func(d defaults) string { return string(d.nat) }},
		{"`" + keyListenerPort + "`", func(d defaults) string { return strconv.Itoa(d.listenerPort) }},
		{"`" + keyFlowLogRetentionDays + "`, `" + keyLogRetentionDays + "`", func(d defaults) string { return strconv.Itoa(d.logRetentionDays) }},
		{"`" + keyMinCapacity + "`, ACU an instance", func(d defaults) string { return figure(d.minCapacity) }},
		{"`" + keyMaxCapacity + "`, ACU an instance", func(d defaults) string { return figure(d.maxCapacity) }},
		{"`" + keyPrimaryInstances + "`", func(d defaults) string { return strconv.Itoa(d.primaryInstances) }},
		{"`" + keyBackupRetentionDays + "`", func(d defaults) string { return strconv.Itoa(d.backupRetentionDays) }},
		{"`" + keyPerformanceInsights + "`", func(d defaults) string { return strconv.FormatBool(d.performanceInsights) }},
		{"`" + keyVaultRetentionDays + "`", func(d defaults) string { return strconv.Itoa(d.vaultRetentionDays) }},
	}
	var b strings.Builder
	b.WriteString("| key |")
	for _, profile := range profiles {
		fmt.Fprintf(&b, " `%s` |", profile.profile)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(profiles)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", row.what)
		for _, profile := range profiles {
			fmt.Fprintf(&b, " %s |", row.value(profile))
		}
		b.WriteString("\n")
	}
	holdTable(t, "profiles", b.String())
}

func figure(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// holdTable compares what stands between two comments of the README, or writes it.
func holdTable(t *testing.T, name, want string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	before, rest, opened := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("the README has no place for the table: want %q and, later, %q", begin, end)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the README's table %q is not what the settings say: run go test ./shared/settings -run README -update", name)
	}
	if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
