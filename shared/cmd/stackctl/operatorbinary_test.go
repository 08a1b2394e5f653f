package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// What is in the cache is used by every clone with the same sources, on AWS and on the emulator, without a question to anybody.
func TestTheCacheOfPrograms(t *testing.T) {
	for _, environment := range []string{"prod", "local"} {
		t.Run(environment, func(t *testing.T) {
			first, calls, _ := inSources(t, sources(t), "", map[string]string{"ENV": environment, "RELEASES": "none"})
			if err := first.build(t.Context(), artifactOperator); err != nil || len(*calls) != 1 || kept(t, first) != 1 {
				t.Fatalf("%v after %q, kept %d; want one compilation", err, *calls, kept(t, first))
			}
			second, calls, printed := inSources(t, sources(t), "", map[string]string{"ENV": environment})
			second.cache = first.cache
			if err := second.build(t.Context(), artifactOperator); err != nil || len(*calls) > 0 || printed.Len() > 0 {
				t.Errorf("%v after %q, printed %q; want what is cached", err, *calls, printed)
			}
			if made, err := os.ReadFile(second.built(operator)); string(made) != "compiled" {
				t.Errorf("it is %q, %v", made, err)
			}
			if information, err := os.Stat(second.built(operator)); err != nil || information.Mode().Perm() != 0o755 {
				t.Errorf("it cannot be run: %v", err)
			}
		})
	}
}

// On the emulator nothing is downloaded: what it needs beside is compiled in any case.
func TestNothingIsDownloadedForTheEmulator(t *testing.T) {
	c, calls, printed := inSources(t, sources(t), "git@github.com:owner/name.git", map[string]string{"ENV": "local"})
	err := c.build(t.Context(), artifactOperator)
	if err != nil || len(*calls) != 1 || !strings.Contains((*calls)[0], "go build") || printed.Len() > 0 {
		t.Errorf("%v after %q, printed %q", err, *calls, printed)
	}
}

func TestOldProgramsLeaveTheCache(t *testing.T) {
	folder := t.TempDir()
	for i := range keptPrograms + 3 {
		path := filepath.Join(folder, string(rune('a'+i)))
		write(t, filepath.Join(path, "program"), "x")
		at := time.Now().Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := prune(folder); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != keptPrograms || entries[0].Name() != "d" {
		t.Errorf("left are %v, %v; want the %d newest", entries, err, keptPrograms)
	}
}

// What changes the program changes its sources' list, and nothing else does.
func TestOperatorSources(t *testing.T) {
	key := func(root string) string {
		list, err := settings{root: root}.operatorSources()
		if err != nil {
			t.Fatal(err)
		}
		return checksumOf(list)
	}
	for _, test := range []struct {
		file    string
		changes bool
	}{
		{"lambda/failover/main.go", true}, {"lambda/failover/cli/new.go", true}, {"lambda/failover/observer/live.html", true},
		{"shared/naming/kinds.go", true}, {"shared/contract/controller/quotas.go", true}, {"go.mod", true}, {"go.sum", true},
		{"lambda/failover/main_test.go", false}, {"lambda/failover/RUNBOOK.md", false}, {"lambda/failover/testdata/x.go", false},
		{"shared/settings/x.go", false}, {"lambda/app/src/index.js", false},
	} {
		root := sources(t)
		before := key(root)
		write(t, filepath.Join(root, test.file), "changed\n")
		if changed := key(root) != before; changed != test.changes {
			t.Errorf("%s changes the program: %t", test.file, changed)
		}
	}
	if one, another := key(sources(t)), key(sources(t)); one != another {
		t.Error("two clones of the same sources differ")
	}
}

// The folders have every package of this repository that the program is made of.
func TestOperatorFolders(t *testing.T) {
	call := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "lambda.norpc", "./lambda/failover")
	call.Dir = "../../.."
	listed, err := call.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	own := 0
	for _, name := range strings.Fields(string(listed)) {
		name, is := strings.CutPrefix(name, "warmstandby/")
		if !is {
			continue
		}
		own++
		if !slices.ContainsFunc(operatorFolders, func(folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }) {
			t.Errorf("the program is made of %s, too, and a change of it would not be noticed", name)
		}
	}
	if own < len(operatorFolders) {
		t.Errorf("%d packages of this repository are listed", own)
	}
}

func TestBinaryNames(t *testing.T) {
	for want, of := range map[string][2]string{
		"warmstandby-linux-amd64": {"linux", "amd64"}, "warmstandby-darwin-arm64": {"darwin", "arm64"},
		"warmstandby-windows-amd64.exe": {"windows", "amd64"},
	} {
		if got := binaryName(of[0], of[1]); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	if !slices.ContainsFunc(platforms, func(p struct{ system, architecture string }) bool {
		return p.system == runtime.GOOS && p.architecture == runtime.GOARCH
	}) {
		t.Logf("no release has a program for this machine, %s on %s", runtime.GOOS, runtime.GOARCH)
	}
}

// A cache that cannot be written to keeps nobody from the program, and is said.
func TestACacheThatCannotBeWritten(t *testing.T) {
	root := sources(t)
	page := released{sums: sumsOf(t, root, releasedProgram), program: releasedProgram}
	c, _, printed := inSources(t, root, "", map[string]string{"RELEASES": page.serve(t)})
	c.cache = filepath.Join(t.TempDir(), "file")
	write(t, c.cache, "no folder")
	if err := c.build(t.Context(), artifactOperator); err != nil {
		t.Fatal(err)
	}
	if made, err := os.ReadFile(c.built(operator)); string(made) != "compiled" {
		t.Errorf("it is %q, %v", made, err)
	}
	for _, want := range []string{"not downloaded: it cannot be kept", "nothing is kept for other clones"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not in\n%s", want, printed)
		}
	}
}
