//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"text/tabwriter"
)

// figures are what the benchmarks report, by unit, in the order in which they are printed, with the most that each may be;
// 0 has no limit. The limits are those that the platform promises on two cores with everything built.
var figures = []struct {
	unit, what string
	atMost     float64
}{
	{"s/up", "make up, all stacks", 60},
	{"s/preview", "make preview of all stacks without changes", 25},
	{"s/destroy", "make destroy, all stacks", 45},
	{"s/up-foundation-network", "make up of foundation-network alone", 0},
	{"s/up-data-global", "make up of data-global alone, databases started", 30},
	{"s/up-region-app-east", "make up of region-app-east alone", 0},
	{"s/up-region-app-west", "make up of region-app-west alone", 0},
	{"s/up-global-edge", "make up of global-edge alone", 15},
	{"s/redeploy", "make up of one region after a change of its function", 20},
	{"events/s", "events put in one region, 10 a call, that arrive once in the other", 0},
	{"p50-ms", "read of a record through load balancer, function and database, 50 a second: median", 25},
	{"p99-ms", "the same: 99th percentile", 100},
	{"cold-ms", "the first request after a change of the function", 0},
	{"s/watch", "one run of the failover controller with all healthy, the slowest of 25", 5},
	{"bundle-MB", "the function's bundle", 1.5},
}

// measured are the figures of this run, by unit.
var measured = map[string]float64{}

// report gives a figure to the benchmark's own line and to the table at the end of the run.
func report(b *testing.B, unit string, value float64) {
	b.Helper()
	b.ReportMetric(value, unit)
	b.ReportMetric(0, "ns/op") // Which the package would report otherwise, and says nothing of its own.
	measured[unit] = value
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := printFigures(); err != nil {
		fmt.Fprintln(os.Stderr, "printing the figures:", err)
		code = 1
	}
	os.Exit(code)
}

// printFigures compares what was measured to what is promised. It does not fail: the machine may be busy with other work.
func printFigures() error {
	if len(measured) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nunit\tmeasured\tat most\t\t\n")
	for _, f := range figures {
		value, ok := measured[f.unit]
		if !ok {
			continue
		}
		limit, verdict := "", ""
		if f.atMost > 0 {
			limit = strconv.FormatFloat(f.atMost, 'g', -1, 64)
			if value > f.atMost {
				verdict = "TOO MUCH"
			}
		}
		fmt.Fprintf(table, "%s\t%.4g\t%s\t%s\t%s\n", f.unit, value, limit, verdict, f.what)
	}
	return table.Flush()
}
