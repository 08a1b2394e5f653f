package monitoring

import (
	"slices"
	"testing"
)

// dimensionValues returns the values that a dimension may have in a region: names of resources there, and of the other region
// only where AWS's metric has them.
func dimensionValues(dimension, in string) []string {
	other := map[string]string{east: west, west: east}[in]
	switch dimension {
	case "LoadBalancer":
		return []string{"app/alb-" + in}
	case "TargetGroup":
		return []string{"targetgroup/" + in}
	case "FunctionName":
		if in == west {
			return []string{"lambda-" + in, "lambda-failover"}
		}
		return []string{"lambda-" + in}
	case "DBClusterIdentifier":
		return []string{"aurora-" + in}
	case "SourceRegion":
		return []string{other}
	case "SourceBucket":
		return []string{"documents-" + other, "assets-" + other}
	case "DestinationBucket":
		return []string{"documents-" + in, "assets-" + in}
	case "RuleId":
		return []string{"everything"}
	case "EventBusName":
		return []string{"bus"}
	case "RuleName":
		return []string{"rule-" + in}
	case "QueueName":
		return []string{"queue-" + in}
	case "HealthCheckId":
		return []string{"check-primary", "check-standby"}
	case "Environment":
		return []string{"blue"}
	case "Region":
		return []string{east, west}
	}
	return nil
}

// An alarm on a metric that nothing publishes never fires: each dimension must name a resource of the metric's region.
func TestDimensions(t *testing.T) {
	check := func(what, in string, dimensions map[string]string) {
		for name, value := range dimensions {
			if allowed := dimensionValues(name, in); !slices.Contains(allowed, value) {
				t.Errorf("%s of %s is of %s %q, want one of %q", what, in, name, value, allowed)
			}
		}
		if buckets := dimensions; buckets["SourceBucket"] != "" && buckets["SourceBucket"][:4] != buckets["DestinationBucket"][:4] {
			t.Errorf("%s of %s is between %v, which are of two pairs", what, in, dimensions)
		}
	}
	for _, widget := range parseDashboard(t, dashboardBodies(t)[0]).Widgets {
		for _, metric := range widget.Properties.Metrics {
			dimensions := map[string]string{}
			for i := 2; i+1 < len(metric); i += 2 {
				dimensions[metric[i].(string)] = metric[i+1].(string)
			}
			check(widget.Properties.Title, widget.Properties.Region, dimensions)
		}
	}
	recording := build(t)
	for _, made := range recording.OfType(alarmToken) {
		dimensions := map[string]string{}
		for name, value := range made.Input("dimensions").(map[string]any) {
			dimensions[name] = value.(string)
		}
		check(made.Name, recording.Region(made), dimensions)
	}
}
