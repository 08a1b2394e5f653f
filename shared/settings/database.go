package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// The oldest engine version that the platform takes: the long-term support
// release of PostgreSQL 16 (Aurora PostgreSQL Release Notes, LTS releases).
const (
	oldestMajor = 16
	oldestMinor = 8
)

// versionForm is that of an exact version: two numbers. A major version alone
// lets each region choose its own minor one, and members that differ cannot be
// switched over (Amazon Aurora User Guide, Managed switchovers).
var versionForm = regexp.MustCompile(`^([1-9][0-9]?)\.(0|[1-9][0-9]?)$`)

// The bounds of Aurora Serverless v2, in Aurora capacity units (Amazon Aurora
// User Guide, Choosing the capacity range). AWS takes a minimum of 0 too, but
// then pauses the instance: a paused standby is not warm.
const (
	leastMinimum    = 0.5
	leastMaximum    = 1
	largestCapacity = 256
)

// memberInstances is what either member may have. The primary of a global
// database with one secondary region takes 14 readers beside its writer (Amazon
// Aurora User Guide, Configuration requirements: 15 less the secondaries); the
// standby would take 16, but becomes the primary.
var memberInstances = span{1, 15, "instances"}

// backupRetention is what Aurora offers; backups cannot be off (Amazon RDS API,
// CreateDBCluster, BackupRetentionPeriod).
var backupRetention = span{1, 35, "days"}

// rpo is what rds.global_db_rpo may be: at least what Aurora takes (Amazon
// Aurora User Guide, Managing RPOs), at most the promise of 15 minutes. 0 is off.
var rpo = span{20, 900, "seconds"}

// database returns the configuration of the global database.
func (r *reader) database(row defaults) Database {
	d := Database{
		EngineVersion:       r.engineVersion(),
		MinCapacity:         r.capacityOr(keyMinCapacity, leastMinimum, row.minCapacity),
		MaxCapacity:         r.capacityOr(keyMaxCapacity, leastMaximum, row.maxCapacity),
		PrimaryInstances:    r.numberOr(keyPrimaryInstances, memberInstances, row.primaryInstances),
		StandbyInstances:    r.number(keyStandbyInstances, memberInstances),
		BackupRetentionDays: r.numberOr(keyBackupRetentionDays, backupRetention, row.backupRetentionDays),
		BackupWindow:        r.backupWindow(),
		LogRetentionDays:    r.logRetention(row),
		RPOSeconds:          r.rpoSeconds(),
		PerformanceInsights: r.booleanOr(keyPerformanceInsights, row.performanceInsights),
	}
	// Without a profile there is not always a bound to compare with. A minimum that
	// was refused is below any.
	if row.profile != "" && d.MaxCapacity != refused && d.MinCapacity > d.MaxCapacity {
		r.refuse(keyMinCapacity, "no more than "+keyMaxCapacity, fmt.Sprintf("%s ACU%s, with %s %s%s",
			acu(d.MinCapacity), r.origin(keyMinCapacity), keyMaxCapacity, acu(d.MaxCapacity), r.origin(keyMaxCapacity)))
	}
	return d
}

// rpoSeconds returns the value of rds.global_db_rpo, 0 for a parameter that is
// left out.
func (r *reader) rpoSeconds() int {
	if r.text(keyRPOSeconds) == "0" {
		return 0
	}
	return r.numberOf(keyRPOSeconds, rpo, "0, which is off, or "+rpo.String())
}

// engineVersion returns the engine's version.
func (r *reader) engineVersion() string {
	version := r.text(keyEngineVersion)
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

// logRetention returns the retention of the database's logs in days, the
// profile's if the key is empty.
func (r *reader) logRetention(row defaults) int {
	if r.text(keyLogRetentionDays) == "" {
		return row.logRetentionDays
	}
	allowed := orList(retentionDays[:]) + orProfile
	days, ok := r.integer(keyLogRetentionDays, allowed)
	if ok && !slices.Contains(retentionDays[:], days) {
		r.refuse(keyLogRetentionDays, allowed, strconv.Itoa(days))
	}
	return days
}

// windowForm is that of a daily window: two times of a day.
var windowForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$`)

const (
	// leastWindow is the shortest backup window in minutes (Amazon RDS API,
	// CreateDBCluster, PreferredBackupWindow).
	leastWindow   = 30
	minutesOfHour = 60
	minutesOfDay  = 24 * minutesOfHour
)

// backupWindow returns the daily backup window, which may lie over midnight.
func (r *reader) backupWindow() string {
	window := r.text(keyBackupWindow)
	if parts := windowForm.FindStringSubmatch(window); parts != nil {
		begin, end := minuteOfDay(parts[1], parts[2]), minuteOfDay(parts[3], parts[4])
		if (end-begin+minutesOfDay)%minutesOfDay >= leastWindow {
			return window
		}
	}
	r.refuse(keyBackupWindow, fmt.Sprintf("hh:mm-hh:mm in UTC, at least %d minutes", leastWindow), strconv.Quote(window))
	return ""
}

// minuteOfDay returns how many minutes after midnight a time is, given as two
// texts of two digits.
func minuteOfDay(hour, minute string) int {
	// windowForm has two digits each, which always convert.
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*minutesOfHour + m
}
