package route53

import "testing"

// A state turns after as many results in a row as its threshold.
func TestThreshold(t *testing.T) {
	for name, test := range map[string]struct {
		threshold int
		results   string // + is good, - is bad
		states    string // after each: H or u
	}{
		"three bad ones":                           {3, "---", "HHu"},
		"a good one between bad ones":              {3, "--+---", "HHHHHu"},
		"as many good ones turn it back":           {3, "---++-+++", "HHuuuuuuH"},
		"one is enough where the threshold is one": {1, "-+-", "uHu"},
		"nor can less than one be":                 {0, "-+", "uH"},
	} {
		var s thresholdState
		for i, result := range test.results {
			before := s.unhealthy
			changed := s.observe(result == '+', test.threshold)
			if want := test.states[i] == 'u'; s.unhealthy != want || changed != (before != want) {
				t.Errorf("%s: after %s it is unhealthy: %t, changed: %t", name, test.results[:i+1], s.unhealthy, changed)
			}
		}
	}
}
