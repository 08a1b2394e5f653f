package settings

import (
	"reflect"
	"testing"
)

// expectDev is the configuration of a stack of the profile dev that sets nothing.
func expectDev() Data {
	return Data{
		Database: Database{
			EngineVersion: "16.8", MinCapacity: 0.5, MaxCapacity: 2, PrimaryInstances: 1, StandbyInstances: 1,
			BackupRetentionDays: 7, BackupWindow: "01:00-02:00", LogRetentionDays: 7, RPOSeconds: 600,
		},
		Lifecycle:          Lifecycle{TransitionDays: 30, NoncurrentExpiryDays: 90, AbortUploadDays: 7},
		ArchiveDays:        30,
		VaultRetentionDays: 7,
		Tokens:             Tokens{Issuer: "nobody", Audience: "nobody", KeySet: `{"keys":[]}`, AudienceClaim: AudClaim},
	}
}

// withData returns the configuration after a change.
func withData(d Data, change func(*Data)) Data {
	change(&d)
	return d
}

func TestParseData(t *testing.T) {
	tests := []struct {
		name    string
		profile Profile
		values  map[string]string
		want    Data
	}{
		{"nothing set in dev", Dev, nil, expectDev()},
		{"local has the smallest values that AWS accepts", Local, nil, withData(expectDev(), func(d *Data) {
			d.Database.MaxCapacity, d.Database.BackupRetentionDays, d.Database.LogRetentionDays, d.VaultRetentionDays = 1, 1, 1, 1
		})},
		{"prod has two instances in either region, long backups and Performance Insights", Prod, nil, withData(expectDev(), func(d *Data) {
			d.Database.MinCapacity, d.Database.MaxCapacity, d.Database.PrimaryInstances, d.Database.StandbyInstances = 8, 32, 2, 2
			d.Database.BackupRetentionDays, d.Database.LogRetentionDays, d.VaultRetentionDays = 35, 365, 365
			d.Database.PerformanceInsights = true
		})},
		{"a key that is set overrides the profile, with a smaller value, too", Prod, map[string]string{
			"minCapacity": "0.5", "primaryInstances": "1", "standbyInstances": "1", "backupRetentionDays": "1", "performanceInsights": "false",
		}, withData(expectDev(), func(d *Data) {
			d.Database.MaxCapacity, d.Database.BackupRetentionDays, d.Database.LogRetentionDays, d.VaultRetentionDays = 32, 1, 365, 365
		})},
		{"an empty string is the profile's default", Prod, map[string]string{
			"minCapacity": "", "maxCapacity": "", "primaryInstances": "", "standbyInstances": "", "backupRetentionDays": "",
			"logRetentionDays": "", "performanceInsights": "", "vaultRetentionDays": "",
		}, withData(expectDev(), func(d *Data) {
			d.Database.MinCapacity, d.Database.MaxCapacity, d.Database.PrimaryInstances, d.Database.StandbyInstances = 8, 32, 2, 2
			d.Database.BackupRetentionDays, d.Database.LogRetentionDays, d.VaultRetentionDays = 35, 365, 365
			d.Database.PerformanceInsights = true
		})},
		{"a later minor version is compared as a number", Dev, map[string]string{"engineVersion": "16.10"},
			withData(expectDev(), func(d *Data) { d.Database.EngineVersion = "16.10" })},
		{"a later major version has any minor one", Dev, map[string]string{"engineVersion": "17.0"},
			withData(expectDev(), func(d *Data) { d.Database.EngineVersion = "17.0" })},
		{"equal capacities do not scale, and are allowed", Dev, map[string]string{"minCapacity": "1", "maxCapacity": "1.0"},
			withData(expectDev(), func(d *Data) { d.Database.MinCapacity, d.Database.MaxCapacity = 1, 1 })},
		{"a final snapshot", Dev, map[string]string{"finalSnapshot": "20261129t020304"},
			withData(expectDev(), func(d *Data) { d.Database.FinalSnapshot = "20261129t020304" })},
		{"a backup window over midnight", Dev, map[string]string{"backupWindow": "23:45-00:15"},
			withData(expectDev(), func(d *Data) { d.Database.BackupWindow = "23:45-00:15" })},
		{"versions that expire the day after they move", Dev, map[string]string{"noncurrentExpiryDays": "31"},
			withData(expectDev(), func(d *Data) { d.Lifecycle.NoncurrentExpiryDays = 31 })},
		{"feature switches, on and off", Dev, map[string]string{"featureSwitches": `{"exports":true,"bulkImport2":false}`},
			withData(expectDev(), func(d *Data) { d.FeatureSwitches = map[string]bool{"exports": true, "bulkImport2": false} })},
		{"every key at a value of its own", Dev, map[string]string{
			"engineVersion": "17.3", "minCapacity": "1.5", "maxCapacity": "2.5", "primaryInstances": "3", "standbyInstances": "4",
			"backupRetentionDays": "5", "backupWindow": "06:00-07:00", "logRetentionDays": "60", "rpoSeconds": "70",
			"performanceInsights": "true", "transitionDays": "80", "noncurrentExpiryDays": "91", "abortUploadDays": "10",
			"archiveDays": "11", "vaultRetentionDays": "12", "featureSwitches": `{"m":false}`,
		}, Data{
			Database: Database{
				EngineVersion: "17.3", MinCapacity: 1.5, MaxCapacity: 2.5, PrimaryInstances: 3, StandbyInstances: 4,
				BackupRetentionDays: 5, BackupWindow: "06:00-07:00", LogRetentionDays: 60, RPOSeconds: 70, PerformanceInsights: true,
			},
			Lifecycle:   Lifecycle{TransitionDays: 80, NoncurrentExpiryDays: 91, AbortUploadDays: 10},
			ArchiveDays: 11, VaultRetentionDays: 12, FeatureSwitches: map[string]bool{"m": false}, Tokens: expectDev().Tokens,
		}},
		{"every key at its highest", Dev, map[string]string{
			"engineVersion": "99.99", "minCapacity": "256", "maxCapacity": "256", "primaryInstances": "15", "standbyInstances": "15",
			"backupRetentionDays": "35", "backupWindow": "00:30-22:30", "logRetentionDays": "3653", "rpoSeconds": "900",
			"performanceInsights": "true", "transitionDays": "36499", "noncurrentExpiryDays": "36500", "abortUploadDays": "36500",
			"archiveDays": "36500", "vaultRetentionDays": "36500", "featureSwitches": `{"a":true}`,
		}, Data{
			Database: Database{
				EngineVersion: "99.99", MinCapacity: 256, MaxCapacity: 256, PrimaryInstances: 15, StandbyInstances: 15,
				BackupRetentionDays: 35, BackupWindow: "00:30-22:30", LogRetentionDays: 3653, RPOSeconds: 900, PerformanceInsights: true,
			},
			Lifecycle:   Lifecycle{TransitionDays: 36499, NoncurrentExpiryDays: 36500, AbortUploadDays: 36500},
			ArchiveDays: 36500, VaultRetentionDays: 36500, FeatureSwitches: map[string]bool{"a": true}, Tokens: expectDev().Tokens,
		}},
		{"an RPO that is off", Dev, map[string]string{"rpoSeconds": "0"}, withData(expectDev(), func(d *Data) { d.Database.RPOSeconds = 0 })},
		{"every key at its lowest", Prod, map[string]string{
			"engineVersion": "16.8", "minCapacity": "0.5", "maxCapacity": "1", "primaryInstances": "1", "standbyInstances": "1",
			"backupRetentionDays": "1", "backupWindow": "00:00-00:30", "logRetentionDays": "1", "rpoSeconds": "20",
			"performanceInsights": "false", "transitionDays": "30", "noncurrentExpiryDays": "31", "abortUploadDays": "1",
			"archiveDays": "1", "vaultRetentionDays": "1", "featureSwitches": `{}`,
		}, Data{
			Database: Database{
				EngineVersion: "16.8", MinCapacity: 0.5, MaxCapacity: 1, PrimaryInstances: 1, StandbyInstances: 1,
				BackupRetentionDays: 1, BackupWindow: "00:00-00:30", LogRetentionDays: 1, RPOSeconds: 20,
			},
			Lifecycle:   Lifecycle{TransitionDays: 30, NoncurrentExpiryDays: 31, AbortUploadDays: 1},
			ArchiveDays: 1, VaultRetentionDays: 1, Tokens: expectDev().Tokens,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			values := namespaced(dataName, test.values)
			// Keys of other namespaces, which are left alone.
			values["foundation-network:profile"], values["aws:region"] = "prod", "nowhere"
			got, err := ParseData(read(t, dataName), "blue", test.profile, values)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("ParseData =\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func TestProfileDefaultsAreInRange(t *testing.T) {
	for _, defaults := range profiles {
		t.Run(string(defaults.profile), func(t *testing.T) {
			d, err := ParseData(read(t, dataName), "blue", defaults.profile, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkData(t, d)
		})
	}
}
