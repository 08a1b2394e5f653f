package evidence

import (
	"slices"
	"time"
)

// The alarms on absent backups and copies, by the purpose in their names, and the states of alarms.
const (
	NoBackup     = "no-backup"
	NoCopy       = "no-backup-copy"
	AlarmRinging = "ALARM"
	AlarmOK      = "OK"
)

// BackupAlarms are the alarms on absent backups of each region.
var BackupAlarms = [...]string{NoBackup, NoCopy}

// The kinds of jobs, and their states, by AWS Backup's names.
const (
	BackupJob    = "backup"
	CopyJob      = "copy"
	JobCompleted = "COMPLETED"
	JobFailed    = "FAILED"
)

// Backups is what AWS Backup did, and of what the operators were notified.
type Backups struct {
	// Calendar is when AWS Backup's calendar was moved on, and to what time.
	Calendar []CalendarMove `json:"calendar,omitempty"`
	Jobs     []Job          `json:"jobs,omitempty"`
	// Alarms are the changes of the alarms' states; the first observation of each is one.
	Alarms  []AlarmState `json:"alarms,omitempty"`
	Notices []Notice     `json:"notices,omitempty"`
}

// CalendarMove is a move of AWS Backup's calendar.
type CalendarMove struct {
	At time.Time `json:"at"`
	To time.Time `json:"to"`
}

// Job is a job of AWS Backup, of a region's own vault.
type Job struct {
	ID       string `json:"id"`
	Region   string `json:"region"`
	Kind     string `json:"kind"`
	Resource string `json:"resource"` // its type: Aurora or S3
	State    string `json:"state"`
	// Created is by AWS Backup's calendar, Seen by this machine's clock: when the drill first saw it.
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
}

// AlarmState is the state of an alarm from a moment on.
type AlarmState struct {
	At     time.Time `json:"at"`
	Region string    `json:"region"`
	Alarm  string    `json:"alarm"`
	State  string    `json:"state"`
}

// Notice is a message of a region's topic about an alarm, or about a job.
type Notice struct {
	At     time.Time `json:"at"`
	Region string    `json:"region"`
	Alarm  string    `json:"alarm,omitempty"`
	Job    string    `json:"job,omitempty"`
	State  string    `json:"state"` // of the alarm, or of the job
}

// Silenced says whether neither of a region's alarms is ringing, by their last states.
func (b *Backups) Silenced(region string) bool {
	for _, alarm := range BackupAlarms {
		state := ""
		for _, one := range b.Alarms {
			if one.Region == region && one.Alarm == alarm {
				state = one.State
			}
		}
		if state != AlarmOK {
			return false
		}
	}
	return true
}

// Unnoticed returns the alarms of a region of whose state the operators were not notified since a moment.
func (b *Backups) Unnoticed(region, state string, since time.Time) []string {
	var missing []string
	for _, alarm := range BackupAlarms {
		if b == nil || !slices.ContainsFunc(b.Notices, func(n Notice) bool {
			return n.Region == region && n.Alarm == alarm && n.State == state && n.At.After(since)
		}) {
			missing = append(missing, alarm)
		}
	}
	return missing
}

// Failures counts the jobs of a region that failed since a moment, and returns those of which the operators were not notified.
func (b *Backups) Failures(region string, since time.Time) (failed int, unreported []string) {
	if b == nil {
		return 0, nil
	}
	for _, job := range b.Jobs {
		if job.Region != region || job.State != JobFailed || job.Seen.Before(since) {
			continue
		}
		failed++
		if !slices.ContainsFunc(b.Notices, func(n Notice) bool { return n.Region == region && n.Job == job.ID && n.State == JobFailed }) {
			unreported = append(unreported, job.ID)
		}
	}
	return failed, unreported
}

// UpdateBackups changes what is known of backups.
func (l *Log) UpdateBackups(change func(*Backups)) {
	l.Update(func(e *Evidence) {
		if e.Backups == nil {
			e.Backups = &Backups{}
		}
		change(e.Backups)
	})
}
