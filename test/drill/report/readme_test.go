package report

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/drill/scenario"
	"warmstandby/test/repository/page"
)

// measured is the history.json of the drills whose figures the pages give. To measure again, replace it and
// runs go test ./test/drill/report -run README -update.
const measured = "testdata/measured.json"

const (
	// frontPage has the result and the timeline of a lost region, drillPage the figures of every scenario.
	frontPage = "../../../README.md"
	drillPage = "../../drill/README.md"
	// regionLost is the scenario whose result the front page gives.
	regionLost = "region-lost"
)

// notMeasured are the scenarios that came after the drills that were measured; the page says so.
var notMeasured = []string{"flood", "isolated", "replication-stalled", "backup-failing"}

// measuredSpreads returns the spreads of the drills that were measured.
func measuredSpreads(t *testing.T) []Spread {
	t.Helper()
	content, err := os.ReadFile(measured)
	if err != nil {
		t.Fatal(err)
	}
	all, err := ParseHistory(content)
	if err != nil {
		t.Fatal(err)
	}
	return Spreads(all)
}

func TestREADME(t *testing.T) {
	t.Run("the table has the figures of the measured drills", func(t *testing.T) {
		var table strings.Builder
		table.WriteString(
			"| scenario | passed | first good write | of it: the answer changed | a client followed " +
				"| longest without a good write | rows lost | their time |\n" +
				"|---|---|---|---|---|---|---|---|\n",
		)
		spreads := measuredSpreads(t)
		for _, s := range spreads {
			fmt.Fprintf(&table, "| `%s` | %d of %d | %s | %s | %s | %s | %s | %s |\n", s.Scenario, s.Pass, s.Drills,
				typical(s.RTO, "%.1f s"), typical(s.AnswerMoved, "%.1f s"), typical(s.UsersMoved, "%.1f s"),
				typical(s.Outage, "%.1f s"), typical(s.LostRows, "%.0f"), typical(s.LostSeconds, "%.0f s"))
		}
		page.HoldTable(t, drillPage, "drills", table.String())
		var restores strings.Builder
		restores.WriteString(
			"| scenario | damaged rows back | of it: found | the cluster restored | the rows taken back |\n|---|---|---|---|---|\n",
		)
		for _, s := range spreads {
			if s.Recovered.Known {
				fmt.Fprintf(&restores, "| `%s` | %s | %s | %s | %s |\n", s.Scenario, typical(s.Recovered, "%.1f s"),
					typical(s.Found, "%.1f s"), typical(s.Restored, "%.1f s"), typical(s.TakenBack, "%.1f s"))
			}
		}
		page.HoldTable(t, drillPage, "restores", restores.String())
		if len(spreads)+len(notMeasured) != len(scenario.All()) {
			t.Errorf("%d scenarios were measured of %d, and %q were not", len(spreads), len(scenario.All()), notMeasured)
		}
		for _, s := range spreads {
			if slices.Contains(notMeasured, s.Scenario) {
				t.Errorf("%s was measured", s.Scenario)
			}
			if s.Drills < 10 {
				t.Errorf("%s was measured %d times, want ten at least", s.Scenario, s.Drills)
			}
		}
	})
	t.Run("the first lines have the result of a lost region", func(t *testing.T) {
		for _, s := range measuredSpreads(t) {
			if s.Scenario != regionLost {
				continue
			}
			page.HoldTable(t, frontPage, "result", fmt.Sprintf("**Measured on the emulator in %d drills of a lost region:** "+
				"the first good write in the standby region came after %.1f s\n(median; %.1f s at most), "+
				"and %.0f acknowledged rows were lost. %d of %d passed.\n",
				s.Drills, s.RTO.Median, s.RTO.Max, s.LostRows.Max, s.Pass, s.Drills))
			page.HoldTable(t, frontPage, "timeline", gantt(s))
			return
		}
		t.Errorf("%s was not measured", regionLost)
	})
}

// gantt draws the medians of a scenario in which the writer moves, in seconds after the fault, for Mermaid.
func gantt(s Spread) string {
	answer, followed, good := s.AnswerMoved.Median, s.UsersMoved.Median, s.RTO.Median
	var chart strings.Builder
	chart.WriteString("```mermaid\ngantt\n")
	fmt.Fprintf(&chart, "    title A region is lost: medians of %d drills, in seconds after the fault\n", s.Drills)
	chart.WriteString("    dateFormat x\n    axisFormat %s\n    tickInterval 30second\n    section Route 53\n")
	fmt.Fprintf(&chart, "    checks fail, answer changes (%.0f s) : 0, %s\n", answer, milliseconds(answer))
	chart.WriteString("    section Client\n")
	fmt.Fprintf(&chart, "    cached answer expires (%.0f s) : %s, %s\n", followed, milliseconds(answer), milliseconds(followed))
	chart.WriteString("    section Controller\n")
	fmt.Fprintf(&chart, "    confirms the loss, moves the writer : 0, %s\n", milliseconds(good))
	chart.WriteString("    section Users\n")
	fmt.Fprintf(&chart, "    no good write (%.0f s) : crit, 0, %s\n", good, milliseconds(good))
	chart.WriteString("```\n")
	return chart.String()
}

// milliseconds are what Mermaid's dateFormat x wants, which reads the start and the end of a bar alike.
func milliseconds(seconds float64) string { return fmt.Sprintf("%.0f", 1000*seconds) }

// typical is the median, and the most where it is another.
func typical(r Range, format string) string {
	median, maximum := fmt.Sprintf(format, r.Median), fmt.Sprintf(format, r.Max)
	switch {
	case !r.Known:
		return "–"
	case median == maximum:
		return maximum
	}
	return median + " (" + maximum + ")"
}
