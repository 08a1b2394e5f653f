package report

import (
	"fmt"

	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// The measures of a trend, in SVG user units.
const (
	trendWidth  = 560.0
	trendHeight = 170.0
	trendLeft   = 56.0
	trendRight  = 20.0
	trendTop    = 14.0
	trendBottom = 132.0
	trendDrills = 40 // the newest of them
)

// Point is a drill in a trend. Shape is the path of its mark, which differs by verdict.
type Point struct {
	X, Y    float64
	Verdict verdict.Verdict
	Shape   string
	Title   string
	Here    bool // the drill whose page it is
}

// Trend is the course of a scenario's figure over drills.
type Trend struct {
	Scenario      string
	Width, Height float64
	// Measured is what the figure is, Label what the picture shows, for whoever does not see it.
	Measured, Label string
	Ticks           []Line
	Texts           []Text
	Points          []Point
	HasHere         bool
}

// figure is what a scenario's trend shows: the time to the first good write, or, where nothing moves, the longest time without one.
func figure(s scenario.Scenario, e Entry) (seconds float64, known bool) {
	if !s.Expectations.WriterMoves {
		return e.Outage, true
	}
	if e.RTO == nil {
		return 0, false
	}
	return *e.RTO, true
}

// newTrend draws the drills of a scenario, oldest first, with its bound. It is nil for fewer than two with a figure. here is the
// folder of the drill whose page it is for, empty for none.
func newTrend(name string, all []Entry, here string) *Trend {
	s, known := scenario.Find(name)
	if !known {
		return nil
	}
	bound, measured := s.Expectations.FirstGoodWithin.Seconds(), "first good write, in seconds"
	if !s.Expectations.WriterMoves {
		bound, measured = s.Expectations.MaxOutage.Seconds(), "longest time without a good write, in seconds"
	}
	var chosen []Entry
	most := bound
	for _, e := range all {
		if seconds, ok := figure(s, e); e.Scenario == name && ok {
			chosen, most = append(chosen, e), max(most, seconds)
		}
	}
	if chosen = chosen[max(0, len(chosen)-trendDrills):]; len(chosen) < 2 {
		return nil
	}
	top := 1.1 * max(most, 1)
	y := func(seconds float64) float64 {
		return trendBottom - (trendBottom-trendTop)*min(1, max(0, seconds/top))
	}
	t := &Trend{Scenario: name, Width: trendWidth, Height: trendHeight, Measured: measured}
	t.Label = fmt.Sprintf("%s of %d drills of %s; at most %.0f is allowed", measured, len(chosen), name, bound)
	for _, tick := range [...]struct {
		seconds float64
		name    string
	}{{0, "axis"}, {bound, "bound"}} {
		t.Ticks = append(t.Ticks, Line{X: trendLeft, X2: trendWidth - trendRight, Y1: y(tick.seconds), Y2: y(tick.seconds), Name: tick.name})
		t.Texts = append(t.Texts, Text{X: trendLeft - 6, Y: y(tick.seconds) + 4, Anchor: "end", Content: fmt.Sprintf("%.0f s", tick.seconds)})
	}
	t.Ticks = append(t.Ticks, Line{X: trendLeft, X2: trendLeft, Y1: trendTop, Y2: trendBottom, Name: "axis"})
	t.Texts = append(t.Texts, Text{X: trendWidth - trendRight, Y: y(bound) - 5, Anchor: "end", Content: "allowed", Class: "small"})
	step := (trendWidth - trendLeft - trendRight - 24) / float64(len(chosen)-1)
	for i, e := range chosen {
		seconds, _ := figure(s, e)
		p := Point{X: trendLeft + 12 + step*float64(i), Y: y(seconds), Verdict: e.Verdict, Here: e.Folder == here}
		p.Shape = shape(e.Verdict, p.X, p.Y)
		p.Title = fmt.Sprintf("%s: %.1f s, %s", e.Began.UTC().Format("2006-01-02 15:04"), seconds, e.Verdict)
		t.HasHere = t.HasHere || p.Here
		t.Points = append(t.Points, p)
		if i == 0 || i == len(chosen)-1 {
			anchor := map[bool]string{true: "start", false: "end"}[i == 0]
			t.Texts = append(t.Texts, Text{
				X: p.X, Y: trendBottom + 18, Anchor: anchor, Content: e.Began.UTC().Format("2006-01-02 15:04"), Class: "small",
			})
		}
	}
	t.Texts = append(t.Texts, Text{
		X: trendWidth / 2, Y: trendHeight - 4, Anchor: "middle", Content: "when the drill began (UTC)", Class: "small",
	})
	return t
}

// shape is a disc for a drill that passed, a cross for one that failed, and a square otherwise.
func shape(v verdict.Verdict, x, y float64) string {
	switch v {
	case verdict.Pass:
		return fmt.Sprintf("M%.1f %.1fa4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z", x-4.5, y)
	case verdict.Fail:
		return fmt.Sprintf("M%.1f %.1fl4 -4l3 3l-4 4l4 4l-3 3l-4 -4l-4 4l-3 -3l4 -4l-4 -4l3 -3z", x, y-3)
	}
	return fmt.Sprintf("M%.1f %.1fh8v8h-8z", x-4, y-4)
}
