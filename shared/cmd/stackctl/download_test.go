package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// released is a release page on this machine, for one clone.
type released struct {
	sums, program string // what it serves; a program that is empty is not there
	status        int    // of every answer, where it is not 200
	silent        bool   // it takes connections and answers nothing
}

const releasedProgram = "#!/bin/sh\necho the released program\n"

// serve returns the page's address.
func (r released) serve(t *testing.T) string {
	t.Helper()
	if r.silent {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		return "http://" + listener.Addr().String()
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		name := filepath.Base(request.URL.Path)
		switch {
		case filepath.Dir(request.URL.Path) != "/releases/download/v1.2.3" || name == binaryName(runtime.GOOS, runtime.GOARCH) && r.program == "":
			w.WriteHeader(http.StatusNotFound)
		case r.status != 0:
			w.WriteHeader(r.status)
		case name == sumsName:
			w.Write([]byte(r.sums))
		case name == binaryName(runtime.GOOS, runtime.GOARCH):
			w.Write([]byte(r.program))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(page.Close)
	return page.URL + "/releases"
}

// sources is a repository of which a program is made: one file of each folder, and a changelog.
func sources(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range operatorFolders {
		write(t, filepath.Join(root, folder, "main.go"), "package main\n")
	}
	write(t, filepath.Join(root, "go.mod"), "module warmstandby\n")
	write(t, filepath.Join(root, "go.sum"), "")
	write(t, filepath.Join(root, changelog),
		"# Changelog\n\n## Unreleased\n\n- x\n\n## v1.2.3, 2026-01-02\n\nAdded\n- y\n\n## v1.0.0, 2026-01-01\n- z\n")
	return root
}

// inSources returns a controller of ENV=prod in a clone. Its curl is the machine's, git says what origin is, and Go compiles in no time.
func inSources(t *testing.T, root, origin string, variables map[string]string) (*controller, *[]string, *bytes.Buffer) {
	t.Helper()
	all := map[string]string{"ENV": "prod"}
	for name, value := range variables {
		all[name] = value
	}
	c, _, printed := newTestController(t, all)
	c.settings.root = root
	c.settings.variables = nil // curl needs the machine's PATH
	var calls []string
	c.process = func(ctx context.Context, p process) error {
		call := strings.Join(p.arguments, " ")
		calls = append(calls, call)
		switch {
		case p.arguments[0] == "curl":
			return runProcess(ctx, p)
		case p.arguments[0] == "git" && origin == "":
			return exited(1)
		case p.arguments[0] == "git":
			_, err := p.stdout.Write([]byte(origin + "\n"))
			return err
		case strings.Contains(call, "go build"):
			write(t, filepath.Join(root, ".state/make", operator), "compiled")
			return nil
		}
		t.Errorf("unplanned call: %s", call)
		return exited(1)
	}
	return c, &calls, printed
}

// sumsOf are the checksums of a release that was made of the clone's sources.
func sumsOf(t *testing.T, root, of string) string {
	t.Helper()
	list, err := settings{root: root}.operatorSources()
	if err != nil {
		t.Fatal(err)
	}
	return checksumOf(list) + "  " + sourcesName + "\n" + checksumOf([]byte(of)) + "  " + binaryName(runtime.GOOS, runtime.GOARCH) + "\n"
}

func TestDownload(t *testing.T) {
	for _, test := range []struct {
		name   string
		page   func(root, sums string) released
		change func(root string) // of the clone, after its release
		// reason is what is printed before the program is compiled; empty where it is not.
		reason string
		fails  string // the error's text; the command ends with it
	}{
		{name: "the release's program is used", page: func(_, sums string) released { return released{sums: sums, program: releasedProgram} }},
		{
			name: "a program that is not the one that was summed never runs", fails: "it was removed and is not run",
			page: func(_, sums string) released { return released{sums: sums, program: releasedProgram + "evil"} },
		},
		{
			name: "no release of that name", reason: "404", page: func(_, sums string) released { return released{sums: sums, status: 404} },
		},
		{
			name: "a page that fails", reason: "503", page: func(_, sums string) released { return released{sums: sums, status: 503} },
		},
		{name: "a program that is missing", reason: "404", page: func(_, sums string) released { return released{sums: sums} }},
		{
			name: "sources that were changed", reason: "the sources of this clone are not those of v1.2.3",
			page: func(_, sums string) released { return released{sums: sums, program: releasedProgram} },
			change: func(root string) {
				write(t, filepath.Join(root, "lambda/failover/main.go"), "package main // changed\n")
			},
		},
		{
			name: "a release without a program for this machine", reason: "has no program for",
			page: func(_, sums string) released {
				return released{sums: strings.SplitAfter(sums, "\n")[0], program: releasedProgram}
			},
		},
		{
			name: "a release that does not name its sources", reason: "does not say what it was made of",
			page: func(_, sums string) released {
				return released{sums: strings.SplitAfter(sums, "\n")[1], program: releasedProgram}
			},
		},
		{
			name: "a page that is something else", reason: "is no list of checksums",
			page: func(string, string) released { return released{sums: "<html>log in</html>", program: releasedProgram} },
		},
		{
			name: "no release in the changelog", reason: "knows no release",
			page:   func(_, sums string) released { return released{sums: sums, program: releasedProgram} },
			change: func(root string) { write(t, filepath.Join(root, changelog), "# Changelog\n\n## Unreleased\n") },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := sources(t)
			page := test.page(root, sumsOf(t, root, releasedProgram)).serve(t)
			if test.change != nil {
				test.change(root)
			}
			c, calls, printed := inSources(t, root, "", map[string]string{"RELEASES": page})
			err := c.build(t.Context(), artifactOperator)
			made, _ := os.ReadFile(c.built(operator))
			compiled := strings.Contains(strings.Join(*calls, "\n"), "go build")
			switch {
			case test.fails != "":
				if err == nil || !strings.Contains(err.Error(), test.fails) || compiled || len(made) > 0 || kept(t, c) > 0 {
					t.Errorf("%v; compiled: %t, made %q, kept %d; want an error and nothing else", err, compiled, made, kept(t, c))
				}
			case test.reason != "":
				if err != nil || !compiled || string(made) != "compiled" || !strings.Contains(printed.String(), "not downloaded: ") ||
					!strings.Contains(printed.String(), test.reason) || !strings.Contains(printed.String(), "takes minutes") {
					t.Errorf("%v, made %q, printed\n%s", err, made, printed)
				}
			case err != nil || compiled || string(made) != releasedProgram || printed.Len() > 0:
				t.Errorf("%v, compiled: %t, made %q, printed\n%s", err, compiled, made, printed)
			}
		})
	}
}

// kept is how many programs the cache has.
func kept(t *testing.T, c *controller) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.cache, "operator", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// A page that does not answer is given up: the timeout is curl's own, which is asked for here with less patience.
func TestDownloadFromAPageThatDoesNotAnswer(t *testing.T) {
	root := sources(t)
	c, _, _ := inSources(t, root, "", nil)
	begun := time.Now()
	err := c.fetch(t.Context(), "asking", released{silent: true}.serve(t)+"/x", filepath.Join(t.TempDir(), "x"), time.Second)
	if !errors.Is(err, errNotDownloaded) || !strings.Contains(err.Error(), "timed out") || time.Since(begun) > 20*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}

func TestReleases(t *testing.T) {
	const page = "https://github.com/owner/name/releases"
	for _, test := range []struct {
		name, origin, given string
		want, reason        string
		fails               bool
	}{
		{name: "a clone by HTTPS", origin: "https://github.com/owner/name.git", want: page},
		{name: "a clone by HTTPS without an ending", origin: "https://github.com/owner/name", want: page},
		{name: "a clone with a token", origin: "https://token@github.com/owner/name.git", want: page},
		{name: "a clone by SSH", origin: "git@github.com:owner/name.git", want: page},
		{name: "a clone by SSH with a scheme", origin: "ssh://git@github.com/owner/name.git", want: page},
		{name: "a name with dots", origin: "git@github.com:owner/name.go.git", want: "https://github.com/owner/name.go/releases"},
		{name: "another host", origin: "https://gitlab.com/owner/name.git", reason: "not on GitHub"},
		{name: "a host that only looks like it", origin: "https://github.com.evil.org/owner/name.git", reason: "not on GitHub"},
		{name: "a host before it", origin: "https://evil.org/github.com/owner/name", reason: "not on GitHub"},
		{name: "a user who looks like it", origin: "https://github.com@evil.org/owner/name", reason: "not on GitHub"},
		{name: "a folder", origin: "/srv/warmstandby", reason: "not on GitHub"},
		{name: "no remote", reason: "no remote origin"},
		{
			name: "a page that is given", origin: "git@github.com:owner/name.git", given: "https://ghe.example/o/n/releases/",
			want: "https://ghe.example/o/n/releases",
		},
		{name: "no page is wanted", origin: "git@github.com:owner/name.git", given: "none", reason: "RELEASES=none"},
		{name: "a page without TLS", given: "http://ghe.example/o/n/releases", fails: true},
		{name: "a page of another machine that looks like this one", given: "http://127.0.0.1:80.evil.org/", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := sources(t)
			write(t, filepath.Join(root, ".git", "HEAD"), "x")
			c, _, _ := inSources(t, root, test.origin, map[string]string{"RELEASES": test.given})
			got, err := c.releases(t.Context())
			switch {
			case test.fails:
				if err == nil || errors.Is(err, errNotDownloaded) || !strings.Contains(err.Error(), "RELEASES: allowed") {
					t.Errorf("got %q, %v; want a refusal", got, err)
				}
			case test.reason != "":
				if !errors.Is(err, errNotDownloaded) || !strings.Contains(err.Error(), test.reason) {
					t.Errorf("got %q, %v; want %q", got, err, test.reason)
				}
			case err != nil || got != test.want:
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
	t.Run("an archive, which is no clone", func(t *testing.T) {
		c, _, _ := inSources(t, sources(t), "git@github.com:owner/name.git", nil) // Of a repository around it.
		if got, err := c.releases(t.Context()); !errors.Is(err, errNotDownloaded) || !strings.Contains(err.Error(), "no clone") {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestNewestRelease(t *testing.T) {
	c, _, _ := inSources(t, sources(t), "", nil)
	version, notes, err := c.newestRelease()
	if version != "v1.2.3" || notes != "Added\n- y\n" || err != nil {
		t.Errorf("it is %q with %q, %v", version, notes, err)
	}
	c.settings.root = repository // The changelog that there is can be read.
	if version, notes, err := c.newestRelease(); err != nil || !strings.HasPrefix(version, "v") || len(notes) < 100 {
		t.Errorf("the repository's is %q with %d characters, %v", version, len(notes), err)
	}
}
