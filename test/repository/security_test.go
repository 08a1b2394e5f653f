package repository

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// securityPage has a table of claims, each with the tests that hold it.
const securityPage = ".github/SECURITY.md"

// heldBy is a test in the table: its name, and the file that it leads to.
var heldBy = regexp.MustCompile("\\[`([^`]+)`\\]\\(([^)]+)\\)")

func TestEveryClaimOfTheSecurityPageHasATest(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, securityPage), "<!-- claims: begin -->\n")
	table, _, found := strings.Cut(rest, "<!-- claims: end -->")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if !found || len(rows) < 3 {
		t.Fatalf("%s has no table of claims", securityPage)
	}
	for _, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "|"), " | ")
		if len(cells) != 3 {
			t.Errorf("%s: want claim, evidence and test in %q", securityPage, row)
			continue
		}
		tests := heldBy.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 {
			t.Errorf("%s: no test holds %q", securityPage, cells[0])
		}
		for _, one := range tests {
			name, file := one[1], filepath.Join(filepath.Dir(securityPage), one[2])
			if !declares(read(t, file), name) {
				t.Errorf("%s: %s has no test of the name %q", securityPage, file, name)
			}
		}
	}
}

// declares reports whether a file of tests declares one of that name: a function of Go, a case of a table, or a test of Node.js.
func declares(file, name string) bool {
	quoted := regexp.QuoteMeta(name)
	forms := []string{
		`^func ` + quoted + `\(t \*testing\.T\)`, `^test\('` + quoted + `',`, `\{(name: )?"` + quoted + `",`, `t\.Run\("` + quoted + `",`,
	}
	return regexp.MustCompile(`(?m)` + strings.Join(forms, "|")).MatchString(file)
}
