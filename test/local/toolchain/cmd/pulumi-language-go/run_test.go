package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// probe is a program that does what its arguments say: report its environment to a file, exit with a code, or tell a
// listener that it runs and wait for an interrupt.
const probe = `package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

const edition = "first"

func main() {
	switch os.Args[1] {
	case "report":
		folder, _ := os.Getwd()
		report := map[string]string{"folder": folder, "edition": edition}
		for _, entry := range os.Environ() {
			if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "PULUMI_") {
				report[name] = value
			}
		}
		text, _ := json.Marshal(report)
		if err := os.WriteFile(os.Args[2], text, 0o644); err != nil {
			panic(err)
		}
	case "exit":
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "wait":
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt)
		connection, err := net.Dial("tcp", os.Args[2])
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(connection, "started")
		<-interrupts
		fmt.Fprintln(connection, "interrupted")
	}
}
`

// newHost serves a language host as the engine sees it, with a PULUMI_HOME of its own.
func newHost(t *testing.T) pulumirpc.LanguageRuntimeClient {
	t.Helper()
	t.Setenv("PULUMI_HOME", t.TempDir())
	port := serveOnLoopback(t, func(server *grpc.Server) error {
		pulumirpc.RegisterLanguageRuntimeServer(server, &languageHost{engine: "127.0.0.1:1"})
		return nil
	})
	client, closeClient := dial(t, port)
	t.Cleanup(func() {
		if err := closeClient(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// serveOnLoopback serves what register adds until the test ends and returns the port.
func serveOnLoopback(t *testing.T, register func(*grpc.Server) error) int {
	t.Helper()
	cancel := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: cancel, Init: register})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(cancel)
		if err := <-handle.Done; err != nil {
			t.Error(err)
		}
	})
	return handle.Port
}

func dial(t *testing.T, port int) (pulumirpc.LanguageRuntimeClient, func() error) {
	t.Helper()
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	return pulumirpc.NewLanguageRuntimeClient(connection), connection.Close
}

// newProgram writes a program in a module of its own and returns its folder, which has the same name each time.
func newProgram(t *testing.T, source string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "region-app")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), "module probe\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), source)
	return dir
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func request(dir string, arguments ...string) *pulumirpc.RunRequest {
	return &pulumirpc.RunRequest{
		Project: "data-global", Stack: "local", Pwd: dir, Args: arguments, Info: &pulumirpc.ProgramInfo{ProgramDirectory: dir},
	}
}

