//go:build e2e

package e2e

import (
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

// The load under which reads are measured. It goes to loopback only.
const (
	readsPerSecond = 50
	loadTime       = 60 * time.Second
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
		s := p.service(b, east, mayRead, mayWrite)
		path := "/records/" + s.create(b, "read often").ID
		s.expect(b, http.StatusOK, http.MethodGet, path, nil)
		got := p.runVegeta(b, s, path)
		if want := int(readsPerSecond * loadTime.Seconds()); got.Success != 1 || got.Requests != want {
			b.Fatalf("%.2f %% of %d reads were answered, want all of %d: %q", 100*got.Success, got.Requests, want, got.Errors)
		}
		report(b, "p50-ms", got.Latencies.P50/float64(time.Millisecond))
		report(b, "p99-ms", got.Latencies.P99/float64(time.Millisecond))
		report(b, "bundle-MB", float64(size.Size())/1e6)
	}
}

// runVegeta has vegeta send the requests to the emulator, which selects the load balancer by the Host header.
func (p *platform) runVegeta(b *testing.B, s *service, path string) vegetaReport {
	b.Helper()
	targets := filepath.Join(b.TempDir(), "targets")
	if err := os.WriteFile(targets, fmt.Appendf(nil, "GET http://127.0.0.1:%d%s\nHost: %s\nAuthorization: Bearer %s\n",
		p.port, path, strings.TrimPrefix(s.url, "http://"), s.token), 0o600); err != nil {
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
			fmt.Sprintf("%s attack -targets %s -rate %d/1s -duration %s -redirects -1 | %s report -type json",
				vegeta, targets, readsPerSecond, loadTime, vegeta),
		},
	}))(b)
	var got vegetaReport
	if err := json.NewDecoder(strings.NewReader(output)).Decode(&got); err != nil {
		b.Fatalf("reading vegeta's report: %v\n%s", err, output)
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
