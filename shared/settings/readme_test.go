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

// profileRows are the keys that a profile fills, with their values.
var profileRows = []struct {
	keys  []string
	unit  string
	value func(profileDefaults) string
}{
	{[]string{keyNATStrategy}, "", func(d profileDefaults) string { return string(d.nat) }},
	{[]string{keyListenerPort}, "", func(d profileDefaults) string { return strconv.Itoa(d.listenerPort) }},
	{[]string{keyAuditRetentionDays}, "", func(d profileDefaults) string { return strconv.Itoa(d.auditRetentionDays) }},
	{[]string{keyVersionRetention}, "", func(d profileDefaults) string { return strconv.Itoa(d.versionRetentionDays) }},
	{[]string{keyFlowLogRetentionDays, keyLogRetentionDays}, "", func(d profileDefaults) string { return strconv.Itoa(d.logRetentionDays) }},
	{[]string{keyConcurrencyQuota}, "", func(d profileDefaults) string { return strconv.Itoa(d.concurrencyQuota) }},
	{[]string{keyWAF}, "", func(d profileDefaults) string { return strconv.FormatBool(d.waf) }},
	{[]string{keyMinCapacity}, ", ACU per instance", func(d profileDefaults) string { return formatACU(d.minCapacity) }},
	{[]string{keyMaxCapacity}, ", ACU per instance", func(d profileDefaults) string { return formatACU(d.maxCapacity) }},
	{[]string{keyPrimaryInstances}, "", func(d profileDefaults) string { return strconv.Itoa(d.primaryInstances) }},
	{[]string{keyStandbyInstances}, "", func(d profileDefaults) string { return strconv.Itoa(d.standbyInstances) }},
	{[]string{keyBackupRetentionDays}, "", func(d profileDefaults) string { return strconv.Itoa(d.backupRetentionDays) }},
	{[]string{keyPerformanceInsights}, "", func(d profileDefaults) string { return strconv.FormatBool(d.performanceInsights) }},
	{[]string{keyVaultRetentionDays}, "", func(d profileDefaults) string { return strconv.Itoa(d.vaultRetentionDays) }},
	{[]string{keyControllerArchitecture}, "", func(d profileDefaults) string { return cmp.Or(d.architecture, "the host's") }},
}

func TestREADMEProfiles(t *testing.T) {
	var b strings.Builder
	b.WriteString("| key |")
	for _, defaults := range profiles {
		fmt.Fprintf(&b, " `%s` |", defaults.profile)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(profiles)) + "\n")
	for _, row := range profileRows {
		fmt.Fprintf(&b, "| `%s`%s |", strings.Join(row.keys, "`, `"), row.unit)
		for _, defaults := range profiles {
			fmt.Fprintf(&b, " %s |", row.value(defaults))
		}
		b.WriteString("\n")
	}
	page.HoldTable(t, readme, "profiles", b.String())
}
