package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inRelease is a clone in which Go and the tool that lists modules write their files.
func inRelease(t *testing.T, variables map[string]string) (*controller, *machine) {
	t.Helper()
	c, m, _ := newTestController(t, variables, answer{contains: "$ env GOTOOLCHAIN=go1.2.3"}, answer{contains: "cyclonedx-gomod"})
	c.settings.root = sources(t)
	m.root = c.root
	run := c.process
	write(t, filepath.Join(c.root, ".tool-versions"), "golang 1.2.3\nnodejs 4.5.6\n")
	c.process = wrap(run, func(p process) {
		for i, argument := range p.arguments {
			if argument == "-o" || argument == "-output" {
				write(t, filepath.Join(c.root, p.arguments[i+1]), p.arguments[i+1])
			}
		}
	})
	return c, m
}

func TestBinaries(t *testing.T) {
	c, m := inRelease(t, map[string]string{"TAG": "v1.2.3"})
	if err := binaries(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"GOTOOLCHAIN=go1.2.3 GOAMD64=v1 GOARM64=v8.0 CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false",
		"GOOS=windows GOARCH=arm64", "GOOS=darwin GOARCH=arm64", "-o .state/make/release/warmstandby-windows-amd64.exe ./lambda/failover",
		"cyclonedx-gomod bin -json -std -noserial -notimestamp -version v1.2.3 -output .state/make/release/warmstandby-linux-amd64.cdx.json",
	} {
		if len(m.called(want)) == 0 {
			t.Errorf("%q is not called in\n%s", want, strings.Join(m.calls, "\n"))
		}
	}
	if pinned := m.called("GOTOOLCHAIN=go1.2.3"); len(pinned) != len(platforms) {
		t.Errorf("%d programs are compiled by the pinned Go, want %d", len(pinned), len(platforms))
	}
	sums, err := os.ReadFile(filepath.Join(c.root, releaseFolder, sumsName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if want := 2*len(platforms) + 1; len(lines) != want {
		t.Errorf("%d files are summed, want the programs, the list of each one's modules, and %s:\n%s", len(lines), sourcesName, sums)
	}
	for _, line := range lines {
		found := sumLine.FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("the line %q is not sha256sum's", line)
		}
		if sum, err := checksum(filepath.Join(c.root, releaseFolder, found[2])); sum != found[1] || err != nil {
			t.Errorf("%s has %s, %v; its line says %s", found[2], sum, err, found[1])
		}
	}
	if notes, err := os.ReadFile(filepath.Join(c.root, releaseFolder, notesName)); string(notes) != "Added\n- y\n" {
		t.Errorf("the notes are %q, %v", notes, err)
	}
	// What is published is what a clone of the same sources looks for.
	list, err := c.operatorSources()
	if err != nil || !strings.Contains(string(sums), checksumOf(list)+"  "+sourcesName+"\n") {
		t.Errorf("the sources' checksum is not in\n%s", sums)
	}
}

// A tag that the changelog does not name is not released, and nothing is made.
func TestBinariesOfAnotherTag(t *testing.T) {
	c, m := inRelease(t, map[string]string{"TAG": "v2.0.0"})
	if err := binaries(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "v1.2.3") || len(m.calls) > 0 {
		t.Errorf("%v after %q", err, m.calls)
	}
}
