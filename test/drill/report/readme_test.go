package report

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"warmstandby/test/drill/scenario"
	"warmstandby/test/repository/page"
)

// measured is the history.json of the drills whose figures the README gives. Whoever measures anew puts theirs in its place and
// runs go test ./test/drill/report -run README -update.
const measured = "testdata/measured.json"

func TestTheREADMEGivesTheFiguresOfTheDrillsThatWereMeasured(t *testing.T) {
	content, err := os.ReadFile(measured)
	if err != nil {
		t.Fatal(err)
	}
	all, err := ParseHistory(content)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| scenario | passed | first good write | of it: the answer changed | a client followed | longest without a good write | rows lost | their time |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	spreads := Spreads(all)
	for _, s := range spreads {
		fmt.Fprintf(&table, "| `%s` | %d of %d | %s | %s | %s | %s | %s | %s |\n", s.Scenario, s.Pass, s.Drills, typical(s.RTO, "%.1f s"),
			typical(s.AnswerMoved, "%.1f s"), typical(s.UsersMoved, "%.1f s"), typical(s.Outage, "%.1f s"), typical(s.LostRows, "%.0f"), typical(s.LostSeconds, "%.0f s"))
	}
	page.HoldTable(t, "../../../README.md", "drills", table.String())
	if len(spreads) != len(scenario.All()) {
		t.Errorf("%d scenarios were measured of %d", len(spreads), len(scenario.All()))
	}
	for _, s := range spreads {
		if s.Drills < 10 {
			t.Errorf("%s was measured %d times, want ten at least", s.Scenario, s.Drills)
		}
	}
}

// typical is the median, and the most where it is another.
func typical(r Range, format string) string {
	median, most := fmt.Sprintf(format, r.Median), fmt.Sprintf(format, r.Most)
	switch {
	case !r.Known:
		return "–"
	case median == most:
		return most
	}
	return median + " (" + most + ")"
}
