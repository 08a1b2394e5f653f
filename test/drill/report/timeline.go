package report

import (
	"fmt"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/verdict"
)

// The measures of the timeline, in SVG user units.
const (
	width           = 1160.0
	marginLeft      = 168.0 // for the names of the lanes
	marginRight     = 28.0
	stateLaneHeight = 20.0 // a lane of observed values
	halfLaneHeight  = 38.0 // of a lane of requests per second: good ones above its line, failed ones below
	laneGap         = 16.0
	axisHeight      = 40.0
	letterWidth     = 6.6 // of the text in a lane, at most
)

// Rect is a piece of a lane. Class selects colour and pattern; Title is the tooltip.
type Rect struct {
	X, Y, W, H float64
	Class      string
	Title      string
}

// Text is a label.
type Text struct {
	X, Y    float64
	Anchor  string
	Content string
	Class   string
}

// Line is a tick or an axis, which Name says.
type Line struct {
	X, X2, Y1, Y2 float64
	Name          string
}

// Mark is a phase: a vertical line with a numbered dot at its upper end.
type Mark struct {
	X, Y, Y1, Y2 float64
	Number       int
	Name         string
}

// Timeline is the timeline as the page draws it.
type Timeline struct {
	Width, Height float64
	// Label says what the picture shows, for whoever does not see it. Zero is what its seconds count from.
	Label, Zero string
	Rects       []Rect
	Texts       []Text
	Ticks       []Line
	Marks       []Mark
}

// timeline builds a Timeline from the beginning of the load to its end.
type timeline struct {
	Timeline
	from, to time.Time
	y        float64
}

// maxDuration is the longest load that is drawn: no drill lasts for a day.
const maxDuration = 24 * time.Hour

// lane is a topic as the timeline shows it: words and classes by value. Another value that is known is shown as it is, in class none.
type lane struct {
	name    string
	topic   evidence.Topic
	classes map[string]string
	words   map[string]string
}

func lanes(e *evidence.Evidence) []lane {
	regions := map[string]string{e.Primary: "primary", e.Standby: "standby", "": "moving"}
	health := map[string]string{evidence.Healthy: "good", evidence.Unhealthy: "bad"}
	accepts := map[string]string{evidence.Yes: "good"}
	return []lane{
		{"writer, by RDS", evidence.Writer, regions, map[string]string{"": "moving"}},
		{"answer of the zone", evidence.Answer, regions, map[string]string{"": "neither region"}},
		{"health check " + e.Primary, evidence.Check(e.Primary), health, nil},
		{"health check " + e.Standby, evidence.Check(e.Standby), health, nil},
		{e.Primary + " accepts writes", evidence.Accepts(e.Primary), accepts, nil},
		{e.Standby + " accepts writes", evidence.Accepts(e.Standby), accepts, nil},
	}
}

// newTimeline returns the timeline of a drill, nil without load.
func newTimeline(d Document) *Timeline {
	from, begun := d.Evidence.MarkedAt(evidence.LoadBegan)
	if !begun || !d.Evidence.Ended.After(from) {
		return nil
	}
	t := &timeline{from: from, to: d.Evidence.Ended}
	if end, ok := d.Evidence.MarkedAt(evidence.LoadEnded); ok && end.After(from) {
		t.to = end
	}
	if t.to.Sub(t.from) > maxDuration {
		return nil
	}
	t.Label = fmt.Sprintf("Writer, answers, health checks and writes of %s over %s. The table of phases has the same in words.",
		d.Scenario, t.to.Sub(t.from).Round(time.Second))
	zero, what := t.from, "the beginning of the load"
	if when, ok := d.Evidence.MarkedAt(evidence.Faulted); ok {
		zero, what = when, "the fault"
	} else if when, ok := d.Evidence.MarkedAt(evidence.OperatorCommand); ok {
		zero, what = when, "the operator's command"
	}
	if zero.Before(t.from) || zero.After(t.to) {
		zero, what = t.from, "the beginning of the load"
	}
	return t.draw(&d.Evidence, lanes(&d.Evidence), d.Result.Phases, zero, what)
}

