package settings

import (
	"reflect"
	"strings"
	"testing"
)

// What the messages of more than one row allow.
const (
	allowedVersion   = "an exact version of Aurora PostgreSQL, 16.8 or later, quoted, because YAML reads 16.10 as 16.1"
	allowedMinimum   = "0.5 to 256 ACU in steps of 0.5, or empty for the profile's default"
	allowedMaximum   = "1 to 256 ACU in steps of 0.5, or empty for the profile's default"
	allowedPrimary   = "1 to 15 instances, or empty for the profile's default"
	allowedStandby   = allowedPrimary
	allowedBackup    = "1 to 35 days, or empty for the profile's default"
	allowedWindow    = "hh:mm-hh:mm in UTC, 30 minutes to 22 hours"
	allowedSnapshot  = "a time such as 20060102t150405, or empty for none"
	allowedRPO       = "0, which is off, or 20 to 900 seconds"
	allowedDays      = "1 to 36500 days"
	allowedVault     = allowedDays + ", or empty for the profile's default"
	allowedExpiry    = "more days than transitionDays, so that a version moves before it expires"
	allowedSwitches  = "a map of names to true or false, such as {exports: true}"
	allowedName      = "names of a-z, A-Z and 0-9 that begin with a-z, 64 characters at most"
	allowedSwitch    = "true or false for each name, not quoted"
	allowedOrProfile = "true or false, or empty for the profile's default"
)

