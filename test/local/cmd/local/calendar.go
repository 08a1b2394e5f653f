package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"
)

// runBackupCalendar moves AWS Backup's calendar on and prints its new time.
func runBackupCalendar(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var by time.Duration
	folder, err := instanceFlags("backup-calendar", args, stderr, func(flags *flag.FlagSet) {
		flags.DurationVar(&by, "by", 0, "by how much, as 26h: a week at most")
	})
	if err != nil {
		return err
	}
	moved, err := folder.AdvanceBackups(ctx, by)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, moved.Format(time.RFC3339))
	return err
}
