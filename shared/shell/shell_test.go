package shell

import (
	"os/exec"
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	for _, test := range []struct{ name, word, want string }{
		{"a plain word stays", "ENV=local-two", "ENV=local-two"},
		{"a path stays", "/srv/a_b/c.d", "/srv/a_b/c.d"},
		{"an empty word is seen", "", "''"},
		{"a space", "/srv/my state", "'/srv/my state'"},
		{"a single quote ends the quotes and begins them again", "o'brien", `'o'\''brien'`},
		{"what a shell expands", "$HOME", "'$HOME'"},
		{"a home folder", "~", "'~'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Quote(test.word); got != test.want {
				t.Errorf("%q is written %s, want %s", test.word, got, test.want)
			}
		})
	}
}

// FuzzQuote: a shell reads each word back as it was, as an argument and in an assignment.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "plain", "a b", "o'brien", `"$HOME" $(id) \n`, "`x`", "\\", "~", "a\nb", "-n", "ü*?[a]~#!", "=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if strings.ContainsRune(word, 0) {
			return // no variable and no argument can hold it
		}
		for _, script := range []string{"printf '%s.' " + Quote(word), "v=" + Quote(word) + `; printf '%s.' "$v"`} {
			got, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script).Output()
			if err != nil || string(got) != word+"." {
				t.Errorf("a shell reads %q as %q, %v", word, got, err)
			}
		}
	})
}
