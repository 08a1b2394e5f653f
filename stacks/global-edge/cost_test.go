package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The rows of the README's table of costs have the numbers of resources that are built, and its total is their sum.
func TestCosts(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	recording := newProduction(t).up(t, prodConfig)
	for token, row := range map[string]string{
		"aws:route53/zone:Zone": "| %d | hosted zone |", checkToken: "| %d | health checks of AWS endpoints, each with HTTPS",
		alarmToken: "| %d | alarms |", compositeToken: "| %d | composite alarms |", dashboardToken: "| %d | dashboards |",
		"aws:kms/key:Key": "| %d | key |", "aws:scheduler/schedule:Schedule": "events of %d schedules",
	} {
		if want := fmt.Sprintf(row, len(recording.OfType(token))); !strings.Contains(string(readme), want) {
			t.Errorf("the README has no row %q", want)
		}
	}
	total := 0.0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		cost, err := strconv.ParseFloat(strings.Trim(cells[len(cells)-1], " *"), 64)
		switch {
		case err != nil:
		case strings.Contains(line, "**all**"):
			if math.Abs(total-cost) > 0.005 {
				t.Errorf("the rows add up to %.2f, the total in the README is %.2f", total, cost)
			}
			return
		default:
			total += cost
		}
	}
	t.Error("the README has no total")
}
