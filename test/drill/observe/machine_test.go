package observe

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestCPUPressure(t *testing.T) {
	t.Run("Linux reports how long processes have waited", func(t *testing.T) {
		first, err := CPUPressure()
		if runtime.GOOS != "linux" {
			if err == nil {
				t.Errorf("%s reports %s, want an error", runtime.GOOS, first)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if second, err := CPUPressure(); err != nil || second < first {
			t.Errorf("it is %s and then %s (%v): it never becomes less", first, second, err)
		}
	})
	t.Run("a system without CPU pressure is noted once", func(t *testing.T) {
		w := watch(answers{})
		w.CPUPressure = func() (time.Duration, error) { return 0, errors.New("this system does not say") }
		w.observeCPUPressure(t.Context())
		w.observeCPUPressure(t.Context())
		if e := w.Log.Copy(); len(e.NotObserved) != 1 || len(e.CPUPressure) != 0 {
			t.Errorf("noted are %q and %d readings", e.NotObserved, len(e.CPUPressure))
		}
		w.CPUPressure = func() (time.Duration, error) { return time.Minute, nil }
		w.observeCPUPressure(t.Context())
		if e := w.Log.Copy(); len(e.CPUPressure) != 1 || e.CPUPressure[0].Waited != time.Minute || e.CPUPressure[0].At.IsZero() {
			t.Errorf("noted are %+v", e.CPUPressure)
		}
	})
}
