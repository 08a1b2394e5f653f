package settings

import "testing"

func TestDistance(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       int
	}{
		{"equal words are no edit apart", "profile", "profile", 0},
		{"two empty words are no edit apart", "", "", 0},
		{"an empty word is the other's length apart", "", "abc", 3},
		{"one letter more is one edit", "protecton", "protection", 1},
		{"one letter less is one edit", "profiles", "profile", 1},
		{"one other letter is one edit", "natStrategi", "natStrategy", 1},
		{"two letters that changed places are two edits", "ture", "true", 2},
		{"the textbook's example is three edits", "kitten", "sitting", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := distance(test.a, test.b); got != test.want {
				t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
			}
			if got := distance(test.b, test.a); got != test.want {
				t.Errorf("distance(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"primaryCidr", "standbyCidr", "profile", "zoneA", "zoneB"}
	tests := []struct {
		name, word, want string
		near             bool
	}{
		{"a slip is near", "primryCidr", "primaryCidr", true},
		{"the nearer of two wins", "standbyCidt", "standbyCidr", true},
		{"the first of two equally near ones wins", "zoneC", "zoneA", true},
		{"a word of which more than a third differs is not near", "proxies", "", false},
		{"the beginning of a word is not near", "pro", "", false},
		{"an other word is near to none", "vault", "", false},
		{"an empty word is near to none", "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, near := nearest(test.word, candidates)
			if got != test.want || near != test.near {
				t.Errorf("nearest(%q) = %q, %t; want %q, %t", test.word, got, near, test.want, test.near)
			}
		})
	}
}
