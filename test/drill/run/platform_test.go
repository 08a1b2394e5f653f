package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/shared/contract/controller"
	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
)

// version is RDS with a global database of an engine version; empty is RDS that does not answer.
type version string

func (v version) Global(context.Context) (globaldb.Global, error) {
	if v == "" {
		return globaldb.Global{}, errors.New("a time-out")
	}
	return globaldb.Global{EngineVersion: string(v)}, nil
}

func TestDescribe(t *testing.T) {
	deployed := controller.Config{PrimaryClusterARN: "arn:aws:rds:us-east-1:123456789012:cluster:one"}
	t.Run("a tree without changes on the emulator", func(t *testing.T) {
		tree := repositoryWithCommit(t)
		p := Options{Target: access.Target{Local: "local"}, Tree: tree}.describe(t.Context(), deployed, version("16.11"))
		if p.Kind != evidence.Emulator || p.Account != "123456789012" || p.Engine != "Aurora PostgreSQL 16.11" || len(p.Commit) != 40 ||
			p.Changed || p.Processors < 1 || !strings.HasPrefix(p.Drill, "go") || len(p.NotKnown) > 0 {
			t.Errorf("it is %+v", p)
		}
	})
	t.Run("a tree with changes on AWS", func(t *testing.T) {
		tree := repositoryWithCommit(t)
		if err := os.WriteFile(filepath.Join(tree, "new"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if p := (Options{Tree: tree}).describe(t.Context(), deployed, version("16.11")); p.Kind != evidence.AWS || !p.Changed {
			t.Errorf("it is %+v", p)
		}
	})
	t.Run("what is not known is named", func(t *testing.T) {
		p := Options{Tree: t.TempDir()}.describe(t.Context(), controller.Config{}, version(""))
		said := strings.Join(p.NotKnown, "\n")
		for _, want := range [...]string{"account: ", "engine: a time-out", "commit: git rev-parse"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in\n%s", want, said)
			}
		}
	})
}

// repositoryWithCommit is a folder with a repository of one commit, whose settings are its own.
func repositoryWithCommit(t *testing.T) string {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	tree := t.TempDir()
	for _, call := range [][]string{
		{"init", "--quiet"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "--message", "one"},
	} {
		if _, err := git(t.Context(), tree, call...); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}
