package settings

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// What the messages of more than one row allow.
const (
	allowedVersion   = "an exact version of Aurora PostgreSQL, 16.8 or later, quoted, because YAML reads 16.10 as 16.1"
	allowedMinimum   = "0.5 to 256 ACU in steps of 0.5, or empty for the profile's"
	allowedMaximum   = "1 to 256 ACU in steps of 0.5, or empty for the profile's"
	allowedStandby   = "1 to 15 instances"
	allowedPrimary   = allowedStandby + ", or empty for the profile's"
	allowedBackup    = "1 to 35 days, or empty for the profile's"
	allowedWindow    = "hh:mm-hh:mm in UTC, at least 30 minutes"
	allowedRPO       = "0, which is off, or 20 to 900 seconds"
	allowedDays      = "1 to 36500 days"
	allowedVault     = allowedDays + ", or empty for the profile's"
	allowedExpiry    = "more days than transitionDays, so that a version moves before it expires"
	allowedSwitches  = "a map of names to true or false, such as {exports: true}"
	allowedName      = "names of a-z, A-Z and 0-9 that begin with a-z, 64 characters at most"
	allowedSwitch    = "true or false for each name, not quoted"
	allowedOrProfile = "true or false, or empty for the profile's"
)

func TestOneSettingOfDataIsWrong(t *testing.T) {
	allowedLogs := strings.TrimSuffix(allowedRetention, ", or 0 for the profile's") + ", or empty for the profile's"
	tests := []struct {
		name, key, value string
		want             Fault
	}{
		{"an engine that is too old is refused", "engineVersion", "15.4", Fault{"engineVersion", allowedVersion, `"15.4"`}},
		{"a minor version that is too old is refused", "engineVersion", "16.7", Fault{"engineVersion", allowedVersion, `"16.7"`}},
		{"a version that YAML took for a number is refused as the older one", "engineVersion", "16.1", Fault{"engineVersion", allowedVersion, `"16.1"`}},
		{"a major version alone is inexact", "engineVersion", "16", Fault{"engineVersion", allowedVersion, `"16"`}},
		{"a version with a placeholder is inexact", "engineVersion", "16.x", Fault{"engineVersion", allowedVersion, `"16.x"`}},
		{"a version of three parts is not Aurora's", "engineVersion", "16.8.1", Fault{"engineVersion", allowedVersion, `"16.8.1"`}},
		{"a version with a leading zero is refused", "engineVersion", "16.08", Fault{"engineVersion", allowedVersion, `"16.08"`}},
		{"no version is refused", "engineVersion", "", Fault{"engineVersion", allowedVersion, `""`}},
		{"a minimum of 0 is refused, because a paused standby is not warm", "minCapacity", "0", Fault{"minCapacity", allowedMinimum, `"0"`}},
		{"a minimum of 0.0 is 0", "minCapacity", "0.0", Fault{"minCapacity", allowedMinimum, `"0.0"`}},
		{"a minimum below 0 is refused", "minCapacity", "-1", Fault{"minCapacity", allowedMinimum, `"-1"`}},
		{"a minimum between two steps is refused", "minCapacity", "0.75", Fault{"minCapacity", allowedMinimum, `"0.75"`}},
		{"a minimum above what Aurora has is refused once", "minCapacity", "256.5", Fault{"minCapacity", allowedMinimum, `"256.5"`}},
		{"a minimum that is no number is refused", "minCapacity", "NaN", Fault{"minCapacity", allowedMinimum, `"NaN"`}},
		{"a minimum with an exponent is refused", "minCapacity", "1e0", Fault{"minCapacity", allowedMinimum, `"1e0"`}},
		{"a minimum above the profile's maximum is refused", "minCapacity", "4",
			Fault{"minCapacity", "no more than maxCapacity", "4 ACU, with maxCapacity 2 (the profile's)"}},
		{"a maximum of half a unit is refused", "maxCapacity", "0.5", Fault{"maxCapacity", allowedMaximum, `"0.5"`}},
		{"a maximum with a unit is refused", "maxCapacity", "8 ACU", Fault{"maxCapacity", allowedMaximum, `"8 ACU"`}},
		{"a primary without an instance is refused", "primaryInstances", "0", Fault{"primaryInstances", allowedPrimary, "0"}},
		{"more instances than a primary takes are refused", "primaryInstances", "16", Fault{"primaryInstances", allowedPrimary, "16"}},
		{"a standby without an instance is refused", "standbyInstances", "0", Fault{"standbyInstances", allowedStandby, "0"}},
		{"a standby with more instances than a primary takes is refused", "standbyInstances", "16", Fault{"standbyInstances", allowedStandby, "16"}},
		{"a standby without a number is refused", "standbyInstances", "", Fault{"standbyInstances", allowedStandby, `""`}},
		{"backups that are off are refused", "backupRetentionDays", "0", Fault{"backupRetentionDays", allowedBackup, "0"}},
		{"backups for longer than Aurora keeps them are refused", "backupRetentionDays", "36", Fault{"backupRetentionDays", allowedBackup, "36"}},
		{"a retention that is no whole number is refused", "backupRetentionDays", "7.5", Fault{"backupRetentionDays", allowedBackup, `"7.5"`}},
		{"a backup window under 30 minutes is refused", "backupWindow", "23:50-00:19", Fault{"backupWindow", allowedWindow, `"23:50-00:19"`}},
		{"a backup window without length is refused", "backupWindow", "02:00-02:00", Fault{"backupWindow", allowedWindow, `"02:00-02:00"`}},
		{"an hour that no day has is refused", "backupWindow", "24:00-01:00", Fault{"backupWindow", allowedWindow, `"24:00-01:00"`}},
		{"a minute that no hour has is refused", "backupWindow", "01:00-02:60", Fault{"backupWindow", allowedWindow, `"01:00-02:60"`}},
		{"a backup window with a weekday is a maintenance window", "backupWindow", "sun:01:00-sun:02:00", Fault{"backupWindow", allowedWindow, `"sun:01:00-sun:02:00"`}},
		{"no backup window is refused", "backupWindow", "", Fault{"backupWindow", allowedWindow, `""`}},
		{"a retention that CloudWatch Logs does not offer is refused", "logRetentionDays", "10", Fault{"logRetentionDays", allowedLogs, "10"}},
		{"a retention of 0, which CloudWatch Logs takes for ever, is refused", "logRetentionDays", "0", Fault{"logRetentionDays", allowedLogs, "0"}},
		{"a retention with a unit is refused", "logRetentionDays", "30d", Fault{"logRetentionDays", allowedLogs, `"30d"`}},
		{"an RPO under what Aurora takes is refused", "rpoSeconds", "19", Fault{"rpoSeconds", allowedRPO, "19"}},
		{"an RPO over the promise is refused", "rpoSeconds", "901", Fault{"rpoSeconds", allowedRPO, "901"}},
		{"an RPO under none is refused", "rpoSeconds", "-1", Fault{"rpoSeconds", allowedRPO, "-1"}},
		{"a misspelt switch is refused rather than read as off", "performanceInsights", "ture",
			Fault{"performanceInsights", allowedOrProfile, `"ture"`}},
		{"a transition earlier than S3's is refused", "transitionDays", "29", Fault{"transitionDays", "30 to 36500 days", "29"}},
		{"a transition after the expiry is refused", "transitionDays", "91", Fault{"noncurrentExpiryDays", allowedExpiry, "90 days, with transitionDays 91"}},
		{"an expiry before the transition is refused", "noncurrentExpiryDays", "29", Fault{"noncurrentExpiryDays", allowedExpiry, "29 days, with transitionDays 30"}},
		{"an expiry on the day of the transition is refused", "noncurrentExpiryDays", "30", Fault{"noncurrentExpiryDays", allowedExpiry, "30 days, with transitionDays 30"}},
		{"an expiry of 0 days is refused once", "noncurrentExpiryDays", "0", Fault{"noncurrentExpiryDays", allowedDays, "0"}},
		{"uploads that are never thrown away are refused", "abortUploadDays", "0", Fault{"abortUploadDays", allowedDays, "0"}},
		{"an archive of 0 days, which EventBridge takes for ever, is refused", "archiveDays", "0", Fault{"archiveDays", allowedDays, "0"}},
		{"an archive for longer than a hundred years is a slip", "archiveDays", "36501", Fault{"archiveDays", allowedDays, "36501"}},
		{"a vault that keeps nothing is refused", "vaultRetentionDays", "0", Fault{"vaultRetentionDays", allowedVault, "0"}},
		{"a number that no computer word holds is refused", "vaultRetentionDays", "99999999999999999999", Fault{"vaultRetentionDays", allowedVault, `"99999999999999999999"`}},
		{"switches that are a list are refused", "featureSwitches", `["exports"]`, Fault{"featureSwitches", allowedSwitches, `"[\"exports\"]"`}},
		{"switches that are nothing are refused", "featureSwitches", "null", Fault{"featureSwitches", allowedSwitches, `"null"`}},
		{"switches that are an empty text are refused", "featureSwitches", "", Fault{"featureSwitches", allowedSwitches, `""`}},
		{"a switch whose value is a text is refused", "featureSwitches", `{"exports":"true"}`, Fault{"featureSwitches", allowedSwitch, `exports: "true"`}},
		{"a switch without a value is refused rather than read as off", "featureSwitches", `{"exports":null}`, Fault{"featureSwitches", allowedSwitch, "exports: null"}},
		{"a switch whose name is a path is refused", "featureSwitches", `{"a":true,"b/c":true}`, Fault{"featureSwitches", allowedName, `"b/c"`}},
		{"a switch without a name is refused", "featureSwitches", `{"":true}`, Fault{"featureSwitches", allowedName, `""`}},
		{"a switch whose name is too long is refused", "featureSwitches", `{"` + strings.Repeat("a", 65) + `":true}`,
			Fault{"featureSwitches", allowedName, `"` + strings.Repeat("a", 65) + `"`}},
		{"a misspelt key is refused with the nearest one", "minCapacty", "1", Fault{"minCapacty", "minCapacity (the nearest key)", "an unknown key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseData(dataProject, "blue", Dev, namespaced(dataProject, map[string]string{test.key: test.value}))
			var faults *Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want *Faults", err)
			}
			if want := []Fault{test.want}; !reflect.DeepEqual(faults.List, want) {
				t.Errorf("the faults are\n%q, want\n%q", faults.List, want)
			}
			if !reflect.DeepEqual(got, Data{}) {
				t.Errorf("beside the faults came %+v", got)
			}
		})
	}
}