// reported runs the probe and returns what it reports.
func reported(t *testing.T, host pulumirpc.LanguageRuntimeClient, run *pulumirpc.RunRequest) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	run.Args = []string{"report", file}
	response, err := host.Run(t.Context(), run)
	if err != nil || response.GetError() != "" || response.GetBail() {
		t.Fatalf("running the program: %v, %v", response, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]string
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAProgramGetsItsStackAndItsEngineInItsEnvironment(t *testing.T) {
	host := newHost(t)
	t.Setenv("PULUMI_STACK", "of the engine's own environment")
	dir, folder := newProgram(t, probe), t.TempDir()
	for _, c := range []struct {
		name string
		run  *pulumirpc.RunRequest
		want map[string]string
	}{
		{"a preview with configuration", &pulumirpc.RunRequest{
			Organization: "clinic", Project: "foundation-network", Stack: "dev", Pwd: folder, DryRun: true, Parallel: 16,
			MonitorAddress:   "127.0.0.1:2",
			Config:           map[string]string{"foundation-network:profile": "dev", "aws:region": "us-west-2"},
			ConfigSecretKeys: []string{"aws:secretKey"},
			Info:             &pulumirpc.ProgramInfo{ProgramDirectory: dir, RootDirectory: "/project"},
		}, map[string]string{
			"PULUMI_ORGANIZATION": "clinic", "PULUMI_PROJECT": "foundation-network", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true",
			"PULUMI_PARALLEL": "16",
			"PULUMI_MONITOR":  "127.0.0.1:2", "PULUMI_ENGINE": "127.0.0.1:1", "PULUMI_ROOT_DIRECTORY": "/project",
			"PULUMI_CONFIG":             `{"aws:region":"us-west-2","foundation-network:profile":"dev"}`,
			"PULUMI_CONFIG_SECRET_KEYS": `["aws:secretKey"]`, "folder": folder, "edition": "first",
		}},
		{"an update", &pulumirpc.RunRequest{
			Organization: "organization", Project: "data-global", Stack: "local", Pwd: dir, Info: &pulumirpc.ProgramInfo{
				ProgramDirectory: dir, RootDirectory: dir,
			},
		}, map[string]string{
			"PULUMI_ORGANIZATION": "organization", "PULUMI_PROJECT": "data-global", "PULUMI_STACK": "local", "PULUMI_DRY_RUN": "false",
			"PULUMI_PARALLEL": "0",
			"PULUMI_MONITOR":  "", "PULUMI_ENGINE": "127.0.0.1:1", "PULUMI_ROOT_DIRECTORY": dir, "PULUMI_CONFIG": "null",
			"PULUMI_CONFIG_SECRET_KEYS": "null",
			"folder":                    dir, "edition": "first",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reported(t, host, c.run)
			for _, name := range slices.Sorted(maps.Keys(c.want)) {
				want := c.want[name]
				if name == "folder" { // The program sees its folder without symbolic links.
					want = resolved(t, want)
				}
				if value, ok := got[name]; !ok || value != want {
					t.Errorf("%s is %q (set: %v), want %q", name, value, ok, want)
				}
			}
		})
	}
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

func TestTheEngineOfTheHandshakeReplacesThatOfTheCommandLine(t *testing.T) {
	host := newHost(t)
	dir := newProgram(t, probe)
	for _, c := range []struct{ name, shaken, want string }{
		{"a handshake without an address changes nothing", "", "127.0.0.1:1"},
		{"a handshake with an address sets it", "127.0.0.1:3", "127.0.0.1:3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := host.Handshake(t.Context(), &pulumirpc.LanguageHandshakeRequest{EngineAddress: c.shaken}); err != nil {
				t.Fatal(err)
			}
			if got := reported(t, host, request(dir))["PULUMI_ENGINE"]; got != c.want {
				t.Errorf("the program's engine is %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheEngineLearnsHowAProgramEnded(t *testing.T) {
	host := newHost(t)
	whole := newProgram(t, probe)
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		name string
		run  *pulumirpc.RunRequest
		bail bool
		want []string // parts of the error; none: no error
	}{
		{"well", request(whole, "exit", "0"), false, nil},
		{"with errors that it has logged itself", request(whole, "exit", "32"), true, nil},
		{"with another code", request(whole, "exit", "3"), false, []string{"running data-global", "exit status 3"}},
		{
			"before it began, because it does not compile", request(newProgram(t, "package main\n\nfunc main() { misspelt() }\n")), false,
			[]string{"building ", "main.go:3:15: undefined: misspelt"},
		},
		{"before it began, because its folder is missing", request(missing), false, []string{"building " + missing}},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, err := host.Run(t.Context(), c.run)
			if err != nil {
				t.Fatal(err)
			}
			if response.GetBail() != c.bail {
				t.Errorf("bail is %v, want %v", response.GetBail(), c.bail)
			}
			if len(c.want) == 0 && response.GetError() != "" {
				t.Errorf("the error is %q, want none", response.GetError())
			}
			for _, part := range c.want {
				if !strings.Contains(response.GetError(), part) {
					t.Errorf("the error is %q, want %q in it", response.GetError(), part)
				}
			}
		})
	}
}

func TestACancelledProgramIsInterrupted(t *testing.T) {
	host := newHost(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		response, err := host.Run(ctx, request(newProgram(t, probe), "wait", listener.Addr().String()))
		if response.GetError() != "" {
			err = errors.New(response.GetError())
		}
		if ended <- err; ctx.Err() == nil { // The program never ran: nothing would connect.
			listener.Close()
		}
	}()
	connection, err := listener.Accept()
	if err != nil {
		t.Fatalf("the program did not start: %v, %v", err, <-ended)
	}
	defer connection.Close()
	lines := bufio.NewReader(connection)
	if line, err := lines.ReadString('\n'); line != "started\n" {
		t.Fatalf("the program said %q, %v", line, err)
	}
	cancel()
	// The connection ends with the program: in good order after the interrupt, or killed, without a word.
	if rest, err := io.ReadAll(lines); string(rest) != "interrupted\n" || err != nil {
		t.Errorf("then the program said %q, %v, want that it was interrupted", rest, err)
	}
	if err := <-ended; status.Code(err) != codes.Canceled {
		t.Errorf("the call ended with %v, want %v", err, codes.Canceled)
	}
}
