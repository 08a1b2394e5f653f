package monitoring

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// dashboardBodies returns the bodies of the dashboards, the primary region's first.
func dashboardBodies(t *testing.T) [2]string {
	t.Helper()
	recording := build(t)
	return [...]string{
		recording.Get(t, dashboardToken, "dashboard-primary-blue").Text("dashboardBody"),
		recording.Get(t, dashboardToken, "dashboard-secondary-blue").Text("dashboardBody"),
	}
}

// Both regions have the same dashboard.
func TestDashboardsAreEqual(t *testing.T) {
	if both := dashboardBodies(t); both[0] != both[1] || both[0] == "" {
		t.Errorf("the dashboard of the primary region is\n%s\nthe standby's\n%s", both[0], both[1])
	}
}

// dashboardJSON is a dashboard's body as CloudWatch documents it, independent of the types that wrote it.
type dashboardJSON struct{ Widgets []widgetJSON }

type widgetJSON struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Region, Markdown, Title string
		Metrics                 [][]any
	}
}

func parseDashboard(t *testing.T, text string) dashboardJSON {
	t.Helper()
	var d dashboardJSON
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The body is valid by CloudWatch's documentation, and the schema notices mistakes.
func TestDashboardSchema(t *testing.T) {
	schema, err := jsonschema.Compile("testdata/dashboard-body.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	good := dashboardBodies(t)[0]
	tests := []struct {
		name, from, to string
		refused        bool
	}{
		{"as it is drawn", "", "", false},
		{"a widget without a region is not", `"region":"us-west-2",`, "", true},
		{"a property that CloudWatch does not know is not", `"periodOverride"`, `"overridePeriod"`, true},
		{"a view that there is not is not", `"timeSeries"`, `"timeseries"`, true},
		{"a percentile that is none is not", `"p99"`, `"99p"`, true},
		{"a dimension without a value is not", `"QueueName","queue-us-east-1"`, `"QueueName",""`, true},
		{"a widget beside the grid is not", `"x":12`, `"x":24`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := good
			if test.from != "" {
				if !strings.Contains(good, test.from) {
					t.Fatalf("the dashboard has no %s to change", test.from)
				}
				text = strings.Replace(good, test.from, test.to, 1)
			}
			var body any
			if err := json.Unmarshal([]byte(text), &body); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(body); (err != nil) != test.refused {
				t.Errorf("validating the body: %v", err)
			}
		})
	}
}

// The schema cannot check that dimensions come in pairs and that the object comes last.
func TestDimensionPairs(t *testing.T) {
	for _, widget := range parseDashboard(t, dashboardBodies(t)[0]).Widgets {
		for _, metric := range widget.Properties.Metrics {
			if _, ends := metric[len(metric)-1].(map[string]any); !ends || len(metric)%2 == 0 {
				t.Errorf("%s has the metric %v, want namespace, name, pairs, and an object", widget.Properties.Title, metric)
			}
		}
	}
}

// Widgets cover the grid and do not overlap.
func TestGrid(t *testing.T) {
	taken := map[[2]int]string{}
	bottom := 0
	for _, widget := range parseDashboard(t, dashboardBodies(t)[0]).Widgets {
		bottom = max(bottom, widget.Y+widget.Height)
		for x := widget.X; x < widget.X+widget.Width; x++ {
			for y := widget.Y; y < widget.Y+widget.Height; y++ {
				if other, is := taken[[2]int{x, y}]; is {
					t.Fatalf("%q lies over %q", widget.Properties.Title, other)
				}
				taken[[2]int{x, y}] = widget.Properties.Title
			}
		}
	}
	if want := 24 * bottom; len(taken) != want {
		t.Errorf("the widgets cover %d cells of %d", len(taken), want)
	}
}

// The dashboard shows these metrics and no others.
func TestDashboardMetrics(t *testing.T) {
	type one struct{ namespace, name, region string }
	shows := map[one]bool{}
	for _, widget := range parseDashboard(t, dashboardBodies(t)[0]).Widgets {
		for _, metric := range widget.Properties.Metrics {
			shows[one{metric[0].(string), metric[1].(string), widget.Properties.Region}] = true
		}
	}
	wanted := map[one]bool{
		{"AWS/Route53", "HealthCheckStatus", "us-east-1"}: true, // Route 53 has no other
	}
	for _, name := range []string{"FailoverReadiness", "WriterActive", "ReplicationLag", "HeartbeatAge", "EngineVersionMismatch"} {
		wanted[one{"Warmstandby", name, west}] = true
	}
	for _, in := range []string{east, west} {
		for namespace, names := range map[string][]string{
			"AWS/ApplicationELB": {"RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"},
			"AWS/Lambda":         {"Invocations", "Errors", "Duration"},
			"AWS/RDS":            {"DatabaseConnections", "AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag"},
			"AWS/S3":             {"ReplicationLatency"},
			"AWS/Events":         {"Invocations", "FailedInvocations"},
			"AWS/SQS":            {"ApproximateNumberOfMessagesVisible"},
		} {
			for _, name := range names {
				wanted[one{namespace, name, in}] = true
			}
		}
	}
	for want := range wanted {
		if !shows[want] {
			t.Errorf("%s %s of %s is not shown", want.namespace, want.name, want.region)
		}
	}
	for got := range shows {
		if !wanted[got] {
			t.Errorf("%s %s of %s is shown: is it meant to be?", got.namespace, got.name, got.region)
		}
	}
}

// The text links a runbook with a URL, and names one without.
func TestRunbookLink(t *testing.T) {
	if !slices.ContainsFunc(parseDashboard(t, dashboardBodies(t)[0]).Widgets, func(w widgetJSON) bool {
		return w.Type == "text" && strings.Contains(w.Properties.Markdown, "(https://runbook.example)")
	}) {
		t.Error("no text widget links the runbook")
	}
	inRepository := Args{Runbook: "lambda/failover/RUNBOOK.md"}
	if got := inRepository.introduction(); strings.Contains(got, "](") || !strings.Contains(got, "`lambda/failover/RUNBOOK.md`") {
		t.Errorf("the text for a file is %q, want its name without a link", got)
	}
}
