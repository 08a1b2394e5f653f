package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"warmstandby/test/repository/toolchain"
)

// modules are the Go modules whose go.mod and go.sum must be tidy.
var modules = []string{".", "test/local", toolchain.Module, developerTools, golangciTools, sbomTools}

// linted are the packages that golangci-lint looks at.
var linted = []run{
	{folder: ".", arguments: []string{"./..."}},
	{folder: "test/local", arguments: []string{"./..."}},
	{folder: toolchain.Module, arguments: toolchain.Packages()},
}

// lint stops at the first linter that finds something. The quick ones come first.
func lint(ctx context.Context, r *runner) error {
	python := func(name string) string { return r.built("pytools", "bin", name) }
	steps := []func() error{
		r.formatted,
		func() error { return r.process(".", python("ruff"), "check", "--quiet", ".") },
		func() error { return r.process(".", python("ruff"), "format", "--quiet", "--check", ".") },
		func() error { return r.process(".", python("shellcheck"), ".ci/run") },
		func() error {
			return r.labeled("eslint and prettier and tsc of lambda/app", "lambda/app", "npm", "run", "--silent", "lint")
		},
		func() error { return r.workflows(python("shellcheck")) },
	}
	for _, module := range modules {
		steps = append(steps, func() error { return r.tidy(module) })
	}
	for _, packages := range linted {
		steps = append(steps, func() error { return r.golangci(packages) })
	}
	for _, step := range steps {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// formatted fails with the names of the files that gofmt would change.
func (r *runner) formatted() error {
	command := exec.Command("gofmt", "-l", "stacks", "shared", "lambda", "test")
	command.Dir, command.Stderr = r.root, os.Stderr
	printed, err := command.Output()
	if err != nil {
		return fmt.Errorf("gofmt: %w", err)
	}
	if files := strings.TrimSpace(string(printed)); files != "" {
		return fmt.Errorf("not formatted; run gofmt -w on:\n%s", files)
	}
	return nil
}

// workflows checks GitHub's workflows, and the shell code in them.
func (r *runner) workflows(shellcheck string) error {
	files, err := workflowFiles(r.path(".github", "workflows"))
	if err != nil {
		return err
	}
	call := r.goTool(developerTools, "actionlint", "-shellcheck="+shellcheck, "-pyflakes=")
	return r.labeled("actionlint of the workflows", ".", append(call, files...)...)
}

func (r *runner) tidy(module string) error {
	if err := r.labeled("checking that go.mod of "+module+" is tidy", module, "go", "mod", "tidy", "-diff"); err != nil {
		return fmt.Errorf("%w: run go mod tidy in %s", err, module)
	}
	return nil
}

func (r *runner) golangci(packages run) error {
	call := r.goTool(golangciTools, append([]string{"golangci-lint", "run"}, packages.arguments...)...)
	return r.labeled("golangci-lint of "+packages.folder, packages.folder, call...)
}

// workflowFiles returns the paths of GitHub's workflows in a folder.
func workflowFiles(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no workflow is in %s", folder)
	}
	return files, err
}
