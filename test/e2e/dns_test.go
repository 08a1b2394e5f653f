//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

const (
	// detection is the longest time that Route 53 may take to notice a loss or a return: three checks 30 s apart, begun up to one
	// interval late.
	detection = 90*time.Second + 30*time.Second
	// resolveInterval is the time between two lookups of the global name.
	resolveInterval = 500 * time.Millisecond
)

// globalNameWatch observes the global name while the primary's application is lost and restored. That takes minutes, in which
// other checks run.
type globalNameWatch struct {
	p              *platform
	resolver       *net.Resolver
	domain         string
	east, west     netip.Addr
	lost, restored time.Time

	mu      sync.Mutex
	answers []answer // one for each change
}

// answer is the address of the global name from a moment on.
type answer struct {
	since   time.Time
	address netip.Addr
	err     error
}

// loseApplication checks the addresses of the names, makes the primary's application fail and begins to observe the global
// name.
func loseApplication(t *testing.T, p *platform) *globalNameWatch {
	t.Helper()
	f := &globalNameWatch{p: p, resolver: p.resolver(t), domain: p.domain()}
	f.east, f.west = f.requireAddress(t, east+"."+f.domain), f.requireAddress(t, west+"."+f.domain)
	for address, region := range map[netip.Addr]string{f.east: east, f.west: west} {
		if got := f.respondingRegion(t, address); got != region {
			t.Errorf("the address of %s is answered by %s", region, got)
		}
	}
	// A first check may have come before the application's first answer.
	await(t, "waiting for the global name to have the address of the primary", func() error {
		if got := f.resolve(t.Context(), f.domain); got.err != nil || got.address != f.east {
			return fmt.Errorf("it has %s, %w", got.address, got.err)
		}
		return nil
	})
	p.make(t, "fault", "REGION="+east, "KIND=app-down") // Until checkLoss, whatever becomes of the checks before it.
	f.lost = time.Now()
	var watching sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	watching.Go(func() { f.watch(ctx) })
	t.Cleanup(func() { stop(); watching.Wait() })
	return f
}

// checkLoss waits until the global name has the address of the standby, and restores the application.
func (f *globalNameWatch) checkLoss(t *testing.T) {
	defer func() {
		f.p.make(t, "heal", "REGION="+east)
		f.restored = time.Now()
	}()
	f.awaitChange(t, f.lost, f.east, f.west)
	if got := f.respondingRegion(t, f.west); got != west {
		t.Errorf("the address of the name is answered by %s", got)
	}
	f.checkProxied(t, west)
	id := f.p.healthChecks(t)["primary"].Id
	status := require(f.p.route53(t).GetHealthCheckStatus(t.Context(), &route53.GetHealthCheckStatusInput{HealthCheckId: id}))(t)
	observed := status.HealthCheckObservations
	if len(observed) != 1 || observed[0].StatusReport == nil ||
		!strings.HasPrefix(aws.ToString(observed[0].StatusReport.Status), "Failure: HTTP Status Code 502") {
		t.Errorf("the primary's health check has %+v, want that it got a 502", observed)
	}
}

// checkReturn waits until the global name has the address of the primary again.
func (f *globalNameWatch) checkReturn(t *testing.T) {
	f.awaitChange(t, f.restored, f.east, f.west, f.east)
	f.checkProxied(t, east)
	id := f.p.healthChecks(t)["primary"].Id
	await(t, "waiting for the metric of the primary's health check", func() error {
		now := time.Now()
		got, err := cloudwatch.NewFromConfig(f.p.aws(t, east)).GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("AWS/Route53"), MetricName: aws.String("HealthCheckStatus"), Period: aws.Int32(60),
			Dimensions: []cloudwatchtypes.Dimension{{Name: aws.String("HealthCheckId"), Value: id}},
			StartTime:  aws.Time(f.lost.Add(-time.Minute)), EndTime: aws.Time(now.Add(time.Minute)),
			Statistics: []cloudwatchtypes.Statistic{cloudwatchtypes.StatisticMinimum},
		})
		if err == nil && len(got.Datapoints) == 0 {
			err = fmt.Errorf("%s has none", east)
		}
		return err
	})
}

