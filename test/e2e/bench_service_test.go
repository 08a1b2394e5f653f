//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// The load under which reads, and then changes, are measured. It goes to loopback only.
const (
	requestsPerSecond = 50
	loadTime          = 60 * time.Second
)

// vegetaReport is the output of `vegeta report -type json`. Latencies are in nanoseconds; Success is a share of 1.
type vegetaReport struct {
	Requests  int
	Success   float64
	Errors    []string
	Latencies struct {
		P50 float64 `json:"50th"`
		P99 float64 `json:"99th"`
	}
}

// benchmarkReads reads one record at a constant rate. An answer that is not 200 ends the benchmark.
func (p *platform) benchmarkReads(b *testing.B) {
	size, err := os.Stat(bundle)
	if err != nil {
		b.Fatalf("looking at the function's bundle: %v", err)
	}
	for b.Loop() {
		s := p.service(b, east)
		s.token = p.tenantsToken(b, benchmarkTenant, mayRead, mayWrite)
		path := "/records/" + s.create(b, "read often").ID
		s.expect(b, http.StatusOK, http.MethodGet, path, nil)
		got := p.runVegeta(b, "http", fmt.Appendf(nil,
			"GET http://127.0.0.1:%d%s\nHost: %s\nAuthorization: Bearer %s\n", p.port, path, s.host(), s.token))
		report(b, "p50-ms", got.Latencies.P50/float64(time.Millisecond))
		report(b, "p99-ms", got.Latencies.P99/float64(time.Millisecond))
		report(b, "bundle-MB", float64(size.Size())/1e6)
	}
}

// benchmarkWrites creates records at a constant rate, each with an idempotency key of its own, as a tenant of several. An answer that is
// not a creation ends the benchmark.
func (p *platform) benchmarkWrites(b *testing.B) {
	for b.Loop() {
		s := p.service(b, east)
		s.token = p.tenantsToken(b, benchmarkTenant, mayRead, mayWrite)
		s.create(b, "the first of a tenant")
		var targets bytes.Buffer
		run := time.Now().UnixNano()
		encoder := json.NewEncoder(&targets)
		for i := range int(requestsPerSecond * loadTime.Seconds()) {
			if err := encoder.Encode(map[string]any{
				"method": http.MethodPost, "url": fmt.Sprintf("http://127.0.0.1:%d/records", p.port),
				"body": fmt.Appendf(nil, `{"patient":"p-%d","content":{"finding":"none","value":7.10}}`, i%100),
				"header": http.Header{
					"Host": {s.host()}, "Authorization": {"Bearer " + s.token}, "Content-Type": {"application/json"},
					"Idempotency-Key": {fmt.Sprintf("%d-%d", run, i)},
				},
			}); err != nil {
				b.Fatalf("writing vegeta's targets: %v", err)
			}
		}
		got := p.runVegeta(b, "json", targets.Bytes())
		report(b, "write-p50-ms", got.Latencies.P50/float64(time.Millisecond))
		report(b, "write-p99-ms", got.Latencies.P99/float64(time.Millisecond))
	}
}

// runVegeta has vegeta send requests to the emulator, which selects the load balancer by the Host header. The targets are in a format of
// vegeta's. An answer that is none of 2xx ends the benchmark.
func (p *platform) runVegeta(b *testing.B, format string, content []byte) vegetaReport {
	b.Helper()
	targets := filepath.Join(b.TempDir(), "targets")
	if err := os.WriteFile(targets, content, 0o600); err != nil {
		b.Fatalf("writing vegeta's targets: %v", err)
	}
	tools, err := filepath.Abs(filepath.Join(root, "test", "tools", "go.mod"))
	if err != nil {
		b.Fatalf("finding the development tools: %v", err)
	}
	vegeta := "go tool -modfile=" + tools + " vegeta"
	output := require(shell.RunCommandContextAndGetStdOutE(b, b.Context(), &shell.Command{
		Command:    "bash",
		WorkingDir: root,
		Logger:     logger.Discard,
		Args: []string{
			"-eu", "-o", "pipefail", "-c",
			fmt.Sprintf("%s attack -format %s -targets %s -rate %d/1s -duration %s -redirects -1 | %s report -type json",
				vegeta, format, targets, requestsPerSecond, loadTime, vegeta),
		},
	}))(b)
	var got vegetaReport
	if err := json.NewDecoder(strings.NewReader(output)).Decode(&got); err != nil {
		b.Fatalf("reading vegeta's report: %v\n%s", err, output)
	}
	if want := int(requestsPerSecond * loadTime.Seconds()); got.Success != 1 || got.Requests != want {
		b.Fatalf("%.2f %% of %d requests succeeded, want all of %d: %q", 100*got.Success, got.Requests, want, got.Errors)
	}
	return got
}

// benchmarkRedeploy changes the code of one region's function, deploys it and sends the first request.
func (p *platform) benchmarkRedeploy(b *testing.B) {
	for b.Loop() {
		changeFunction(b)
		report(b, "s/redeploy", p.timeMake(b, "up", "STACK=region-app-west").Seconds())
		s := p.service(b, west)
		start := time.Now()
		s.expect(b, http.StatusOK, http.MethodGet, "/healthz", nil)
		report(b, "cold-ms", float64(time.Since(start))/float64(time.Millisecond))
	}
}
