package pulumitest

import (
	"errors"
	"slices"
	"testing"

	"warmstandby/shared/settings"
)

// CheckFaults holds an error to being the configuration's faults of these keys, in order, and a recording to being empty: the faults
// are returned before any resource is registered.
func CheckFaults(t testing.TB, recording *Recording, err error, want ...string) {
	t.Helper()
	var faults *settings.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("the error is %v, want the configuration's faults", err)
	}
	var keys []string
	for _, fault := range faults.List {
		keys = append(keys, fault.Key)
	}
	if !slices.Equal(keys, want) {
		t.Errorf("the faults are of %q, want %q", keys, want)
	}
	if len(recording.Resources) != 0 {
		t.Errorf("%d resources were registered before the fault", len(recording.Resources))
	}
}
