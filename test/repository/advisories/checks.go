package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"warmstandby/test/repository/toolchain"
)

// goDatabase is the database that govulncheck reads, unless GOVULNDB names another (https://go.dev/doc/security/vuln/database).
const goDatabase = "https://vuln.go.dev"

// databaseTimeout bounds the answer of the Go database: one small file from a content delivery network.
const databaseTimeout = 20 * time.Second

// exitVulnerable is govulncheck's exit code for code that calls something vulnerable (its documentation, "Exit codes").
const exitVulnerable = 3

// goModule is a module that govulncheck scans, by its folder, and which of its packages.
type goModule struct {
	folder   string
	packages []string
}

// goModules are the modules whose code is written here. The modules of test/tools are left out: linters process nobody's data.
var goModules = []goModule{
	{".", []string{"./..."}},
	{"test/local", []string{"./..."}},
	{toolchain.Module, toolchain.Packages()},
}

// npmFolder has the function's package-lock.json.
const npmFolder = "lambda/app"

// checks returns the checks by their names on the command line.
func checks(client *http.Client, run command) map[string]check {
	database := os.Getenv("GOVULNDB")
	if database == "" {
		database = goDatabase
	}
	return map[string]check{"go": goCheck(client, database, run), "npm": npmCheck(run)}
}

// goCheck runs govulncheck on each module. It queries the database first, because govulncheck ends with the same exit code for a
// database that does not answer as for a program that does not compile.
func goCheck(client *http.Client, database string, run command) check {
	return func(ctx context.Context, output io.Writer) error {
		if err := queryDatabase(ctx, client, database); err != nil {
			return err
		}
		tools, err := filepath.Abs("test/tools/go.mod")
		if err != nil {
			return fmt.Errorf("finding the pinned govulncheck: %w", err)
		}
		var errs []error
		for _, module := range goModules {
			fmt.Fprintf(output, "govulncheck of %s\n", module.folder)
			arguments := append([]string{"tool", "-modfile=" + tools, "govulncheck", "-db", database}, module.packages...)
			ended, err := run(ctx, module.folder, "go", arguments...)
			if err != nil {
				return err
			}
			if _, err := output.Write(ended.output); err != nil {
				return fmt.Errorf("writing what govulncheck of %s found: %w", module.folder, err)
			}
			switch ended.exitCode {
			case 0:
			case exitVulnerable:
				errs = append(errs, fmt.Errorf("module %s: %w", module.folder, errFindings))
			default:
				return fmt.Errorf("govulncheck of %s failed with exit code %d", module.folder, ended.exitCode)
			}
		}
		return errors.Join(errs...)
	}
}

// queryDatabase returns errNoAnswer unless the Go vulnerability database answers with its index.
func queryDatabase(ctx context.Context, client *http.Client, database string) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, database+"/index/db.json", nil)
	if err != nil {
		return fmt.Errorf("querying %s: %w", database, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s answered %s", errNoAnswer, database, response.Status)
	}
	return nil
}

// npmCheck queries npm's registry for advisories on the locked versions.
func npmCheck(run command) check {
	return func(ctx context.Context, output io.Writer) error {
		ended, err := run(ctx, npmFolder, "npm", "audit", "--json")
		if err != nil {
			return err
		}
		return readAudit(ended.output, output)
	}
}

// readAudit reads the report of npm audit --json and lists the findings. npm's exit code is 1 for a finding as well as for a
// registry that does not answer; only a report that counts vulnerabilities was answered.
func readAudit(report []byte, output io.Writer) error {
	var audit struct {
		Message         string `json:"message"` // what went wrong, where no advisory was read
		Vulnerabilities map[string]struct {
			Severity string `json:"severity"`
			Range    string `json:"range"`
		} `json:"vulnerabilities"`
		Metadata *struct {
			Vulnerabilities struct {
				Total int `json:"total"`
			} `json:"vulnerabilities"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(report, &audit); err != nil {
		return fmt.Errorf("reading the report of npm audit (%.200s): %w", report, err)
	}
	switch {
	case audit.Metadata == nil && audit.Message != "":
		return fmt.Errorf("%w: %s", errNoAnswer, audit.Message)
	case audit.Metadata == nil:
		return fmt.Errorf("the report of npm audit has neither findings nor a message: %.200s", report)
	case audit.Metadata.Vulnerabilities.Total == 0 && len(audit.Vulnerabilities) == 0:
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(audit.Vulnerabilities)) {
		found := audit.Vulnerabilities[name]
		fmt.Fprintf(output, "%s %s: %s\n", name, found.Range, found.Severity)
	}
	return errFindings
}
