package monitoring

import (
	"encoding/json"
	"fmt"
)

// body is a dashboard's body (Amazon CloudWatch API, "Dashboard Body Structure and Syntax").
type body struct {
	Start string `json:"start"` // the time range shown, relative to now
	// PeriodOverride "inherit" keeps each widget's own period, whatever the time range.
	PeriodOverride string   `json:"periodOverride"`
	Widgets        []widget `json:"widgets"`
}

// widget is a part of a grid of 24 columns.
type widget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties any    `json:"properties"` // text or graph
}

type text struct {
	Markdown string `json:"markdown"`
}

// graph shows metrics of one region. Without a region a widget shows metrics of the dashboard's own region.
type graph struct {
	Title       string       `json:"title"`
	Region      string       `json:"region"`
	View        view         `json:"view"`
	Stat        string       `json:"stat"`
	Period      int          `json:"period"` // seconds
	Metrics     []series     `json:"metrics"`
	YAxis       *axes        `json:"yAxis,omitempty"`
	Annotations *annotations `json:"annotations,omitempty"`
}

type view string

const (
	lines  view = "timeSeries"
	number view = "singleValue"
)

type axes struct {
	Left  *axis `json:"left,omitempty"`
	Right *axis `json:"right,omitempty"`
}

type axis struct {
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	Label     string   `json:"label,omitempty"`
	ShowUnits bool     `json:"showUnits"`
}

type annotations struct {
	Horizontal []mark `json:"horizontal"`
}

type mark struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// series is a metric in a graph, with its label and its deviations from the graph.
type series struct {
	metric metric
	Label  string `json:"label"`
	Stat   string `json:"stat,omitempty"`
	// YAxis is right for a metric of another unit than the graph's.
	YAxis string `json:"yAxis,omitempty"`
}

// MarshalJSON returns the form of a metric in a widget: namespace, name, the dimensions, and an object with the rest.
func (s series) MarshalJSON() ([]byte, error) {
	type own series
	parts := []any{s.metric.namespace, s.metric.name}
	for _, word := range s.metric.dimensions {
		parts = append(parts, word)
	}
	return json.Marshal(append(parts, own(s)))
}

// JSON returns the body as CloudWatch takes it.
func (b body) JSON() (string, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("encoding the dashboard: %w", err)
	}
	return string(text), nil
}
