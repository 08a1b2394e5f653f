// Package awsclient asks AWS, for everything that the failover controller and its command line want of it. It is the only package
// that knows AWS's SDK.
//
// Every call has a time: for its connection, for an answer, and for as many attempts as are made at all. All calls go to the
// standby region but those named Primary, which nothing waits for.
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
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// timeouts is how long a client waits.
type timeouts struct {
	connect  time.Duration // for a connection, TLS included
	response time.Duration // for the answer of one attempt
	attempts int
	backoff  time.Duration // between two attempts, at most
}

var (
	// standard is for questions that are answered in milliseconds: two attempts take 5 s at most.
	standard = timeouts{connect: time.Second, response: 2 * time.Second, attempts: 2, backoff: 500 * time.Millisecond}
	// noRetry is for the primary region, and for what must not be asked twice without looking.
	noRetry = timeouts{connect: time.Second, response: 5 * time.Second, attempts: 1}
	// slowCall is for what works before it answers, asked once: a move of the writer, and a function that starts cold.
	slowCall = timeouts{connect: time.Second, response: 20 * time.Second, attempts: 1}
)

// loadConfig reads the credentials and settings of the environment for a region.
func loadConfig(ctx context.Context, region string) (aws.Config, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return aws.Config{}, fmt.Errorf("loading AWS settings for %s: %w", region, err)
	}
	return loaded, nil
}

// configFor returns settings for clients of a region with such patience.
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

// apiRefusal returns the service's reason when an error says that it has understood and declined: nothing has happened. Whether
// something has is not known after any other error.
func apiRefusal(err error) (smithy.APIError, bool) {
	var reason smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &reason) || !errors.As(err, &response) {
		return nil, false
	}
	return reason, response.HTTPStatusCode() < http.StatusInternalServerError
}