func TestParseDataFaults(t *testing.T) {
	tests := []struct {
		name, key, value string
		want             Fault
	}{
		{"an engine that is too old is refused", "engineVersion", "15.4", Fault{"engineVersion", allowedVersion, `"15.4"`}},
		{"a minor version that is too old is refused", "engineVersion", "16.7", Fault{"engineVersion", allowedVersion, `"16.7"`}},
		{"a version that YAML read as a number is refused as the older one", "engineVersion", "16.1",
			Fault{"engineVersion", allowedVersion, `"16.1"`}},
		{"a major version alone is inexact", "engineVersion", "16", Fault{"engineVersion", allowedVersion, `"16"`}},
		{"a version with a placeholder is inexact", "engineVersion", "16.x", Fault{"engineVersion", allowedVersion, `"16.x"`}},
		{"a version of three parts is not Aurora's", "engineVersion", "16.8.1", Fault{"engineVersion", allowedVersion, `"16.8.1"`}},
		{"a version with a leading zero is refused", "engineVersion", "16.08", Fault{"engineVersion", allowedVersion, `"16.08"`}},
		{"no version is refused", "engineVersion", "", Fault{"engineVersion", allowedVersion, `""`}},
		{"a minimum of 0 is refused, because a paused standby is not warm", "minCapacity", "0", Fault{"minCapacity", allowedMinimum, `"0"`}},
		{"a minimum of 0.0 is 0", "minCapacity", "0.0", Fault{"minCapacity", allowedMinimum, `"0.0"`}},
		{"a negative minimum is refused", "minCapacity", "-1", Fault{"minCapacity", allowedMinimum, `"-1"`}},
		{"a minimum between two steps is refused", "minCapacity", "0.75", Fault{"minCapacity", allowedMinimum, `"0.75"`}},
		{"a minimum above Aurora's limit is refused once", "minCapacity", "256.5", Fault{"minCapacity", allowedMinimum, `"256.5"`}},
		{"a minimum that is no number is refused", "minCapacity", "NaN", Fault{"minCapacity", allowedMinimum, `"NaN"`}},
		{"a minimum with an exponent is refused", "minCapacity", "1e0", Fault{"minCapacity", allowedMinimum, `"1e0"`}},
		{"a minimum above the profile's maximum is refused", "minCapacity", "4",
			Fault{"minCapacity", "no more than maxCapacity", "4 ACU, with maxCapacity 2 (the profile's default)"}},
		{"a maximum of half a unit is refused", "maxCapacity", "0.5", Fault{"maxCapacity", allowedMaximum, `"0.5"`}},
		{"a maximum with a unit is refused", "maxCapacity", "8 ACU", Fault{"maxCapacity", allowedMaximum, `"8 ACU"`}},
		{"a primary without an instance is refused", "primaryInstances", "0", Fault{"primaryInstances", allowedPrimary, "0"}},
		{"more instances than a primary can have are refused", "primaryInstances", "16", Fault{"primaryInstances", allowedPrimary, "16"}},
		{"a standby without an instance is refused", "standbyInstances", "0", Fault{"standbyInstances", allowedStandby, "0"}},
		{"a standby with more instances than a primary can have is refused", "standbyInstances", "16",
			Fault{"standbyInstances", allowedStandby, "16"}},
		{"a standby without a number is refused", "standbyInstances", "warm", Fault{"standbyInstances", allowedStandby, `"warm"`}},
		{"backups that are off are refused", "backupRetentionDays", "0", Fault{"backupRetentionDays", allowedBackup, "0"}},
		{"backups for longer than Aurora keeps them are refused", "backupRetentionDays", "36", Fault{"backupRetentionDays", allowedBackup, "36"}},
		{"a retention that is no whole number is refused", "backupRetentionDays", "7.5", Fault{"backupRetentionDays", allowedBackup, `"7.5"`}},
		{"a backup window under 30 minutes is refused", "backupWindow", "23:50-00:19", Fault{"backupWindow", allowedWindow, `"23:50-00:19"`}},
		{"a backup window without length is refused", "backupWindow", "02:00-02:00", Fault{"backupWindow", allowedWindow, `"02:00-02:00"`}},
		{"a backup window that leaves no room for the maintenance window is refused", "backupWindow", "03:00-01:01",
			Fault{"backupWindow", allowedWindow, `"03:00-01:01"`}},
		{"an hour that no day has is refused", "backupWindow", "24:00-01:00", Fault{"backupWindow", allowedWindow, `"24:00-01:00"`}},
		{"a minute that no hour has is refused", "backupWindow", "01:00-02:60", Fault{"backupWindow", allowedWindow, `"01:00-02:60"`}},
		{"a backup window with a weekday is a maintenance window", "backupWindow", "sun:01:00-sun:02:00",
			Fault{"backupWindow", allowedWindow, `"sun:01:00-sun:02:00"`}},
		{"a final snapshot with a hyphen is refused", "finalSnapshot", "2026-11-29", Fault{"finalSnapshot", allowedSnapshot, `"2026-11-29"`}},
		{
			"a final snapshot in capitals is refused",
			"finalSnapshot",
			"20261129T020304",
			Fault{"finalSnapshot", allowedSnapshot, `"20261129T020304"`},
		},
		{
			"a final snapshot of a day that is none is refused",
			"finalSnapshot",
			"20260230t020304",
			Fault{"finalSnapshot", allowedSnapshot, `"20260230t020304"`},
		},
		{"no backup window is refused", "backupWindow", "", Fault{"backupWindow", allowedWindow, `""`}},
		{"a retention that CloudWatch Logs does not offer is refused", "logRetentionDays", "10",
			Fault{"logRetentionDays", allowedRetention, "10"}},
		{"a retention of 0, which CloudWatch Logs reads as without limit, is refused", "logRetentionDays", "0",
			Fault{"logRetentionDays", allowedRetention, "0"}},
		{"a retention with a unit is refused", "logRetentionDays", "30d", Fault{"logRetentionDays", allowedRetention, `"30d"`}},
		{"an RPO under Aurora's minimum is refused", "rpoSeconds", "19", Fault{"rpoSeconds", allowedRPO, "19"}},
		{"an RPO over the objective of 15 minutes is refused", "rpoSeconds", "901", Fault{"rpoSeconds", allowedRPO, "901"}},
		{"a negative RPO is refused", "rpoSeconds", "-1", Fault{"rpoSeconds", allowedRPO, "-1"}},
		{"a misspelt switch is refused, not read as off", "performanceInsights", "ture",
			Fault{"performanceInsights", allowedOrProfile, `"ture"`}},
		{"a transition earlier than S3's is refused", "transitionDays", "29", Fault{"transitionDays", "30 to 36500 days", "29"}},
		{"a transition after the expiry is refused", "transitionDays", "91",
			Fault{"noncurrentExpiryDays", allowedExpiry, "90 days, with transitionDays 91"}},
		{"an expiry before the transition is refused", "noncurrentExpiryDays", "29",
			Fault{"noncurrentExpiryDays", allowedExpiry, "29 days, with transitionDays 30"}},
		{"an expiry on the day of the transition is refused", "noncurrentExpiryDays", "30",
			Fault{"noncurrentExpiryDays", allowedExpiry, "30 days, with transitionDays 30"}},
		{"an expiry of 0 days is refused once", "noncurrentExpiryDays", "0", Fault{"noncurrentExpiryDays", allowedDays, "0"}},
		{"uploads that are never deleted are refused", "abortUploadDays", "0", Fault{"abortUploadDays", allowedDays, "0"}},
		{"an archive of 0 days, which EventBridge reads as without limit, is refused", "archiveDays", "0",
			Fault{"archiveDays", allowedDays, "0"}},
		{"an archive for longer than a hundred years is a mistake", "archiveDays", "36501", Fault{"archiveDays", allowedDays, "36501"}},
		{"a vault that keeps nothing is refused", "vaultRetentionDays", "0", Fault{"vaultRetentionDays", allowedVault, "0"}},
		{"a number of more than 64 bits is refused", "vaultRetentionDays", "99999999999999999999",
			Fault{"vaultRetentionDays", allowedVault, `"99999999999999999999"`}},
		{"switches that are a list are refused", "featureSwitches", `["exports"]`, Fault{"featureSwitches", allowedSwitches, `"[\"exports\"]"`}},
		{"switches that are null are refused", "featureSwitches", "null", Fault{"featureSwitches", allowedSwitches, `"null"`}},
		{"switches that are an empty string are refused", "featureSwitches", "", Fault{"featureSwitches", allowedSwitches, `""`}},
		{"a switch whose value is a string is refused", "featureSwitches", `{"exports":"true"}`,
			Fault{"featureSwitches", allowedSwitch, `exports: "true"`}},
		{"a switch without a value is refused, not read as off", "featureSwitches", `{"exports":null}`,
			Fault{"featureSwitches", allowedSwitch, "exports: null"}},
		{"a switch whose name is a path is refused", "featureSwitches", `{"a":true,"b/c":true}`, Fault{"featureSwitches", allowedName, `"b/c"`}},
		{"a switch without a name is refused", "featureSwitches", `{"":true}`, Fault{"featureSwitches", allowedName, `""`}},
		{"a switch whose name is too long is refused", "featureSwitches", `{"` + strings.Repeat("a", 65) + `":true}`,
			Fault{"featureSwitches", allowedName, `"` + strings.Repeat("a", 65) + `"`}},
		{"a misspelt key is refused with the nearest one", "minCapacty", "1",
			Fault{"minCapacty", "minCapacity (the nearest key)", "an unknown key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseData(read(t, dataName), "blue", Dev, namespaced(dataName, map[string]string{test.key: test.value}))
			wantFault(t, err, test.want)
			if !reflect.DeepEqual(got, Data{}) {
				t.Errorf("with the fault came the configuration %+v", got)
			}
		})
	}
}

