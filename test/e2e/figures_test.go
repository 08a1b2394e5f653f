//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"text/tabwriter"
)

// figures are what the benchmarks report, by unit, in the order in which they are printed, with the most that each may be and the
// least; 0 is no limit. The limits are those that the platform promises on two cores with everything built.
var figures = []struct {
	unit, what      string
	atMost, atLeast float64
}{
	{unit: "s/up", what: "make up, all stacks", atMost: 60},
	{unit: "s/preview", what: "make preview of all stacks without changes", atMost: 25},
	{unit: "s/destroy", what: "make destroy, all stacks", atMost: 45},
	{unit: "s/up-in-turn", what: "make up of one stack after another"},
	{unit: "in-turn/up", what: "how many times as long as make up of all, side by side", atLeast: 1.2},
	{unit: "redeploy/up", what: "one region after a change of its function, as a part of make up of all", atMost: 1.0 / 3},
	{unit: "s/preview-of-1", what: "make preview with one environment in the backend"},
	{unit: "MB/preview-of-1", what: "the same: memory of the largest process"},
	{unit: "s/preview-of-5", what: "the same with five environments"},
	{unit: "MB/preview-of-5", what: "the same: memory of the largest process"},
	{unit: "s/preview-of-20", what: "the same with twenty environments"},
	{unit: "MB/preview-of-20", what: "the same: memory of the largest process"},
	{unit: "s-growth", what: "time of preview with twenty environments, against one", atMost: 1.25},
	{unit: "MB-growth", what: "memory of preview with twenty environments, against one", atMost: 1.25},
	{unit: "s/up-foundation-network", what: "make up of foundation-network alone"},
	{unit: "s/up-data-global", what: "make up of data-global alone, databases started", atMost: 30},
	{unit: "s/up-region-app-east", what: "make up of region-app-east alone"},
	{unit: "s/up-region-app-west", what: "make up of region-app-west alone"},
	{unit: "s/up-global-edge", what: "make up of global-edge alone", atMost: 15},
	{unit: "s/redeploy", what: "make up of one region after a change of its function", atMost: 20},
	{unit: "events/s", what: "events put in one region, 10 a call, that arrive once in the other"},
	{unit: "p50-ms", what: "read of a record through load balancer, function and database, 50 a second: median", atMost: 25},
	{unit: "p99-ms", what: "the same: 99th percentile", atMost: 100},
	{unit: "write-p50-ms", what: "keyed creation of a record, 50 a second, as a tenant of several: median"},
	{unit: "write-p99-ms", what: "the same: 99th percentile", atMost: 250},
	{unit: "page-ms", what: "the first 100 of a patient's 100,000 records: median"},
	{unit: "page/first-page", what: "how many times as long a page takes, at the depth where it takes longest", atMost: 1.5},
	{unit: "cold-ms", what: "the first request after a change of the function"},
	{unit: "s/watch", what: "one run of the failover controller with all healthy, the slowest of 25", atMost: 5},
	{unit: "s/status", what: "make status with everything built, the slowest of 10", atMost: 1},
	{unit: "bundle-MB", what: "the function's bundle", atMost: 1.5},
	{unit: "s/reconcile", what: "make reconcile: 1,000 lost records among 1,000,000, with the restore of the old volume", atMost: 60},
	{unit: "MB/reconcile", what: "memory that it adds to the largest process of the application", atMost: 100},
}

// measured are the figures of this run, by unit.
var measured = map[string]float64{}

// report gives a figure to the benchmark's own line and to the table at the end of the run.
func report(b *testing.B, unit string, value float64) {
	b.Helper()
	b.ReportMetric(value, unit)
	b.ReportMetric(0, "ns/op") // The package reports it by default; it has no meaning here.
	measured[unit] = value
}

// figuresCode prints the figures and returns the exit code of that.
func figuresCode() int {
	if err := printFigures(); err != nil {
		fmt.Fprintln(os.Stderr, "printing the figures:", err)
		return 1
	}
	return 0
}

// printFigures compares what was measured to what is promised. It does not fail: the machine may be busy with other work.
func printFigures() error {
	if len(measured) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "\nunit\tmeasured\tlimit\t\t\n")
	for _, f := range figures {
		value, ok := measured[f.unit]
		if !ok {
			continue
		}
		limit, verdict := "", ""
		switch {
		case f.atMost > 0:
			limit = "at most " + strconv.FormatFloat(f.atMost, 'g', 3, 64)
			if value > f.atMost {
				verdict = "TOO MUCH"
			}
		case f.atLeast > 0:
			limit = "at least " + strconv.FormatFloat(f.atLeast, 'g', 3, 64)
			if value < f.atLeast {
				verdict = "TOO LITTLE"
			}
		}
		fmt.Fprintf(table, "%s\t%.4g\t%s\t%s\t%s\n", f.unit, value, limit, verdict, f.what)
	}
	return table.Flush()
}
