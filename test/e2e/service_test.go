//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// requestTime bounds a request to the application: the function's time-out, as a client of the load balancer would wait, and
// some seconds.
const requestTime = 40 * time.Second

// The two permissions of a token.
const (
	mayRead  = "records:read"
	mayWrite = "records:write"
)

// service is a client of the application behind one region's load balancer.
type service struct {
	region, role string
	url          string // the region's, without a path
	token        string
	client       *http.Client
}

// host is the name in its Host header.
func (s *service) host() string { return strings.TrimPrefix(s.url, "http://") }

// loadBalancer returns the region's load balancer.
func (p *platform) loadBalancer(t testing.TB, region, role string) types.LoadBalancer {
	t.Helper()
	found := require(elasticloadbalancingv2.NewFromConfig(p.aws(t, region)).DescribeLoadBalancers(t.Context(),
		&elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{"alb-" + role + "-" + p.name}}))(t).LoadBalancers
	if len(found) != 1 {
		t.Fatalf("%d load balancers in %s, want 1", len(found), region)
	}
	return found[0]
}

// balancerName returns the DNS name of a region's load balancer.
func (p *platform) balancerName(t testing.TB, deployed deployedRegion) string {
	t.Helper()
	return aws.ToString(p.loadBalancer(t, deployed.region, deployed.role).DNSName)
}

// service returns a client with a token of these permissions.
func (p *platform) service(t testing.TB, region string, scopes ...string) *service {
	t.Helper()
	deployed := deployedRegions[slices.IndexFunc(deployedRegions, func(d deployedRegion) bool { return d.region == region })]
	s := &service{region: region, role: deployed.role}
	s.url = p.url(t, deployed)
	if len(scopes) > 0 {
		s.token = p.token(t, scopes...)
	}
	s.client = &http.Client{Transport: p.transport(t), Timeout: requestTime}
	return s
}

// token returns a token of the environment's issuer.
func (p *platform) token(t testing.TB, scopes ...string) string {
	t.Helper()
	return p.tenantsToken(t, "local", scopes...)
}

// tenantsToken returns a token of a tenant.
func (p *platform) tenantsToken(t testing.TB, tenant string, scopes ...string) string {
	t.Helper()
	return strings.TrimSpace(p.shell(t, `"$LOCAL" token --state "$STATE" --tenant `+tenant+` --scope '`+strings.Join(scopes, " ")+`'`))
}

// reply is a response of the application.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// decode decodes the body as JSON.
func (r reply) decode(t testing.TB, target any) {
	t.Helper()
	if err := json.Unmarshal(r.body, target); err != nil {
		t.Fatalf("reading %s: %v", r, err)
	}
}

// call sends a request; header is name, value, name, value.
func (s *service) call(ctx context.Context, method, path string, body any, header ...string) (reply, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return reply{}, err
		}
		content = bytes.NewReader(encoded)
		header = append(header, "Content-Type", "application/json")
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, content)
	if err != nil {
		return reply{}, err
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return s.send(request)
}

func (s *service) send(request *http.Request) (reply, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	content, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, content}, errors.Join(err, response.Body.Close())
}

// expect sends a request and fails the test if the response has another status.
func (s *service) expect(t testing.TB, status int, method, path string, body any, header ...string) reply {
	t.Helper()
	got, err := s.call(t.Context(), method, path, body, header...)
	if err != nil {
		t.Fatalf("%s %s in %s: %v", method, path, s.region, err)
	}
	if got.status != status {
		t.Fatalf("%s %s in %s is answered %s, want %d", method, path, s.region, got, status)
	}
	return got
}

// await sends a request until the response has the status.
func (s *service) await(t testing.TB, status int, method, path string) {
	t.Helper()
	await(t, fmt.Sprintf("waiting in %s for %d to %s %s", s.region, status, method, path), func() error {
		got, err := s.call(t.Context(), method, path, nil)
		if err == nil && got.status != status {
			err = fmt.Errorf("it is answered %s", got)
		}
		return err
	})
}

// record is a record of the application.
type record struct {
	ID, Patient string
	Content     map[string]any
	Version     int
}

// create creates a record with one finding.
func (s *service) create(t testing.TB, finding string) record {
	t.Helper()
	var made record
	s.expect(t, http.StatusCreated, http.MethodPost, "/records",
		map[string]any{"patient": "e2e", "content": map[string]any{"finding": finding}}).decode(t, &made)
	return made
}

// readContinuously reads a path repeatedly. stop returns the number of reads and the errors.
func (s *service) readContinuously(path string) (stop func() (reads int, failed error)) {
	ctx, cancel := context.WithCancel(context.Background())
	type result struct {
		reads  int
		failed error
	}
	ended := make(chan result, 1)
	go func() {
		var r result
		for ctx.Err() == nil {
			got, err := s.call(context.WithoutCancel(ctx), http.MethodGet, path, nil)
			if err == nil && got.status != http.StatusOK {
				err = errors.New(got.String())
			}
			r.failed = errors.Join(r.failed, err)
			r.reads++
		}
		ended <- r
	}()
	return func() (int, error) {
		cancel()
		r := <-ended
		return r.reads, r.failed
	}
}
