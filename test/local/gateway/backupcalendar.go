package gateway

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// backupCalendarTable is the file of the calendar. The emulator reads it: the alarms on AWS Backup's metrics follow the calendar, too.
const backupCalendarTable, calendarRow = "backup-calendar", "calendar"

// BackupCalendar is the file, in the folder of [Options], of AWS Backup's calendar.
func BackupCalendar(folder string) string {
	return filepath.Join(folder, "gateway", backupCalendarTable+".json")
}

// backupCalendar is AWS Backup's clock, which a client can move on: what is due once a day could not be seen otherwise. It is the
// machine's clock and a lead that only grows. Plans run by it, jobs and recovery points have its times, and so do the metrics of jobs.
// Nothing else does.
type backupCalendar struct {
	table *table[calendarState]
	// running is held while plans run or the calendar is moved: each run is started once.
	running sync.Mutex
}

// calendarState is the row of the calendar. Its keys are in a file of the state folder and must not change.
type calendarState struct {
	Ahead time.Duration // in nanoseconds
}

func openBackupCalendar(folder string) (*backupCalendar, error) {
	opened, err := openTable[calendarState](folder, backupCalendarTable)
	return &backupCalendar{table: opened}, err
}

// now returns the calendar's time.
func (c *backupCalendar) now() time.Time {
	state, _ := c.table.get(calendarRow)
	return time.Now().UTC().Add(state.Ahead)
}

// advance moves the calendar on.
func (c *backupCalendar) advance(by time.Duration) error {
	return c.table.update(calendarRow, func(state *calendarState) { state.Ahead += by })
}

// weekdays are the days of the week in EventBridge's cron expressions.
var weekdays = map[string]time.Weekday{
	"SUN": time.Sunday, "MON": time.Monday, "TUE": time.Tuesday, "WED": time.Wednesday, "THU": time.Thursday, "FRI": time.Friday,
	"SAT": time.Saturday,
}

// dueTimes returns when a rule or a restore testing plan is due after one moment and up to another. AWS: AWS Backup Developer Guide,
// "Backup plan options and configuration" and "Restore testing", which have EventBridge's cron expressions, in UTC. Only those of once a
// day and of once a week are understood.
func dueTimes(schedule string, after, until time.Time) ([]time.Time, error) {
	clock, isDue := schedule, func(time.Time) bool { return true }
	for name, day := range weekdays {
		if start, weekly := strings.CutSuffix(schedule, " ? * "+name+" *)"); weekly {
			clock, isDue = start+" * * ? *)", func(at time.Time) bool { return at.Weekday() == day }
		}
	}
	var minute, hour int
	if read, err := fmt.Sscanf(clock, "cron(%d %d * * ? *)", &minute, &hour); err != nil || read != 2 ||
		clock != fmt.Sprintf("cron(%d %d * * ? *)", minute, hour) || minute > 59 || hour > 23 {
		return nil, fmt.Errorf("the schedule %q: the local AWS emulator runs plans once a day, as by cron(0 5 * * ? *), or once a week,"+
			" as by cron(0 11 ? * SUN *)", schedule)
	}
	var times []time.Time
	first := after.UTC().Truncate(24 * time.Hour)
	for at := first.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute); !at.After(until); at = at.AddDate(0, 0, 1) {
		if at.After(after) && isDue(at) {
			times = append(times, at)
		}
	}
	return times, nil
}
