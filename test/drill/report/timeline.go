package report

import (
	"time"

	"warmstandby/test/drill/evidence"
)

// The measures of the timeline, in SVG user units.
const (
	width             = 1160.0
	marginLeft        = 150.0 // for the names of the lanes
	marginRight       = 28.0
	marginTop         = 84.0 // for the numbers of the phases
	stateLaneHeight   = 18.0 // a lane of observed values
	requestLaneHeight = 74.0 // a lane of requests per second
	laneGap           = 10.0
	axisHeight        = 24.0
)

// Rect is a coloured piece of a lane. Class selects the colour; Title is the tooltip.
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
}

// Line is a phase or a tick.
type Line struct {
	X, Y1, Y2, Label float64
	Number           int
	Name             string
}

// Timeline is the timeline as the page draws it.
type Timeline struct {
	Width, Height float64
	Rects         []Rect
	Texts         []Text
	Lines         []Line
	Ticks         []Line
}

// timeline builds a Timeline from the beginning of the load to its end.
type timeline struct {
	Timeline
	from, to time.Time
	y        float64
}

// maxDuration is the longest load that is drawn: no drill lasts for a day.
const maxDuration = 24 * time.Hour

// newTimeline returns the timeline of a drill, nil without load.
func newTimeline(d Document) *Timeline {
	from, begun := d.Evidence.MarkedAt(evidence.LoadBegan)
	if !begun || !d.Evidence.Ended.After(from) {
		return nil
	}
	t := &timeline{from: from, to: d.Evidence.Ended, y: marginTop}
	if end, ok := d.Evidence.MarkedAt(evidence.LoadEnded); ok && end.After(from) {
		t.to = end
	}
	e := &d.Evidence
	colours := map[string]string{e.Primary: "primary", e.Standby: "standby"}
	t.states(e, "writer (RDS)", evidence.Writer, colours, "moving")
	t.states(e, "DNS answers", evidence.Answer, colours, "none")
	health := map[string]string{evidence.Healthy: "good", evidence.Unhealthy: "bad"}
	t.states(e, "check "+e.Primary, evidence.Check(e.Primary), health, "none")
	t.states(e, "check "+e.Standby, evidence.Check(e.Standby), health, "none")
	writes := map[string]string{evidence.Yes: "good"}
	t.states(e, "writes in "+e.Primary, evidence.Accepts(e.Primary), writes, "none")
	t.states(e, "writes in "+e.Standby, evidence.Accepts(e.Standby), writes, "none")
	t.y += laneGap
	if t.to.Sub(t.from) > maxDuration {
		return nil
	}
	for _, region := range [...]string{e.Primary, e.Standby, ""} {
		t.requests(e, region)
	}
	t.axis(d)
	t.phases(d)
	t.Width, t.Height = width, t.y+axisHeight
	return &t.Timeline
}

func (t *timeline) x(when time.Time) float64 {
	part := float64(when.Sub(t.from)) / float64(t.to.Sub(t.from))
	return marginLeft + min(1, max(0, part))*(width-marginLeft-marginRight)
}

// states adds a lane of the observed values of a topic.
func (t *timeline) states(e *evidence.Evidence, name string, topic evidence.Topic, classes map[string]string, other string) {
	t.Texts = append(t.Texts, Text{marginLeft - 8, t.y + stateLaneHeight - 5, "end", name})
	seen := e.Observations[topic]
	for i, s := range seen {
		until := t.to
		if i+1 < len(seen) {
			until = seen[i+1].At
		}
		class := classes[s.Value]
		if class == "" {
			class = other
		}
		if x, end := t.x(s.At), t.x(until); end > x {
			t.Rects = append(t.Rects, Rect{x, t.y, end - x, stateLaneHeight, class, s.Value + " from " + clock(s.At)})
		}
	}
	t.y += stateLaneHeight + 3
}

// requests adds a lane of the writes of one region, each second: good ones, and bad ones on top of them. Region "" is for
// writes that were withheld or had no address.
func (t *timeline) requests(e *evidence.Evidence, region string) {
	type count struct{ good, bad int }
	counts, busiest := map[int]count{}, 1
	for _, a := range e.Attempts {
		if a.Kind != evidence.Write || a.Region != region || a.End().Before(t.from) || a.End().After(t.to) {
			continue
		}
		second := int(a.End().Sub(t.from) / time.Second)
		c := counts[second]
		if a.Good() {
			c.good++
		} else {
			c.bad++
		}
		counts[second] = c
		busiest = max(busiest, c.good+c.bad)
	}
	if len(counts) == 0 {
		return
	}
	name := region
	if name == "" {
		name = "sent nowhere"
	}
	t.Texts = append(
		t.Texts,
		Text{marginLeft - 8, t.y + requestLaneHeight/2, "end", name},
		Text{marginLeft - 8, t.y + requestLaneHeight/2 + 14, "end", "writes a second"},
	)
	barWidth := (width - marginLeft - marginRight) / max(1, t.to.Sub(t.from).Seconds())
	for second, c := range counts {
		x := t.x(t.from.Add(time.Duration(second) * time.Second))
		good, bad := requestLaneHeight*float64(c.good)/float64(busiest), requestLaneHeight*float64(c.bad)/float64(busiest)
		if c.good > 0 {
			t.Rects = append(t.Rects, Rect{x, t.y + requestLaneHeight - good, barWidth, good, "good", ""})
		}
		if c.bad > 0 {
			t.Rects = append(t.Rects, Rect{x, t.y + requestLaneHeight - good - bad, barWidth, bad, "bad", ""})
		}
	}
	t.y += requestLaneHeight + laneGap
}

// axis adds ticks with the seconds since the fault.
func (t *timeline) axis(d Document) {
	zero := t.from
	if when, ok := d.Evidence.MarkedAt(evidence.Faulted); ok {
		zero = when
	} else if when, ok := d.Evidence.MarkedAt(evidence.OperatorCommand); ok {
		zero = when
	}
	if zero.Before(t.from) || zero.After(t.to) {
		zero = t.from
	}
	step := 30 * time.Second
	for t.to.Sub(t.from) > 20*step {
		step *= 2
	}
	first := -(zero.Sub(t.from) / step) * step
	for after := first; !zero.Add(after).After(t.to); after += step {
		x := t.x(zero.Add(after))
		t.Ticks = append(t.Ticks, Line{X: x, Y1: marginTop, Y2: t.y})
		t.Texts = append(t.Texts, Text{x, t.y + 16, "middle", after.String()})
	}
}

// phases adds a line for each phase, numbered as in the table. Numbers that would overlap are in different rows.
func (t *timeline) phases(d Document) {
	const room, rows, height = 18.0, 4, 18.0
	last := [rows]float64{-room, -room, -room, -room}
	for i, phase := range d.Result.Phases {
		if phase.At.Before(t.from) || phase.At.After(t.to) {
			continue
		}
		x, row := t.x(phase.At), 0
		for candidate := range rows {
			if x-last[candidate] >= room {
				row = candidate
				break
			}
			if last[candidate] < last[row] {
				row = candidate
			}
		}
		last[row] = x
		label := marginTop - 12 - height*float64(row)
		t.Lines = append(t.Lines, Line{x, label + 8, t.y, label, i + 1, phase.Name})
	}
}
