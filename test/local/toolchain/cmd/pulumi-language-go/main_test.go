package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestTheCommandServesOnThePortThatItPrints drives the binary itself, with the flags that an engine gives it.
func TestTheCommandServesOnThePortThatItPrints(t *testing.T) {
	const release = "v3.228.0"
	binary := filepath.Join(t.TempDir(), "pulumi-language-go")
	build := exec.CommandContext(
		t.Context(), "go", "build", "-ldflags", "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version="+release, "-o", binary, ".",
	)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the language host: %v\n%s", err, output)
	}
	engine := serveOnLoopback(t, func(*grpc.Server) error { return nil }) // Unimplemented is an answer, too: the engine lives.
	command := exec.CommandContext(t.Context(), binary, "-tracing", "", "-root", t.TempDir(), "127.0.0.1:"+strconv.Itoa(engine))
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the port: %v", err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the host printed %q, want its port", line)
	}
	host, closeClient := dial(t, port)
	info, err := host.GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.GetVersion() != release {
		t.Errorf("the host is of release %q, %v, want %s", info.GetVersion(), err, release)
	}
	packages, err := host.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{})
	if err != nil || len(packages.GetPackages()) > 0 {
		t.Errorf("the host requires %v, %v, want nothing: the pinned plugins are there", packages, err)
	}
	if err := closeClient(); err != nil {
		t.Error(err)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("asked to end, the host ended with %v, want success", err)
	}
}