func TestAMaximumBelowTheProfilesMinimumIsRefused(t *testing.T) {
	_, err := ParseData(dataProject, "blue", Prod, namespaced(dataProject, map[string]string{"maxCapacity": "7.5"}))
	want := "data-global (blue): 1 setting is wrong:\n" +
		"  minCapacity: allowed no more than maxCapacity; got 8 ACU (the profile's), with maxCapacity 7.5"
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v, want\n%s", err, want)
	}
}

func TestAnUnknownProfileIsTheOnlyFaultOfWhatItWouldHaveFilled(t *testing.T) {
	_, err := ParseData(dataProject, "blue", "", namespaced(dataProject, map[string]string{"minCapacity": "4"}))
	want := "data-global (blue): 1 setting is wrong:\n" +
		`  profile: allowed local, dev or prod; got "" (the profile that foundation-network tells)`
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v, want\n%s", err, want)
	}
}

func TestSeveralFaultsOfDataComeTogetherSortedByKey(t *testing.T) {
	_, err := ParseData(dataProject, "blue", "staging", namespaced(dataProject, map[string]string{
		"engineVersion": "16", "minCapacity": "0", "standbyInstances": "none", "profile": "prod", "rpoSeconds": "15",
		"transitionDays": "7", "noncurrentExpiryDays": "3", "featureSwitches": `{"B":true,"a":1}`, "databasePassword": "hunter2",
		"maxCapacity": "4", "natStrategy": "single",
	}))
	want := `data-global (blue): 9 settings are wrong:
  databasePassword: allowed ` + allKeys() + `; got an unknown key
  engineVersion: allowed ` + allowedVersion + `; got "16"
  featureSwitches: allowed ` + allowedName + `; got "B"
  featureSwitches: allowed ` + allowedSwitch + `; got a: 1
  minCapacity: allowed ` + allowedMinimum + `; got "0"
  natStrategy: allowed ` + allKeys() + `; got an unknown key
  profile: allowed ` + allKeys() + `; got an unknown key
  profile: allowed local, dev or prod; got "staging" (the profile that foundation-network tells)
  rpoSeconds: allowed 0, which is off, or 20 to 900 seconds; got 15
  standbyInstances: allowed ` + allowedStandby + `; got "none"
  transitionDays: allowed 30 to 36500 days; got 7`
	if err == nil || err.Error() != want {
		t.Errorf("the error is\n%v, want\n%s", err, want)
	}
}

// allKeys is what the message about an unknown key allows.
func allKeys() string {
	return "abortUploadDays, archiveDays, backupRetentionDays, backupWindow, engineVersion, featureSwitches, jwtAudience, jwtIssuer, jwtKeys, " +
		"logRetentionDays, " +
		"maxCapacity, minCapacity, noncurrentExpiryDays, performanceInsights, primaryInstances, rpoSeconds, standbyInstances, " +
		"transitionDays, vaultRetentionDays"
}
