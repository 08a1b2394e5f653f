package repository

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packagesIn returns the folders in a folder of the repository that have Go files.
func packagesIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if files, _ := filepath.Glob(filepath.Join(root, folder, entry.Name(), "*.go")); len(files) > 0 {
			names = append(names, entry.Name())
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s has no package", folder)
	}
	return names
}

func TestMapsNameEveryPackage(t *testing.T) {
	page := read(t, "shared/README.md")
	for _, folder := range []string{"shared", "shared/components", "shared/cmd", "test/support"} {
		for _, name := range packagesIn(t, folder) {
			if path := folder + "/" + name; !strings.Contains(page, "`"+path+"`") {
				t.Errorf("shared/README.md does not say what %s is for", path)
			}
		}
	}
	comment, _, _ := strings.Cut(read(t, "lambda/failover/main.go"), "\npackage main")
	named := strings.FieldsFunc(comment, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' })
	for _, name := range packagesIn(t, "lambda/failover") {
		if !slices.Contains(named, name) {
			t.Errorf("the comment of lambda/failover/main.go does not say what package %s is for", name)
		}
	}
}

func TestEveryStackHasInputsAndOutputs(t *testing.T) {
	projects, err := filepath.Glob(filepath.Join(root, "stacks", "*", "Pulumi.yaml"))
	if err != nil || len(projects) == 0 {
		t.Fatalf("the stacks are %q, %v", projects, err)
	}
	for _, project := range projects {
		folder := filepath.Dir(project)
		if strings.HasPrefix(filepath.Base(folder), "region-app-") {
			folder = filepath.Join(root, "stacks", "internal", "regionapp") // the program of both
		}
		for _, file := range []string{"inputs.go", "outputs.go"} {
			if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
				t.Errorf("a reader of %s finds its inputs in inputs.go and its contract in outputs.go: %v", folder, err)
			}
		}
	}
}

// maxFileBytes is the most that a file of the tree has: the longest is the go.sum of the toolchain, of about 600 kB.
const maxFileBytes = 1 << 20

// executables begin programs that a compiler has written: ELF and Mach-O (elf(5); Apple, mach-o/loader.h).
var executables = []string{"\x7fELF", "\xcf\xfa\xed\xfe"}

func TestNoProgramIsPartOfTheTree(t *testing.T) {
	err := filepath.WalkDir(root, func(file string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".state", "node_modules", "dist"}, entry.Name()):
			return filepath.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > maxFileBytes {
			t.Errorf("%s has %d bytes, want %d at most", file, info.Size(), maxFileBytes)
			return nil
		}
		content, err := os.ReadFile(file)
		if slices.ContainsFunc(executables, func(begin string) bool { return strings.HasPrefix(string(content), begin) }) {
			t.Errorf("%s is a compiled program: build it into .state, which git ignores", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
