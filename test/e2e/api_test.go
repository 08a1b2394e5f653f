//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"warmstandby/test/api"
	"warmstandby/test/api/forgery"
)

// How much Schemathesis tries: of each operation, and of chains. The planted faults need few.
const (
	apiExamples     = 100
	plantedExamples = 50
)

// TestAPI deploys the records API in one region and holds it to its document, by Schemathesis, and sends it every token that it must
// refuse.
func TestAPI(t *testing.T) {
	requireEmulator(t)
	t.Parallel()
	p := newPlatform(t)
	for _, stack := range [...]string{"foundation-network", "data-global", "region-app-east"} {
		p.make(t, "up", "STACK="+stack)
	}
	s := p.service(t, east, mayRead, mayWrite)
	s.await(t, http.StatusOK, http.MethodGet, "/readyz")
	results := filepath.Join(root, ".state", "make", "api")
	if err := errors.Join(os.RemoveAll(results), os.MkdirAll(results, 0o755)); err != nil {
		t.Fatal(err)
	}
	tool := api.Schemathesis{
		Root:        require(filepath.Abs(root))(t),
		Environment: require(filepath.Abs(filepath.Join(root, ".state", "make", "schemathesis")))(t),
		Folder:      require(filepath.Abs(results))(t),
	}
	t.Run("every token that must be refused is, and changes nothing", func(t *testing.T) { p.checkForgeries(t, s) })
	t.Run("the API is what its document says", func(t *testing.T) { p.checkDocument(t, s, tool) })
	t.Run("planted faults are seen", func(t *testing.T) {
		server := httptest.NewServer(p.apiProxy(t, s, api.Planted))
		defer server.Close()
		report := require(tool.Do(t.Context(), api.Run{
			Name: "planted", URL: server.URL, Token: s.token, Seed: apiSeed(t), Examples: plantedExamples,
		}))(t)
		if err := report.Sees(api.Planted); err != nil {
			t.Error(err)
		}
	})
}

// apiProxy leads to the region's load balancer, through the faults.
func (p *platform) apiProxy(t *testing.T, s *service, faults []api.Fault) http.Handler {
	t.Helper()
	target := require(url.Parse(fmt.Sprintf("http://127.0.0.1:%d", p.port)))(t)
	return (&api.Proxy{Target: target, Host: s.host(), Token: s.token, Faults: faults}).Handler()
}

// apiSeed is SEED, or another one each time.
func apiSeed(t *testing.T) uint32 {
	t.Helper()
	given := os.Getenv("SEED")
	if given == "" {
		return rand.Uint32()
	}
	return uint32(require(strconv.ParseUint(given, 10, 32))(t))
}

// checkDocument has Schemathesis try every operation, and writes what it has done for make api, which prints it.
func (p *platform) checkDocument(t *testing.T, s *service, tool api.Schemathesis) {
	server := httptest.NewServer(p.apiProxy(t, s, nil))
	defer server.Close()
	seed := apiSeed(t)
	report, err := tool.Do(t.Context(), api.Run{Name: "document", URL: server.URL, Token: s.token, Seed: seed, Examples: apiExamples})
	if err == nil {
		err = report.Judge(api.Table, require(api.Operations(root))(t))
	}
	if err != nil {
		t.Errorf("%v\nthe same again: make api SEED=%d", err, seed)
	}
	var list bytes.Buffer
	fmt.Fprintf(&list, "Schemathesis with SEED=%d: %d requests, %d of them along links, %d findings (reasons: test/api/accepted.go):\n",
		seed, report.Cases, report.Chained, len(report.Findings))
	for _, finding := range report.Findings {
		fmt.Fprintf(&list, "  %s\n", finding)
	}
	if err := os.WriteFile(filepath.Join(tool.Folder, "findings.txt"), list.Bytes(), 0o644); err != nil {
		t.Errorf("writing the findings: %v", err)
	}
}

// checkForgeries sends every attack with a request of each kind at a record that is there.
func (p *platform) checkForgeries(t *testing.T, s *service) {
	issuer := forgery.Issuer{
		Name: "urn:warmstandby:local", Audience: "urn:warmstandby:records", TenantClaim: "tenant", Tenant: "local", // test/local/issuer
	}
	if err := issuer.ReadKey(filepath.Join(p.state, "issuer", "key.json")); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	good := *s
	good.token = issuer.Token(now)
	const canary = "a patient of an attacker"
	victim := s.create(t, "none")
	path := "/records/" + victim.ID
	good.expect(t, http.StatusOK, http.MethodGet, path, nil) // The attacks differ from this one alone.
	before := s.expect(t, http.StatusOK, http.MethodGet, path, nil)
	content := http.Header{"Content-Type": {"application/json"}, "If-Match": {"*"}}
	attacks := forgery.Attacks(issuer, now)
	err := forgery.Send(t.Context(), s.client, s.url, attacks, []forgery.Request{
		{Method: http.MethodGet, Path: path},
		{Method: http.MethodPost, Path: "/records/search", Body: `{"patient":"e2e"}`, Header: content},
		{Method: http.MethodPost, Path: "/records", Body: `{"patient":"` + canary + `","content":{}}`, Header: content},
		{Method: http.MethodPut, Path: path, Body: `{"patient":"` + canary + `","content":{}}`, Header: content},
		{Method: http.MethodDelete, Path: path},
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d attacks were refused, each with five requests", len(attacks))
	after := s.expect(t, http.StatusOK, http.MethodGet, path, nil)
	if before.String() != after.String() || before.header.Get("ETag") != after.header.Get("ETag") {
		t.Errorf("the record is %s, was %s", after, before)
	}
	var found struct{ Records []record }
	s.expect(t, http.StatusOK, http.MethodPost, "/records/search", map[string]string{"patient": canary}).decode(t, &found)
	if len(found.Records) > 0 {
		t.Errorf("an attacker has made %d records", len(found.Records))
	}
}