// draw draws lanes, the traffic of the client if there was one, and a mark for each phase. Seconds count from zero.
func (t *timeline) draw(e *evidence.Evidence, all []lane, phases []verdict.Phase, zero time.Time, what string) *Timeline {
	t.marks(phases)
	top := t.y
	for _, one := range all {
		t.states(e, one)
	}
	t.y += laneGap
	if len(e.Attempts) > 0 {
		t.requests(e)
	}
	for i := range t.Marks {
		t.Marks[i].Y2 = t.y
	}
	t.axis(zero, what, top)
	t.Width, t.Height = width, t.y+axisHeight
	return &t.Timeline
}

func (t *timeline) x(when time.Time) float64 {
	part := float64(when.Sub(t.from)) / float64(t.to.Sub(t.from))
	return marginLeft + min(1, max(0, part))*(width-marginLeft-marginRight)
}

// states adds a lane of the observed values of a topic. A piece that is wide enough has its value in words.
func (t *timeline) states(e *evidence.Evidence, of lane) {
	t.Texts = append(t.Texts, Text{X: marginLeft - 8, Y: t.y + stateLaneHeight - 6, Anchor: "end", Content: of.name})
	spans := e.Spans(of.topic)
	begun := t.to
	if len(spans) > 0 {
		begun = spans[0].From
	}
	if begun.After(t.from) {
		early := evidence.Span{Interval: evidence.Interval{From: t.from, To: begun}, Value: evidence.Unknown, Reason: "nothing was observed"}
		spans = append([]evidence.Span{early}, spans...)
	}
	for _, s := range spans {
		class, word := of.classes[s.Value], s.Value
		if text := of.words[s.Value]; text != "" {
			word = text
		}
		switch {
		case !s.Known():
			class = "unknown"
		case class == "":
			class = "none"
		}
		x, end := t.x(s.From), t.x(s.To)
		if end <= x {
			continue
		}
		title := word + " from " + clock(s.From) + " to " + clock(s.To)
		if s.Reason != "" && !s.Known() {
			title += ": " + s.Reason
		}
		t.Rects = append(t.Rects, Rect{x, t.y, end - x, stateLaneHeight, "state " + class, title})
		if end-x > letterWidth*float64(len(word))+8 {
			t.Texts = append(t.Texts, Text{X: x + 5, Y: t.y + stateLaneHeight - 6, Anchor: "start", Content: word})
		}
	}
	t.y += stateLaneHeight + 4
}

// axis adds ticks with the seconds since zero.
func (t *timeline) axis(zero time.Time, what string, top float64) {
	t.Zero = what + ", " + clock(zero) + " UTC"
	step := 30 * time.Second
	for t.to.Sub(t.from) > 16*step {
		step *= 2
	}
	first := -(zero.Sub(t.from) / step) * step
	for after := first; !zero.Add(after).After(t.to); after += step {
		x := t.x(zero.Add(after))
		t.Ticks = append(t.Ticks, Line{X: x, X2: x, Y1: top, Y2: t.y, Name: "tick"})
		t.Texts = append(t.Texts, Text{X: x, Y: t.y + 16, Anchor: "middle", Content: fmt.Sprintf("%.0f", after.Seconds())})
	}
	t.Texts = append(t.Texts, Text{
		X: (marginLeft + width - marginRight) / 2, Y: t.y + 33, Anchor: "middle", Content: "seconds since " + what, Class: "small",
	})
}

// marks adds a mark for each phase, numbered as in the table, and begins the lanes below them. Dots that would overlap are in different
// rows, as many as they need.
func (t *timeline) marks(phases []verdict.Phase) {
	const room, height = 19.0, 19.0
	var last []float64 // x of the last dot of each row
	var rows []int
	for i, phase := range phases {
		if phase.At.Before(t.from) || phase.At.After(t.to) {
			continue
		}
		x, row := t.x(phase.At), 0
		for row < len(last) && x-last[row] < room {
			row++
		}
		if row == len(last) {
			last = append(last, x)
		}
		last[row] = x
		t.Marks, rows = append(t.Marks, Mark{X: x, Number: i + 1, Name: phase.Name}), append(rows, row)
	}
	t.y = 8 + height*float64(len(last)) + 6
	for i := range t.Marks {
		t.Marks[i].Y = t.y - 6 - height*(float64(rows[i])+0.5)
		t.Marks[i].Y1 = t.Marks[i].Y + 8
	}
}
