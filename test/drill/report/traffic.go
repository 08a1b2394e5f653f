package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"warmstandby/test/drill/evidence"
)

// count is what a second of writes came to.
type count struct{ good, bad int }

// traffic are the writes of each second by region. Region "" is of writes that were withheld or had no address.
type traffic map[string]map[int]count

func (t *timeline) traffic(e *evidence.Evidence) traffic {
	all := traffic{}
	for _, a := range e.Attempts {
		if a.Kind != evidence.Write || a.End().Before(t.from) || a.End().After(t.to) {
			continue
		}
		if all[a.Region] == nil {
			all[a.Region] = map[int]count{}
		}
		second := int(a.End().Sub(t.from) / time.Second)
		c := all[a.Region][second]
		if a.Good() {
			c.good++
		} else {
			c.bad++
		}
		all[a.Region][second] = c
	}
	return all
}

// scale is the upper end of the axes of these regions, which share it: what the same load comes to must look the same.
func (t traffic) scale(regions ...string) int {
	most := 1
	for _, region := range regions {
		for _, c := range t[region] {
			most = max(most, c.good, c.bad)
		}
	}
	for _, round := range [...]int{5, 10, 20, 50, 100, 200, 500, 1000} {
		if most <= round {
			return round
		}
	}
	return most
}

// requests adds a lane of the writes of each region, second by second: good ones above its line, failed ones below it. Regions that
// nothing was sent to have a lane, too. Writes that were sent nowhere have a scale of their own, because hundreds of them are withheld in
// one second, which would flatten the regions' lanes.
func (t *timeline) requests(e *evidence.Evidence) {
	all := t.traffic(e)
	regions := []string{e.Primary, e.Standby}
	scaleOfRegions := all.scale(regions...)
	if len(all[""]) > 0 {
		regions = append(regions, "")
	}
	for _, region := range regions {
		name, scale := region, scaleOfRegions
		if name == "" {
			name, scale = "sent nowhere", all.scale("")
		}
		zero := t.y + halfLaneHeight
		t.Texts = append(
			t.Texts,
			Text{X: marginLeft - 34, Y: zero - 4, Anchor: "end", Content: name},
			Text{X: marginLeft - 34, Y: zero + 10, Anchor: "end", Content: "writes a second", Class: "small"},
		)
		for _, tick := range [...]struct {
			y    float64
			text string
			name string
		}{
			{t.y, fmt.Sprint(scale, " good"), "tick"}, {zero, "0", "axis"}, {zero + halfLaneHeight, fmt.Sprint(scale, " bad"), "tick"},
		} {
			t.Ticks = append(t.Ticks, Line{X: marginLeft, X2: width - marginRight, Y1: tick.y, Y2: tick.y, Name: tick.name})
			t.Texts = append(t.Texts, Text{X: marginLeft - 4, Y: tick.y + 4, Anchor: "end", Content: tick.text, Class: "small"})
		}
		t.Ticks = append(t.Ticks, Line{X: marginLeft, X2: marginLeft, Y1: t.y, Y2: zero + halfLaneHeight, Name: "axis"})
		t.bars(all[region], scale, zero)
		t.y += 2*halfLaneHeight + laneGap
	}
}

// bars adds the bars of a lane.
func (t *timeline) bars(seconds map[int]count, scale int, zero float64) {
	barWidth := (width - marginLeft - marginRight) / max(1, t.to.Sub(t.from).Seconds())
	for _, second := range slices.Sorted(maps.Keys(seconds)) {
		c := seconds[second]
		x := t.x(t.from.Add(time.Duration(second) * time.Second))
		height := func(n int) float64 { return halfLaneHeight * float64(n) / float64(scale) }
		if c.good > 0 {
			t.Rects = append(t.Rects, Rect{x, zero - height(c.good), barWidth, height(c.good), "bar good", ""})
		}
		if c.bad > 0 {
			t.Rects = append(t.Rects, Rect{x, zero, barWidth, height(c.bad), "bar bad", ""})
		}
	}
}
