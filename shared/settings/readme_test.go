package settings

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"warmstandby/test/repository/page"
)

// readme is the page of the stacks, which has the tables of configuration and of profiles.
const readme = "../../stacks/README.md"

func TestREADMEConfiguration(t *testing.T) {
	var b strings.Builder
	b.WriteString("| stack | key | type | default | meaning |\n|---|---|---|---|---|\n")
	for _, table := range []struct{ stacks, project string }{
		{"`foundation-network`", foundationName}, {"`data-global`", dataName},
		{"`region-app-east`, `region-app-west`", appName}, {"`global-edge`", edgeName},
	} {
		stacks := table.stacks
		for _, key := range read(t, table.project).Keys {
			shown := ""
			if key.Default != "" {
				shown = "`" + key.Default + "`"
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", stacks, key.Name, key.Type, shown, strings.ReplaceAll(key.Description, "|", `\|`))
			stacks = ""
		}
	}
	page.HoldTable(t, readme, "configuration", b.String())
}

func TestREADMEProfiles(t *testing.T) {
	rows := []struct {
		keys  string
		value func(profileDefaults) string
	}{
		{"`" + keyNATStrategy + "`", func(d profileDefaults) string { return string(d.nat) }},
		{"`" + keyListenerPort + "`", func(d profileDefaults) string { return strconv.Itoa(d.listenerPort) }},
		{"`" + keyFlowLogRetentionDays + "`, `" + keyLogRetentionDays + "`", func(d profileDefaults) string {
			return strconv.Itoa(d.logRetentionDays)
		}},
		{"`" + keyMinCapacity + "`, ACU an instance", func(d profileDefaults) string { return formatACU(d.minCapacity) }},
		{"`" + keyMaxCapacity + "`, ACU an instance", func(d profileDefaults) string { return formatACU(d.maxCapacity) }},
		{"`" + keyPrimaryInstances + "`", func(d profileDefaults) string { return strconv.Itoa(d.primaryInstances) }},
		{"`" + keyBackupRetentionDays + "`", func(d profileDefaults) string { return strconv.Itoa(d.backupRetentionDays) }},
		{"`" + keyPerformanceInsights + "`", func(d profileDefaults) string { return strconv.FormatBool(d.performanceInsights) }},
		{"`" + keyVaultRetentionDays + "`", func(d profileDefaults) string { return strconv.Itoa(d.vaultRetentionDays) }},
		{"`" + keyControllerArchitecture + "`", func(d profileDefaults) string { return cmp.Or(d.architecture, "the host's") }},
	}
	var b strings.Builder
	b.WriteString("| key |")
	for _, profile := range profiles {
		fmt.Fprintf(&b, " `%s` |", profile.profile)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(profiles)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", row.keys)
		for _, profile := range profiles {
			fmt.Fprintf(&b, " %s |", row.value(profile))
		}
		b.WriteString("\n")
	}
	page.HoldTable(t, readme, "profiles", b.String())
}