// awaitChange waits until the name has had these addresses in order. It fails if the last change came later after its cause
// than Route 53 documents, or if the name had another address in between.
func (f *globalNameWatch) awaitChange(t *testing.T, cause time.Time, path ...netip.Addr) {
	t.Helper()
	var seen []answer
	await(t, "waiting for the global name to have other addresses", func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if seen = slices.Clone(f.answers); len(seen) < len(path) {
			return fmt.Errorf("it has had %v", seen)
		}
		return nil
	})
	var led []netip.Addr
	for _, one := range seen {
		if led = append(led, one.address); one.err != nil {
			t.Errorf("at %s the name had no address: %v", one.since, one.err)
		}
	}
	took := seen[len(seen)-1].since.Sub(cause)
	if !slices.Equal(led, path) || took > detection {
		t.Errorf("the name has had %v, %s after the cause; want %v within %s", led, took, path, detection)
	}
	t.Logf("the global name followed after %s", took)
}

func (f *globalNameWatch) watch(ctx context.Context) {
	ticker := time.NewTicker(resolveInterval)
	defer ticker.Stop()
	for ; ctx.Err() == nil; <-ticker.C {
		got := f.resolve(ctx, f.domain)
		if ctx.Err() != nil {
			return
		}
		f.mu.Lock()
		if last := len(f.answers) - 1; last < 0 || f.answers[last].address != got.address || (f.answers[last].err == nil) != (got.err == nil) {
			f.answers = append(f.answers, got)
		}
		f.mu.Unlock()
	}
}

func (f *globalNameWatch) resolve(ctx context.Context, name string) answer {
	addresses, err := f.resolver.LookupNetIP(ctx, "ip4", name+".")
	got := answer{since: time.Now(), err: err}
	if err == nil && len(addresses) != 1 {
		got.err = fmt.Errorf("%s has the addresses %v, want one", name, addresses)
	}
	if got.err == nil {
		got.address = addresses[0].Unmap()
	}
	return got
}

func (f *globalNameWatch) requireAddress(t *testing.T, name string) netip.Addr {
	t.Helper()
	got := f.resolve(t.Context(), name)
	if got.err != nil {
		t.Fatalf("resolving %s: %v", name, got.err)
	}
	return got.address
}

// respondingRegion sends a request for the global name to an address and returns the region that answers.
func (f *globalNameWatch) respondingRegion(t *testing.T, address netip.Addr) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s:%d/healthz", address, f.p.port), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = f.domain
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: requestTime}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("asking %s for %s: %v", address, f.domain, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("asking %s for %s: %v", address, f.domain, err)
	}
	var health struct{ Region string }
	if err := json.Unmarshal(content, &health); err != nil {
		t.Fatalf("reading %q of %s: %v", content, address, err)
	}
	return health.Region
}

// checkProxied requests the primary endpoint of `make summary` through the proxy that it names, and checks the region that
// answers.
func (f *globalNameWatch) checkProxied(t *testing.T, region string) {
	t.Helper()
	proxy := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", f.p.port)}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}, Timeout: requestTime}
	response, err := client.Get("http://" + f.domain + "/healthz")
	if err != nil {
		t.Fatalf("asking for %s through the gateway: %v", f.domain, err)
	}
	defer response.Body.Close()
	var health struct{ Region string }
	if err := json.NewDecoder(response.Body).Decode(&health); err != nil || response.StatusCode != http.StatusOK || health.Region != region {
		t.Errorf("through the gateway %s is answered %d by %q, %v; want 200 by %s", f.domain, response.StatusCode, health.Region, err, region)
	}
}

// resolver returns a resolver that asks the environment's Route 53.
func (p *platform) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.state, "instance.json"))
	if err != nil {
		t.Fatal(err)
	}
	var instance struct{ DNS string }
	if err := json.Unmarshal(content, &instance); err != nil || instance.DNS == "" {
		t.Fatalf("the emulator does not say where DNS is answered: %s, %v", content, err)
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, instance.DNS)
	}}
}
