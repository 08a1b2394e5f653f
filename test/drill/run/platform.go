package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"warmstandby/shared/contract/controller"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
)

// describe returns what the drill runs on and what is drilled. What cannot be found out is no error: the report says why.
func (o Options) describe(ctx context.Context, c controller.Config, databases observe.Globals) *evidence.Platform {
	p := &evidence.Platform{
		Kind: evidence.AWS, Drill: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.NumCPU(),
	}
	if o.Embedded() {
		p.Kind = evidence.Emulator
	}
	if cluster, err := arn.Parse(c.PrimaryClusterARN); err != nil {
		p.Missing("account", err)
	} else {
		p.Account = cluster.AccountID
	}
	switch global, err := databases.Global(ctx); {
	case err != nil:
		p.Missing("engine", err)
	case global.EngineVersion == "":
		p.Missing("engine", errors.New("RDS names no version"))
	default:
		p.Engine = "Aurora PostgreSQL " + global.EngineVersion
	}
	commit, err := git(ctx, o.Tree, "rev-parse", "HEAD")
	if err != nil {
		p.Missing("commit", err)
		return p
	}
	p.Commit = commit
	changes, err := git(ctx, o.Tree, "status", "--porcelain")
	if err != nil {
		p.Missing("whether the tree has changes", err)
	}
	p.Changed = changes != ""
	return p
}

// git returns what a command of git prints of a tree.
func git(ctx context.Context, tree string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", append([]string{"-C", tree}, arguments...)...)
	var printed, faults bytes.Buffer
	command.Stdout, command.Stderr = &printed, &faults
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", arguments[0], err, strings.TrimSpace(faults.String()))
	}
	return strings.TrimSpace(printed.String()), nil
}
