package gateway

import (
	"fmt"
	"path/filepath"
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

// dailyRuns returns when a rule is due after one moment and up to another. AWS: AWS Backup Developer Guide, "Backup plan options and
// configuration", which has EventBridge's cron expressions, in UTC. Only rules of once a day are understood.
func dailyRuns(schedule string, after, until time.Time) ([]time.Time, error) {
	var minute, hour int
	if read, err := fmt.Sscanf(schedule, "cron(%d %d * * ? *)", &minute, &hour); err != nil || read != 2 ||
		schedule != fmt.Sprintf("cron(%d %d * * ? *)", minute, hour) || minute > 59 || hour > 23 {
		return nil, fmt.Errorf("the schedule %q: the local AWS emulator runs plans once a day, as by cron(0 5 * * ? *)", schedule)
	}
	var runs []time.Time
	first := after.UTC().Truncate(24 * time.Hour)
	for at := first.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute); !at.After(until); at = at.AddDate(0, 0, 1) {
		if at.After(after) {
			runs = append(runs, at)
		}
	}
	return runs, nil
}
