package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/procfs"

	"warmstandby/test/drill/evidence"
)

// Waited returns for how long, since this machine began, something that could have run has waited for a processor. Linux counts
// it in microseconds (Documentation/accounting/psi.rst, "some" of /proc/pressure/cpu); another system's error says that it does not.
func Waited() (time.Duration, error) {
	processes, err := procfs.NewDefaultFS()
	if err != nil {
		return 0, fmt.Errorf("asking this system how busy its processors are: %w", err)
	}
	pressure, err := processes.PSIStatsForResource("cpu")
	if err != nil {
		return 0, fmt.Errorf("asking this system how busy its processors are: %w", err)
	}
	if pressure.Some == nil {
		return 0, fmt.Errorf("asking this system how busy its processors are: it does not say")
	}
	return time.Duration(pressure.Some.Total) * time.Microsecond, nil
}

// machine notes how busy the machine is that all of this runs on.
func (w *Watch) machine(context.Context) {
	total, err := w.Waited()
	w.Log.Change(func(e *evidence.Evidence) {
		switch {
		case err == nil:
			e.Waits = append(e.Waits, evidence.Wait{At: time.Now(), Total: total})
		case !slices.Contains(e.Unseen, err.Error()):
			e.Unseen = append(e.Unseen, err.Error())
		}
	})
}
