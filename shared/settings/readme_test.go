package settings

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"warmstandby/test/repository/page"
)

// readme is the page of the stacks, which has the tables of configuration and of profiles.
const readme = "../../stacks/README.md"

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
	page.HoldTable(t, readme, "configuration", b.String())
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
	page.HoldTable(t, readme, "profiles", b.String())
}

func figure(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
