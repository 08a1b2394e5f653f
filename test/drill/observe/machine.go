package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/procfs"

	"warmstandby/test/drill/evidence"
)

// CPUPressure returns for how long, since boot, a runnable process has waited for a processor. Linux counts it in microseconds
// (Documentation/accounting/psi.rst, "some" of /proc/pressure/cpu); on another system it is an error.
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

// observeCPUPressure records the CPU pressure of the machine that runs the drill.
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
