package instance

import (
	"net/http"
	"regexp"
	"slices"
	"testing"
)

var regionElement = regexp.MustCompile(`<Region>([^<]*)</Region>`)

// A refresh reads the regions of a check: those that it names, and all eight of a check that names none.
func TestHealthChecksAnswerTheRegionsOfTheirCheckers(t *testing.T) {
	a := aws{t, newEnvironment(t).up().Endpoint}
	read := func(path string) []string {
		var names []string
		for _, found := range regionElement.FindAllStringSubmatch(a.route53(http.MethodGet, path, ""), -1) {
			names = append(names, found[1])
		}
		return names
	}
	made := func(reference, regions string) string {
		return "healthcheck/" + a.field(a.route53(http.MethodPost, "healthcheck", `<CreateHealthCheckRequest><CallerReference>`+reference+
			`</CallerReference><HealthCheckConfig><Type>HTTP</Type><FullyQualifiedDomainName>one.test</FullyQualifiedDomainName><Port>80</Port>`+
			regions+`</HealthCheckConfig></CreateHealthCheckRequest>`), "Id")
	}
	const three = `<Regions><Region>us-west-2</Region><Region>eu-west-1</Region><Region>sa-east-1</Region></Regions>`
	named, unnamed := made("named", three), made("unnamed", "")
	if got, want := read(named), []string{"us-west-2", "eu-west-1", "sa-east-1"}; !slices.Equal(got, want) {
		t.Errorf("a check that names regions is answered with %q, want %q", got, want)
	}
	all := []string{
		"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1", "us-west-2",
	}
	if got := read(unnamed); !slices.Equal(got, all) {
		t.Errorf("a check that names no region is answered with %q, want %q", got, all)
	}
	a.route53(http.MethodPost, unnamed, `<UpdateHealthCheckRequest>`+three+`</UpdateHealthCheckRequest>`)
	a.route53(http.MethodPost, named, `<UpdateHealthCheckRequest><FailureThreshold>2</FailureThreshold></UpdateHealthCheckRequest>`)
	for what, path := range map[string]string{"that is given regions": unnamed, "whose threshold alone is changed": named} {
		if got, want := read(path), []string{"us-west-2", "eu-west-1", "sa-east-1"}; !slices.Equal(got, want) {
			t.Errorf("a check %s is answered with %q, want %q", what, got, want)
		}
	}
}
