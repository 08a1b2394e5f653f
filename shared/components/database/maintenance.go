package database

import (
	"fmt"
	"strings"
	"time"

	"warmstandby/shared/naming"
)

const (
	// maintenanceGap is the time from the end of the daily backup window to the begin of the maintenance window, which may not
	// overlap (Amazon RDS API, CreateDBCluster, PreferredBackupWindow: "Must not conflict with the preferred maintenance window").
	maintenanceGap = 30 * time.Minute
	// maintenanceLength is that of the maintenance window. The shortest is 30 minutes (Amazon RDS API, CreateDBCluster,
	// PreferredMaintenanceWindow); Aurora begins maintenance in the window, and may end it later.
	maintenanceLength = time.Hour
	// LongestBackupWindow leaves room, on each day, for the maintenance window with a gap before and behind it.
	LongestBackupWindow = day - maintenanceLength - 2*maintenanceGap
	// clock is the form of a time of day.
	clock = "15:04"
	day   = 24 * time.Hour
)

// maintenanceDays are the days on which a region's maintenance window begins: the standby's first, and the primary's two days later,
// so that what breaks the standby is seen before the primary gets it, and no night takes readers of both.
var maintenanceDays = map[naming.Role]time.Weekday{naming.Secondary: time.Monday, naming.Primary: time.Wednesday}

// maintenanceWindow returns a region's weekly maintenance window in UTC, in RDS's form, ddd:hh:mm-ddd:hh:mm in lower case: the provider
// stores it so and would see a difference in any other. It is after the daily backup window, hh:mm-hh:mm. Without a window of its own
// RDS gives a cluster a random one of a block of eight hours of its region, which may be in the backup window; then RDS refuses
// the next change of either.
func maintenanceWindow(role naming.Role, backupWindow string) (string, error) {
	begin, end, err := parseWindow(backupWindow)
	if err != nil {
		return "", err
	}
	length := end - begin
	if length <= 0 { // the window includes midnight
		length += day
	}
	if length > LongestBackupWindow {
		return "", fmt.Errorf("placing the maintenance window beside the backup window %s: it leaves less than %s of the day: "+
			"shorten it to %s at most", backupWindow, day-LongestBackupWindow, LongestBackupWindow)
	}
	opens := midnightOf(maintenanceDays[role]).Add((end + maintenanceGap) % day)
	return weekly(opens) + "-" + weekly(opens.Add(maintenanceLength)), nil
}

// parseWindow returns the two times of a daily window, since midnight.
func parseWindow(window string) (begin, end time.Duration, err error) {
	first, second, _ := strings.Cut(window, "-")
	var times [2]time.Duration
	for i, text := range [...]string{first, second} {
		at, err := time.Parse(clock, text)
		if err != nil || len(text) != len(clock) {
			return 0, 0, fmt.Errorf("reading the backup window %q: it is hh:mm-hh:mm in UTC", window)
		}
		times[i] = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	return times[0], times[1], nil
}

// midnightOf returns the beginning of a day of some week: 4 January 1970 was a Sunday.
func midnightOf(weekday time.Weekday) time.Time {
	return time.Date(1970, 1, 4+int(weekday), 0, 0, 0, 0, time.UTC)
}

// weekly returns a time in RDS's form, such as mon:02:30.
func weekly(at time.Time) string {
	days := [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	return days[at.Weekday()] + ":" + at.Format(clock)
}
