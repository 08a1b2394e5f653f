package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// timeouts are the timeouts and the retries of a client.
type timeouts struct {
	connect  time.Duration // for a connection, TLS included
	response time.Duration // for the answer of one attempt
	attempts int
	backoff  time.Duration // between two attempts, at most
}

var (
	// standard is for reads that take milliseconds: two attempts take 5 s at most.
	standard = timeouts{connect: time.Second, response: 2 * time.Second, attempts: 2, backoff: 500 * time.Millisecond}
	// noRetry is for the primary region, and for calls that must not be repeated unchecked.
	noRetry = timeouts{connect: time.Second, response: 5 * time.Second, attempts: 1}
	// slowCall is for single calls that respond after their work: a move of the writer, a function that starts cold.
	slowCall = timeouts{connect: time.Second, response: 20 * time.Second, attempts: 1}
	// longCall is for a restore, which nobody waits for but the operator.
	longCall = timeouts{connect: 5 * time.Second, response: 10 * time.Minute, attempts: 1}
)

// loadConfig reads the credentials and settings of the environment for a region.
func loadConfig(ctx context.Context, region string) (aws.Config, error) {
	// The SDK's own lines, of how it looks for credentials, are not what an operator has to read.
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("loading AWS settings for %s: %w", region, err)
	}
	return loaded, nil
}

// configFor returns the AWS settings for clients of a region with these timeouts.
func (p timeouts) configFor(base aws.Config, region string) aws.Config {
	settings := base.Copy()
	settings.Region = region
	settings.HTTPClient = awshttp.NewBuildableClient().WithTimeout(p.response).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = p.connect }).
		WithTransportOptions(func(t *http.Transport) { t.TLSHandshakeTimeout = p.connect })
	settings.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = p.attempts, max(p.backoff, time.Millisecond)
		})
	}
	return settings
}

// apiRefusal returns the service's reason when the error says that the service declined the request, so that nothing has
// happened. After any other error that is unknown.
func apiRefusal(err error) (smithy.APIError, bool) {
	var reason smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &reason) || !errors.As(err, &response) {
		return nil, false
	}
	return reason, response.HTTPStatusCode() < http.StatusInternalServerError
}