func TestParseDataMessages(t *testing.T) {
	tests := []struct {
		name    string
		profile Profile
		values  map[string]string
		want    string
	}{
		{"a maximum less than the profile's minimum", Prod, map[string]string{"maxCapacity": "7.5"},
			"data-global (blue): 1 setting is wrong:\n" +
				"  minCapacity: allowed no more than maxCapacity; got 8 ACU (the profile's default), with maxCapacity 7.5"},
		{"an unknown profile is the only fault of the keys that it fills", "", map[string]string{"minCapacity": "4"},
			"data-global (blue): 1 setting is wrong:\n" +
				`  profile: allowed local, dev or prod; got "" (the profile that foundation-network exports)`},
		{"several faults are sorted by key", "staging", map[string]string{
			"engineVersion": "16", "minCapacity": "0", "standbyInstances": "none", "profile": "prod", "rpoSeconds": "15",
			"transitionDays": "7", "noncurrentExpiryDays": "3", "featureSwitches": `{"B":true,"a":1}`, "databasePassword": "hunter2",
			"maxCapacity": "4", "natStrategy": "single",
		}, `data-global (blue): 9 settings are wrong:
  databasePassword: allowed ` + allKeys() + `; got an unknown key
  engineVersion: allowed ` + allowedVersion + `; got "16"
  featureSwitches: allowed ` + allowedName + `; got "B"
  featureSwitches: allowed ` + allowedSwitch + `; got a: 1
  minCapacity: allowed ` + allowedMinimum + `; got "0"
  natStrategy: allowed ` + allKeys() + `; got an unknown key
  profile: allowed ` + allKeys() + `; got an unknown key
  profile: allowed local, dev or prod; got "staging" (the profile that foundation-network exports)
  rpoSeconds: allowed 0, which is off, or 20 to 900 seconds; got 15
  standbyInstances: allowed ` + allowedStandby + `; got "none"
  transitionDays: allowed 30 to 36500 days; got 7`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseData(read(t, dataName), "blue", test.profile, namespaced(dataName, test.values))
			if err == nil || err.Error() != test.want {
				t.Errorf("the error is\n%v, want\n%s", err, test.want)
			}
		})
	}
}

// allKeys is what the message about an unknown key allows.
func allKeys() string {
	return "abortUploadDays, archiveDays, backupRetentionDays, backupWindow, engineVersion, featureSwitches, finalSnapshot, jwtAudience, " +
		"jwtAudienceClaim, jwtDefaultTenant, jwtIssuer, jwtKeys, jwtScopePrefix, jwtTenantClaim, logRetentionDays, maxCapacity, " +
		"minCapacity, noncurrentExpiryDays, performanceInsights, primaryInstances, rpoSeconds, standbyInstances, transitionDays, " +
		"vaultRetentionDays"
}
