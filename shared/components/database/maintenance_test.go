package database

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"warmstandby/shared/naming"
)

// The windows of the cluster and of its instances are one, and not the same night's in both regions. They change in place.
func TestMaintenanceWindow(t *testing.T) {
	for _, test := range []struct{ backup, primary, secondary string }{
		{"01:00-02:00", "wed:02:30-wed:03:30", "mon:02:30-mon:03:30"},
		{"21:15-22:15", "wed:22:45-wed:23:45", "mon:22:45-mon:23:45"},
		{"21:45-22:45", "wed:23:15-thu:00:15", "mon:23:15-tue:00:15"}, // the maintenance includes midnight
		{"22:00-23:30", "wed:00:00-wed:01:00", "mon:00:00-mon:01:00"}, // it begins at midnight
		{"23:30-00:30", "wed:01:00-wed:02:00", "mon:01:00-mon:02:00"}, // the backup includes midnight
		{"03:00-01:00", "wed:01:30-wed:02:30", "mon:01:30-mon:02:30"}, // the longest backup window
	} {
		t.Run("beside a backup at "+test.backup, func(t *testing.T) {
			recording := mustBuild(t, func(args *GlobalArgs) { args.BackupWindow = test.backup })
			for i, want := range []string{test.primary, test.secondary} {
				r := testRegions[i]
				instance := "instance-records-" + r.role
				for name, token := range map[string]string{
					r.cluster: clusterToken, instance + "-1-blue": instanceToken, instance + "-2-blue": instanceToken,
				} {
					made := recording.Get(t, token, name)
					if got := made.Input("preferredMaintenanceWindow"); got != want {
						t.Errorf("%s has the maintenance window %v, want %s", name, got, want)
					}
					replaced, ignored := made.Request.GetReplaceOnChanges(), made.Request.GetIgnoreChanges()
					if len(replaced) != 0 || slices.Contains(ignored, "preferredMaintenanceWindow") {
						t.Errorf("%s is replaced on changes of %q and ignores %q", name, replaced, ignored)
					}
				}
			}
		})
	}
}

const minutesOfWeek = 7 * 24 * 60

// minutes is the minutes of the week that a window covers, given its first and its last by day, hour and minute.
func minutes(first, last int) map[int]bool {
	covered := map[int]bool{}
	for at := first; at != last; at = (at + 1) % minutesOfWeek {
		covered[at] = true
	}
	return covered
}

// Every backup window of whole quarters of an hour that is not too long leaves a maintenance window that RDS takes: in its form, of at
// least 30 minutes, and on no day within half an hour of the backup.
func TestMaintenanceIsApartFromBackup(t *testing.T) {
	const at = `(sun|mon|tue|wed|thu|fri|sat):([01][0-9]|2[0-3]):[0-5][0-9]`
	form := regexp.MustCompile("^" + at + "-" + at + "$")
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	const quarter, dayMinutes = 15, 24 * 60
	for begin := 0; begin < dayMinutes; begin += quarter {
		for length := 30; length <= 22*60; length += quarter {
			end := (begin + length) % dayMinutes
			backup := fmt.Sprintf("%02d:%02d-%02d:%02d", begin/60, begin%60, end/60, end%60)
			for _, role := range []naming.Role{naming.Primary, naming.Secondary} {
				got, err := maintenanceWindow(role, backup)
				if err != nil || !form.MatchString(got) {
					t.Fatalf("beside a backup at %s it is %q, %v", backup, got, err)
				}
				at := func(text string) int {
					var hour, minute int
					if _, err := fmt.Sscanf(text[4:], "%d:%d", &hour, &minute); err != nil {
						t.Fatal(err)
					}
					return slices.Index(days, text[:3])*dayMinutes + hour*60 + minute
				}
				covered := minutes(at(got[:9]), at(got[10:]))
				if len(covered) < 30 || len(covered) > 8*60 {
					t.Fatalf("%s has %d minutes", got, len(covered))
				}
				for minute := range covered {
					if since := (minute - begin + 30 + minutesOfWeek) % dayMinutes; since < length+60 {
						t.Fatalf("beside a backup at %s the window %s is within half an hour of it", backup, got)
					}
				}
			}
		}
	}
}

func FuzzMaintenanceWindow(f *testing.F) {
	for _, seed := range []string{"01:00-02:00", "23:30-00:30", "1:00-2:00", "24:00-01:00", "01:00-02:00\n", "01:00–02:00", "-", ""} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`)
	f.Fuzz(func(t *testing.T, backup string) {
		got, err := maintenanceWindow(naming.Primary, backup)
		if err == nil && (!form.MatchString(backup) || len(got) != len("wed:02:30-wed:03:30")) {
			t.Errorf("maintenanceWindow(%q) = %q", backup, got)
		}
	})
}
