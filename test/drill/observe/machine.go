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
func CPUPressure() (time.Duration, error) {
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
func (w *Watch) observeCPUPressure(context.Context) {
	total, err := w.CPUPressure()
	w.Log.Update(func(e *evidence.Evidence) {
		switch {
		case err == nil:
			e.CPUPressure = append(e.CPUPressure, evidence.PressureSample{At: time.Now(), Waited: total})
		case !slices.Contains(e.NotObserved, err.Error()):
			e.NotObserved = append(e.NotObserved, err.Error())
		}
	})
}
