package naming

import "testing"

func TestEmulated(t *testing.T) {
	for environment, want := range map[string]bool{
		"local": true, "local-two": true, "local-a-b": true, "dev": false, "localdev": false, "dev-local": false, "": false,
	} {
		if got := Emulated(environment); got != want {
			t.Errorf("%q is on the emulator: %t, want %t", environment, got, want)
		}
	}
}
