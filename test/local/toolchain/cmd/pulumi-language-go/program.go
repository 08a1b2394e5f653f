package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// interruptGrace is how long a program or its build may take to end after it was asked to: a program only has
// registrations to finish.
const interruptGrace = 10 * time.Second

// run builds the program of one request and waits for its end.
func (h *languageHost) run(ctx context.Context, request *pulumirpc.RunRequest) error {
	environment, err := programEnvironment(request, h.engine)
	if err != nil {
		return err
	}
	program, err := buildAndStart(ctx, request.GetInfo().GetProgramDirectory(), func(binary string) *exec.Cmd {
		command := exec.CommandContext(ctx, binary, request.GetArgs()...)
		command.Dir = request.GetPwd()
		command.Env = append(os.Environ(), environment...)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		return interruptible(command)
	})
	if err != nil {
		return err
	}
	if err := program.Wait(); err != nil {
		return fmt.Errorf("running %s: %w", request.GetProject(), err)
	}
	return nil
}

// interruptible makes a command's context interrupt it, so that it can clean up behind itself: a killed Go command leaves
// its compilers running, a killed program its registrations half done.
func interruptible(command *exec.Cmd) *exec.Cmd {
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptGrace
	return command
}

// buildAndStart compiles the program in dir to a path of its own and starts it. The path is the same each time, so that Go
// finds an unchanged program built and need not link it again (5 to 10 s). The lock is held until the program runs: another
// host building the same folder replaces the file, which the running program no longer needs.
func buildAndStart(ctx context.Context, dir string, command func(binary string) *exec.Cmd) (*exec.Cmd, error) {
	home, err := workspace.GetPulumiHomeDir()
	if err != nil {
		return nil, fmt.Errorf("finding PULUMI_HOME: %w", err)
	}
	folder := filepath.Join(home, "programs")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of built programs: %w", err)
	}
	binary := filepath.Join(folder, fmt.Sprintf("%s-%x", filepath.Base(dir), sha256.Sum256([]byte(dir))))
	lock, err := os.OpenFile(binary+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of a built program: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("locking %s: %w", lock.Name(), err)
	}
	build := interruptible(exec.CommandContext(ctx, "go", "build", "-o", binary, "."))
	build.Dir = dir
	var output bytes.Buffer
	build.Stdout, build.Stderr = &output, &output
	if err := build.Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("building %s: %w", dir, err), errors.New(output.String()))
	}
	program := command(binary)
	if err := program.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	return program, nil
}

// programEnvironment gives the variables by which the SDK learns of its engine and its stack (sdk/go/pulumi, run.go).
func programEnvironment(request *pulumirpc.RunRequest, engine string) ([]string, error) {
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("encoding the stack's configuration: %w", err)
	}
	secretKeys, err := json.Marshal(request.GetConfigSecretKeys())
	if err != nil {
		return nil, fmt.Errorf("encoding the names of secret configuration: %w", err)
	}
	return []string{
		pulumi.EnvOrganization + "=" + request.GetOrganization(),
		pulumi.EnvProject + "=" + request.GetProject(),
		pulumi.EnvStack + "=" + request.GetStack(),
		pulumi.EnvPulumiRootDirectory + "=" + request.GetInfo().GetRootDirectory(),
		pulumi.EnvConfig + "=" + string(config),
		pulumi.EnvConfigSecretKeys + "=" + string(secretKeys),
		pulumi.EnvParallel + "=" + strconv.Itoa(int(request.GetParallel())),
		pulumi.EnvDryRun + "=" + strconv.FormatBool(request.GetDryRun()),
		pulumi.EnvMonitor + "=" + request.GetMonitorAddress(),
		pulumi.EnvEngine + "=" + engine,
	}, nil
}
