package observe

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestLinuxSaysForHowLongSomethingWaited(t *testing.T) {
	first, err := Waited()
	if runtime.GOOS != "linux" {
		if err == nil {
			t.Errorf("%s says %s, want an error", runtime.GOOS, first)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Waited(); err != nil || second < first {
		t.Errorf("it is %s and then %s (%v): it never becomes less", first, second, err)
	}
}

func TestAMachineThatDoesNotSayHowBusyItIsIsNotedOnce(t *testing.T) {
	w := watch(answers{})
	w.Waited = func() (time.Duration, error) { return 0, errors.New("this system does not say") }
	w.machine(t.Context())
	w.machine(t.Context())
	if e := w.Log.Copy(); len(e.Unseen) != 1 || len(e.Waits) != 0 {
		t.Errorf("noted are %q and %d readings", e.Unseen, len(e.Waits))
	}
	w.Waited = func() (time.Duration, error) { return time.Minute, nil }
	w.machine(t.Context())
	if e := w.Log.Copy(); len(e.Waits) != 1 || e.Waits[0].Total != time.Minute || e.Waits[0].At.IsZero() {
		t.Errorf("noted are %+v", e.Waits)
	}
}
