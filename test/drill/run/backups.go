package run

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/scenario"
)

// Backups is AWS Backup of the platform, and the topics that notify of it.
type Backups interface {
	// Run watches until the context ends.
	Run(context.Context)
	// Detach removes what the watching has made.
	Detach(context.Context) error
	// Advance moves AWS Backup's calendar on and returns its new time.
	Advance(ctx context.Context, by time.Duration) (time.Time, error)
}

// errNoCalendar says why a drill of AWS Backup is not made on AWS.
var errNoCalendar = errors.New("AWS Backup runs once a day, and on AWS its calendar cannot be moved on: there disable the plan's " +
	"selection for two days; nothing was begun")

// advance moves AWS Backup's calendar on.
func (d *Drill) advance(ctx context.Context, s scenario.Step) error {
	d.Logf("moving AWS Backup's calendar on by %s", s.For)
	moved, err := d.Backups.Advance(ctx, s.For)
	if err != nil {
		return fmt.Errorf("moving AWS Backup's calendar on: %w", err)
	}
	d.Log.UpdateBackups(func(b *evidence.Backups) {
		b.Calendar = append(b.Calendar, evidence.CalendarMove{At: time.Now(), To: moved})
	})
	return nil
}

// localBackups is AWS Backup of the local AWS emulator.
type localBackups struct {
	*observe.Backups
	command, state string
}

// Advance implements Backups by the local command.
func (b localBackups) Advance(ctx context.Context, by time.Duration) (time.Time, error) {
	command := exec.CommandContext(ctx, b.command, "backup-calendar", "--state", b.state, "--by", by.String())
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	moved, err := time.Parse(time.RFC3339, strings.TrimSpace(string(output)))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the calendar's time: %w", err)
	}
	return moved, nil
}

// openBackups attaches to the topics of both regions.
func (o Options) openBackups(
	ctx context.Context, log *evidence.Log, settings map[string]aws.Config, deployed controller.Config, name string,
) (Backups, error) {
	namer, err := naming.New(o.Environment)
	if err != nil {
		return nil, err
	}
	watched := &observe.Backups{Log: log}
	for _, region := range [...]struct {
		name, topic string
		role        naming.Role
	}{
		{deployed.PrimaryRegion, deployed.PrimaryTopicARN, naming.Primary},
		{deployed.StandbyRegion, deployed.StandbyTopicARN, naming.Secondary},
	} {
		args := observe.BackupArgs{Region: region.name, TopicARN: region.topic, Name: name + "-notices", Alarms: map[string]string{}}
		if args.Vault, err = namer.Name(naming.BackupVault, string(region.role)); err != nil {
			return nil, err
		}
		for _, alarm := range evidence.BackupAlarms {
			physical, err := namer.Name(naming.Alarm, alarm, string(region.role))
			if err != nil {
				return nil, err
			}
			args.Alarms[physical] = alarm
		}
		if err := watched.Attach(ctx, settings[region.name], args); err != nil {
			return nil, errors.Join(err, watched.Detach(context.WithoutCancel(ctx)))
		}
	}
	return localBackups{watched, o.Local, o.State}, nil
}
