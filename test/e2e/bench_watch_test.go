//go:build e2e

package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// watches is the number of runs of the controller whose slowest is taken as the 99th percentile.
const watches = 25

// benchmarkWatch runs the failover controller on a healthy platform, in addition to its schedule.
func (p *platform) benchmarkWatch(b *testing.B) {
	client := lambda.NewFromConfig(p.aws(b, west))
	name := "lambda-failover-secondary-" + p.name
	for b.Loop() {
		var spent []time.Duration
		for range watches {
			start := time.Now()
			answer := require(client.Invoke(b.Context(), &lambda.InvokeInput{FunctionName: &name, Payload: []byte(`{"task":"watch"}`)}))(b)
			if answer.FunctionError != nil {
				b.Fatalf("a watch failed: %s %s", aws.ToString(answer.FunctionError), answer.Payload)
			}
			spent = append(spent, time.Since(start))
		}
		report(b, "s/watch", slices.Max(spent).Seconds())
	}
}

// statuses is the number of statuses whose slowest is reported.
const statuses = 10

// benchmarkStatus asks for the status, which is typed first on the night of a loss, with all programs built.
func (p *platform) benchmarkStatus(b *testing.B) {
	p.make(b, "status") // Compiles what it needs.
	for b.Loop() {
		var spent []time.Duration
		for range statuses {
			spent = append(spent, p.timeMake(b, "status"))
		}
		report(b, "s/status", slices.Max(spent).Seconds())
	}
}
