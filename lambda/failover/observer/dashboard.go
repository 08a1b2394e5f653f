package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/shared/naming"
)

// dashboardSpan is the time that is drawn, which is that of the dashboards' own bodies.
const dashboardSpan = 3 * time.Hour

// metricsAtOnce is the most metrics in one call of GetMetricData (its API reference).
const metricsAtOnce = 500

// dashboard is a region's dashboard, drawn from its body as CloudWatch has it.
type dashboard struct {
	Region  string   `json:"region"`
	Name    string   `json:"name"`
	Widgets []widget `json:"widgets"`
	Error   string   `json:"error,omitempty"`
	// SameAs is the region whose dashboard has the same body, and whose widgets are shown; empty for one of its own.
	SameAs string `json:"sameAs,omitempty"`
}

// widget is a part of a dashboard with its data.
type widget struct {
	Kind     string `json:"kind"` // text or metric
	X        int    `json:"x"`
	Y        int    `json:"y"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Markdown string `json:"markdown,omitempty"`
	Title    string `json:"title,omitempty"`
	View     string `json:"view,omitempty"`
	Region   string `json:"region,omitempty"`
	Lines    []line `json:"lines,omitempty"`
	Marks    []mark `json:"marks,omitempty"`
	Right    string `json:"right,omitempty"` // label of the right axis
	// Error is why its data are not known.
	Error string `json:"error,omitempty"`
}

// line is a metric of a widget. Points are in the order of time: seconds since 1970, and the value.
type line struct {
	Label  string       `json:"label"`
	Right  bool         `json:"right,omitempty"`
	Points [][2]float64 `json:"points"`
	query  types.MetricDataQuery
}

type mark struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// parseBody reads a dashboard's body (Amazon CloudWatch API, "Dashboard Body Structure and Syntax"). A form of a metric that it does not
// know is an error, not a line that is missing.
func parseBody(text string) ([]widget, error) {
	var body struct {
		Widgets []struct {
			Type       string
			X, Y       int
			Width      int
			Height     int
			Properties struct {
				Markdown, Title, Region, View, Stat string
				Period                              int32
				Metrics                             [][]any
				YAxis                               struct{ Right struct{ Label string } }
				Annotations                         struct {
					Horizontal []mark
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		return nil, fmt.Errorf("reading a dashboard's body: %w", err)
	}
	var all []widget
	for i, w := range body.Widgets {
		p := w.Properties
		one := widget{
			Kind: w.Type, X: w.X, Y: w.Y, Width: w.Width, Height: w.Height, Markdown: p.Markdown, Title: p.Title, View: p.View,
			Region: p.Region, Marks: p.Annotations.Horizontal, Right: p.YAxis.Right.Label,
		}
		for n, metric := range p.Metrics {
			parsed, err := parseMetric(metric, p.Stat, p.Period)
			if err != nil {
				return nil, fmt.Errorf("reading metric %d of widget %q: %w", n, p.Title, err)
			}
			parsed.query.Id = aws.String("w" + strconv.Itoa(i) + "m" + strconv.Itoa(n))
			one.Lines = append(one.Lines, parsed)
		}
		all = append(all, one)
	}
	return all, nil
}

var errMetricForm = errors.New("want a namespace, a name, pairs of dimensions, and an object of options")

// parseMetric reads a metric of a widget: namespace, name, dimensions, and an object with the rest.
func parseMetric(parts []any, stat string, period int32) (line, error) {
	options := struct {
		Label, Stat, YAxis string
		Period             int32
	}{Stat: stat, Period: period}
	if n := len(parts); n > 0 {
		if last, is := parts[n-1].(map[string]any); is {
			text, err := json.Marshal(last)
			if err == nil {
				err = json.Unmarshal(text, &options)
			}
			if err != nil {
				return line{}, err
			}
			parts = parts[:n-1]
		}
	}
	words := make([]string, len(parts))
	for i, part := range parts {
		word, is := part.(string)
		if !is || word == "." || word == "..." {
			return line{}, errMetricForm
		}
		words[i] = word
	}
	if len(words) < 2 || len(words)%2 != 0 {
		return line{}, errMetricForm
	}
	metric := &types.Metric{Namespace: aws.String(words[0]), MetricName: aws.String(words[1])}
	for i := 2; i < len(words); i += 2 {
		metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: aws.String(words[i]), Value: aws.String(words[i+1])})
	}
	if options.Label == "" {
		options.Label = words[1]
	}
	return line{Label: options.Label, Right: options.YAxis == "right", Points: [][2]float64{}, query: types.MetricDataQuery{
		MetricStat: &types.MetricStat{Metric: metric, Stat: aws.String(options.Stat), Period: aws.Int32(max(options.Period, 60))},
	}}, nil
}

// dashboards reads both regions' bodies and their data. Of bodies that are equal the data are read once.
func (w *watcher) dashboards(ctx context.Context) (any, error) {
	namer, err := naming.New(w.deployed.Environment)
	if err != nil {
		return nil, err
	}
	var all []dashboard
	bodies := map[string]string{} // region by body
	for _, region := range [...]struct {
		name string
		role naming.Role
	}{{w.deployed.PrimaryRegion, naming.Primary}, {w.deployed.StandbyRegion, naming.Secondary}} {
		one := dashboard{Region: region.name}
		if one.Name, err = namer.Name(naming.Dashboard, string(region.role)); err != nil {
			return nil, fmt.Errorf("naming a dashboard: %w", err)
		}
		limited, cancel := context.WithTimeout(ctx, feedTimeout/4)
		got, err := cloudwatch.NewFromConfig(in(w.settings, region.name)).GetDashboard(limited, &cloudwatch.GetDashboardInput{
			DashboardName: aws.String(one.Name),
		})
		cancel()
		switch {
		case err != nil:
			one.Error = err.Error()
		case bodies[aws.ToString(got.DashboardBody)] != "":
			one.SameAs = bodies[aws.ToString(got.DashboardBody)]
		default:
			bodies[aws.ToString(got.DashboardBody)] = region.name
			if one.Widgets, err = parseBody(aws.ToString(got.DashboardBody)); err != nil {
				one.Error = err.Error()
			}
			w.fill(ctx, one.Widgets, region.name)
		}
		all = append(all, one)
	}
	return all, nil
}

// fill reads the data of widgets, a call for each of their regions.
func (w *watcher) fill(ctx context.Context, widgets []widget, own string) {
	byRegion := map[string][]*widget{}
	for i := range widgets {
		if one := &widgets[i]; len(one.Lines) > 0 {
			if one.Region == "" {
				one.Region = own
			}
			byRegion[one.Region] = append(byRegion[one.Region], one)
		}
	}
	for region, of := range byRegion {
		lines := map[string]*line{}
		var queries []types.MetricDataQuery
		for _, one := range of {
			for i := range one.Lines {
				lines[aws.ToString(one.Lines[i].query.Id)] = &one.Lines[i]
				queries = append(queries, one.Lines[i].query)
			}
		}
		limited, cancel := context.WithTimeout(ctx, feedTimeout/4)
		err := readData(limited, cloudwatch.NewFromConfig(in(w.settings, region)), queries, lines)
		cancel()
		if err != nil {
			for _, one := range of {
				one.Error = err.Error()
			}
		}
	}
}

// readData reads the points of metrics.
func readData(
	ctx context.Context, client cloudwatch.GetMetricDataAPIClient, queries []types.MetricDataQuery, lines map[string]*line,
) error {
	now := time.Now()
	for part := range slices.Chunk(queries, metricsAtOnce) {
		pages := cloudwatch.NewGetMetricDataPaginator(client, &cloudwatch.GetMetricDataInput{
			MetricDataQueries: part, StartTime: aws.Time(now.Add(-dashboardSpan)), EndTime: aws.Time(now), ScanBy: types.ScanByTimestampAscending,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fmt.Errorf("reading metrics: %w", err)
			}
			for _, result := range page.MetricDataResults {
				one := lines[aws.ToString(result.Id)]
				for i, at := range result.Timestamps {
					if one != nil && i < len(result.Values) {
						one.Points = append(one.Points, [2]float64{float64(at.Unix()), result.Values[i]})
					}
				}
			}
		}
	}
	for _, one := range lines {
		slices.SortFunc(one.Points, func(a, b [2]float64) int { return int(a[0] - b[0]) })
	}
	return nil
}
