package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadAudit(t *testing.T) {
	for _, test := range []struct {
		name   string
		report string
		want   error
		says   string
	}{
		{
			name:   "a report without vulnerabilities is clean",
			report: `{"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}}}`,
		},
		{
			name: "a vulnerability is a finding, listed with its range and severity",
			report: `{"vulnerabilities": {"pg": {"severity": "low", "range": "<9"}},
				"metadata": {"vulnerabilities": {"total": 1}}}`,
			want: errFindings, says: "pg <9: low",
		},
		{
			name:   "a count without names is a finding, too",
			report: `{"vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 1}}}`,
			want:   errFindings,
		},
		{
			name:   "a connection that was refused is no answer",
			report: `{"message": "request to https://registry/ failed, reason: connect ECONNREFUSED", "error": {"summary": ""}}`,
			want:   errNoAnswer,
		},
		{
			name:   "a registry that has no advisories is no answer",
			report: `{"message": "405 Method Not Allowed - POST https://registry/", "statusCode": 405}`,
			want:   errNoAnswer,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var output strings.Builder
			if err := readAudit([]byte(test.report), &output); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if !strings.Contains(output.String(), test.says) {
				t.Errorf("wrote %q, want %q in it", output.String(), test.says)
			}
		})
	}
}

func TestReadAuditRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, report := range []string{``, `audit`, `{}`, `[]`, `{"vulnerabilities": {}}`, `{"metadata": 1}`} {
		err := readAudit([]byte(report), io.Discard)
		if err == nil || errors.Is(err, errFindings) || errors.Is(err, errNoAnswer) {
			t.Errorf("%q: got %v, want an error that is neither a finding nor a missing answer", report, err)
		}
	}
}

func FuzzReadAudit(f *testing.F) {
	f.Add([]byte(`{"vulnerabilities": {"pg": {"severity": "low"}}, "metadata": {"vulnerabilities": {"total": 1}}}`))
	f.Add([]byte(`{"message": "405"}`))
	f.Fuzz(func(t *testing.T, report []byte) {
		if readAudit(report, io.Discard) == nil && !strings.Contains(strings.ToLower(string(report)), "metadata") {
			t.Errorf("a report without metadata is clean: %q", report)
		}
	})
}

func TestGoCheck(t *testing.T) {
	for _, test := range []struct {
		name      string
		status    int            // the database's
		exitCodes map[string]int // govulncheck's, by module; 0 where there is none
		want      error
		runs      int
	}{
		{name: "all modules are scanned and clean", status: http.StatusOK, runs: len(goModules)},
		{
			name: "a finding in one module does not end the scan of the others", status: http.StatusOK,
			exitCodes: map[string]int{".": exitVulnerable}, want: errFindings, runs: len(goModules),
		},
		{name: "nothing is scanned where the database does not answer", status: http.StatusBadGateway, want: errNoAnswer},
	} {
		t.Run(test.name, func(t *testing.T) {
			database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
			}))
			defer database.Close()
			runs := 0
			scan := func(_ context.Context, folder, _ string, _ ...string) (result, error) {
				runs++
				return result{exitCode: test.exitCodes[folder]}, nil
			}
			err := goCheck(database.Client(), database.URL, scan)(t.Context(), io.Discard)
			if !errors.Is(err, test.want) || runs != test.runs {
				t.Errorf("got %v after %d scans, want %v after %d", err, runs, test.want, test.runs)
			}
		})
	}
}

func TestGoCheckFailsWhereGovulncheckDoes(t *testing.T) {
	database := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer database.Close()
	scan := func(context.Context, string, string, ...string) (result, error) { return result{exitCode: 1}, nil }
	err := goCheck(database.Client(), database.URL, scan)(t.Context(), io.Discard)
	if err == nil || errors.Is(err, errFindings) || errors.Is(err, errNoAnswer) {
		t.Errorf("got %v, want an error that is neither a finding nor a missing answer", err)
	}
}

func TestAskDatabaseThatIsGone(t *testing.T) {
	database := httptest.NewServer(http.NotFoundHandler())
	database.Close()
	if err := queryDatabase(t.Context(), http.DefaultClient, database.URL); !errors.Is(err, errNoAnswer) {
		t.Errorf("got %v, want %v", err, errNoAnswer)
	}
}

func TestRun(t *testing.T) {
	ending := func(err error) map[string]check {
		return map[string]check{"go": func(context.Context, io.Writer) error { return err }}
	}
	for _, test := range []struct {
		name      string
		arguments []string
		ends      error
		want      int
		stdout    string
		stderr    string
	}{
		{name: "clean", arguments: []string{"go"}, want: exitClean, stdout: "no advisory concerns"},
		{name: "a finding fails", arguments: []string{"go"}, ends: errFindings, want: exitFindings, stderr: "update it"},
		{
			name: "no answer passes, with a warning that nothing was looked up", arguments: []string{"go"}, ends: errNoAnswer,
			want: exitClean, stdout: "::warning title=Advisories of go::Nothing was looked up", stderr: "proves nothing",
		},
		{name: "a broken check fails", arguments: []string{"go"}, ends: errors.New("no such file"), want: exitError, stderr: "no such file"},
		{name: "an ecosystem that is not known is a usage error", arguments: []string{"pip"}, want: exitError, stderr: "usage"},
		{name: "no ecosystem is a usage error", want: exitError, stderr: "usage"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			got := run(t.Context(), test.arguments, ending(test.ends), &stdout, &stderr)
			if got != test.want || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("got %d, %q and %q, want %d, %q and %q", got, stdout.String(), stderr.String(), test.want, test.stdout, test.stderr)
			}
		})
	}
}

func TestModulesThatAreScannedExist(t *testing.T) {
	const root = "../../.."
	for _, module := range goModules {
		if _, err := os.Stat(filepath.Join(root, module.folder, "go.mod")); err != nil {
			t.Errorf("module %s: %v", module.folder, err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, npmFolder, "package-lock.json")); err != nil {
		t.Error(err)
	}
}
