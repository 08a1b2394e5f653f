package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"warmstandby/shared/naming"
)

// The oldest engine version that the platform supports: the long-term support release of PostgreSQL 16 (Aurora PostgreSQL Release
// Notes, LTS releases).
const (
	oldestMajor = 16
	oldestMinor = 8
)

// versionForm is that of an exact version: two numbers. With a major version alone each region chooses its own minor version, and
// AWS refuses a switchover between members of different versions (Amazon Aurora User Guide, Managed switchovers).
var versionForm = regexp.MustCompile(`^([1-9][0-9]?)\.(0|[1-9][0-9]?)$`)

// The bounds of Aurora Serverless v2, in Aurora capacity units (Amazon Aurora User Guide, Choosing the capacity range). AWS accepts a
// minimum of 0, too, but then pauses the instance: a paused standby is not warm.
const (
	smallestMinimum = 0.5
	smallestMaximum = 1
	largestCapacity = 256
)

// memberInstances is the range of either member's instances. The primary of a global database with one secondary region has at most
// 14 readers and a writer (Amazon Aurora User Guide, Configuration requirements: 15 less the secondaries); the standby could have
// 16, but it may become the primary.
var memberInstances = intRange{1, 15, "instances"}

// backupRetention is the range that Aurora offers; backups cannot be disabled (Amazon RDS API, CreateDBCluster,
// BackupRetentionPeriod).
var backupRetention = intRange{1, 35, "days"}

// rpoRange is that of rds.global_db_rpo: from the minimum that Aurora accepts (Amazon Aurora User Guide, Managing RPOs) to the RPO
// objective of 15 minutes. 0 is off.
var rpoRange = intRange{20, 900, "seconds"}

// database returns the configuration of the global database.
func (r *reader) database(defaults profileDefaults) Database {
	d := Database{
		EngineVersion:       r.engineVersion(),
		MinCapacity:         r.capacityOr(keyMinCapacity, smallestMinimum, defaults.minCapacity),
		MaxCapacity:         r.capacityOr(keyMaxCapacity, smallestMaximum, defaults.maxCapacity),
		PrimaryInstances:    r.integerOr(keyPrimaryInstances, memberInstances, defaults.primaryInstances),
		StandbyInstances:    r.integerOr(keyStandbyInstances, memberInstances, defaults.standbyInstances),
		BackupRetentionDays: r.integerOr(keyBackupRetentionDays, backupRetention, defaults.backupRetentionDays),
		BackupWindow:        r.backupWindow(),
		LogRetentionDays:    r.logRetentionOr(keyLogRetentionDays, defaults.logRetentionDays),
		RPOSeconds:          r.rpoSeconds(),
		PerformanceInsights: r.booleanOr(keyPerformanceInsights, defaults.performanceInsights),
		FinalSnapshot:       r.finalSnapshot(),
	}
	// Without a profile a bound may have no value to compare. An invalid minimum is less than any maximum.
	if defaults.profile != "" && d.MaxCapacity != invalid && d.MinCapacity > d.MaxCapacity {
		r.refuse(keyMinCapacity, "no more than "+keyMaxCapacity, fmt.Sprintf("%s ACU%s, with %s %s%s",
			formatACU(d.MinCapacity), r.originOf(keyMinCapacity), keyMaxCapacity, formatACU(d.MaxCapacity), r.originOf(keyMaxCapacity)))
	}
	return d
}

// rpoSeconds returns the value of rds.global_db_rpo, 0 for a parameter that is left out, or [invalid].
func (r *reader) rpoSeconds() int {
	if _, ok := r.declared(keyRPOSeconds, Integer); !ok {
		return invalid
	}
	return r.parseInt(keyRPOSeconds, r.values[keyRPOSeconds], "0, which is off, or "+rpoRange.String(), func(seconds int) bool {
		return seconds == 0 || rpoRange.contains(seconds)
	})
}

// engineVersion returns the engine's version.
func (r *reader) engineVersion() string {
	version := r.string(keyEngineVersion)
	parts := versionForm.FindStringSubmatch(version)
	if parts != nil {
		// The form has one or two digits a part, which always convert.
		major, _ := strconv.Atoi(parts[1])
		minor, _ := strconv.Atoi(parts[2])
		if major > oldestMajor || major == oldestMajor && minor >= oldestMinor {
			return version
		}
	}
	r.refuse(keyEngineVersion, fmt.Sprintf("an exact version of Aurora PostgreSQL, %d.%d or later, quoted, because YAML reads 16.10 as 16.1",
		oldestMajor, oldestMinor), strconv.Quote(version))
	return ""
}

// finalSnapshot returns the word of the final snapshots' names, or nothing. It is a time, because whose a snapshot is must be known
// from its name (naming.SuffixOf).
func (r *reader) finalSnapshot() string {
	word := r.string(keyFinalSnapshot)
	if _, err := time.Parse(naming.SnapshotTime, word); err != nil && word != "" {
		r.refuse(keyFinalSnapshot, "a time such as "+naming.SnapshotTime+", or empty for none", strconv.Quote(word))
		return ""
	}
	return word
}

// windowForm is that of a daily window: two times of a day.
var windowForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$`)

const (
	// shortestWindow is the shortest backup window in minutes (Amazon RDS API, CreateDBCluster, PreferredBackupWindow).
	shortestWindow = 30
	// longestWindow is the longest backup window in minutes beside which the maintenance window has room on every day, which RDS does
	// not let overlap it (database.LongestBackupWindow).
	longestWindow = 22 * minutesOfHour
	minutesOfHour = 60
	minutesOfDay  = 24 * minutesOfHour
)

// backupWindow returns the daily backup window, which may include midnight.
func (r *reader) backupWindow() string {
	window := r.string(keyBackupWindow)
	if parts := windowForm.FindStringSubmatch(window); parts != nil {
		begin, end := minuteOfDay(parts[1], parts[2]), minuteOfDay(parts[3], parts[4])
		if length := (end - begin + minutesOfDay) % minutesOfDay; length >= shortestWindow && length <= longestWindow {
			return window
		}
	}
	allowed := fmt.Sprintf("hh:mm-hh:mm in UTC, %d minutes to %d hours", shortestWindow, longestWindow/minutesOfHour)
	r.refuse(keyBackupWindow, allowed, strconv.Quote(window))
	return ""
}

// minuteOfDay returns the minutes between midnight and a time, given as two strings of two digits.
func minuteOfDay(hour, minute string) int {
	// windowForm has two digits each, which always convert.
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*minutesOfHour + m
}
