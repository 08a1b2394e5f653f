package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"warmstandby/test/local/testwait"
	"warmstandby/test/local/tools"
)

// madeURN is the URN that both engines give the component.
const madeURN = "urn:pulumi:local::probe::probe:index:Component::one"

// refusingProxy refuses every CONNECT, as the gateway does and as a company's proxy does for an address of another machine.
// It is no server of net/http, which would refuse the malformed address that Node's gRPC makes of IPv6 by itself.
type refusingProxy struct {
	net.Listener
	mu    sync.Mutex
	asked []string // the addresses that it was to connect to
}

func newRefusingProxy(t *testing.T) *refusingProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &refusingProxy{Listener: listener}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go p.refuse(connection)
		}
	}()
	return p
}

// refuse reads the line of a request and answers 403.
func (p *refusingProxy) refuse(connection net.Conn) {
	defer connection.Close()
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return
	}
	p.mu.Lock()
	p.asked = append(p.asked, strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "CONNECT "), " HTTP/1.1"))
	p.mu.Unlock()
	_, _ = io.WriteString(
		connection, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	) // whoever has gone need not read it
}

func (p *refusingProxy) url() string { return "http://" + p.Addr().String() }

// wanted lists the addresses that the proxy was asked for.
func (p *refusingProxy) wanted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// shell is a user's environment, and the script that is evaluated in it.
type shell struct {
	user   map[string]string
	script string
}

// behind is a shell of an environment whose proxy is p: by the script on the local AWS emulator, by the user's own setting on AWS.
func (p *refusingProxy) behind(t *testing.T, environment string) shell {
	t.Helper()
	user := map[string]string{"PATH": os.Getenv("PATH"), "HOME": t.TempDir()}
	if !isLocal(environment) {
		user["https_proxy"], user["no_proxy"] = p.url(), "intranet.example.com"
	}
	s := settingFor(environment, user)
	s.state = filepath.Join(t.TempDir(), "o'brien 100%")
	for _, folder := range s.folders() { // As `local env` makes them, which a program on Node wants of its TMPDIR.
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.port = p.Addr().(*net.TCPAddr).Port
	return shell{user, s.script()}
}

// nodePrograms returns a folder with the programs of testdata and the packages that they import. Packages are installed once
// per user and lock file; a folder of them appears complete or not at all.
func nodePrograms(t *testing.T) string {
	t.Helper()
	const from = "testdata/grpc"
	lock, err := os.ReadFile(filepath.Join(from, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := tools.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	installed := filepath.Join(cache, fmt.Sprintf("node-%.8x", sha256.Sum256(lock)))
	if _, err := os.Stat(installed); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(cache, 0o755); err != nil {
			t.Fatal(err)
		}
		partial, err := os.MkdirTemp(cache, ".partial-node-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(partial)
		if err := os.CopyFS(partial, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		install := exec.Command("npm", "ci", "--loglevel", "error")
		install.Dir = partial
		if output, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, output)
		}
		if err := os.Rename(partial, installed); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := errors.Join(
		os.CopyFS(programs, os.DirFS(from)), os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(programs, "node_modules")),
	); err != nil {
		t.Fatal(err)
	}
	return programs
}

// run runs a command as a user does after `eval "$(make env)"`, and after what further is for the shell to evaluate.
func (s shell) run(t *testing.T, further string, command ...string) (stdout, stderr string, err error) {
	t.Helper()
	const evaluate = `eval "$1"; eval "$2"; shift 2; exec "$@"`
	bash := exec.CommandContext(testwait.Context(t), "bash", append([]string{"-c", evaluate, "bash", s.script, further}, command...)...)
	for name, value := range s.user {
		bash.Env = append(bash.Env, name+"="+value)
	}
	var output, messages bytes.Buffer
	bash.Stdout, bash.Stderr = &output, &messages
	bash.WaitDelay = testwait.ReportTime / 2 // for a plugin that outlives its engine and holds the output
	err = bash.Run()
	return output.String(), messages.String(), err
}

// A plugin on Node.js and its engine reach each other under the environment.
func TestNodePluginReachesEngine(t *testing.T) {
	programs := nodePrograms(t)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(programs, "plugin.js")
	engines := map[string][]string{
		"an engine in Go":   {"env", engineVariable + "=" + node + "\n" + plugin, self},
		"an engine on Node": {node, filepath.Join(programs, "engine.js"), plugin},
	}
	for name, engine := range engines {
		for _, environment := range []string{"local", "dev"} {
			t.Run(name+" in the environment "+environment, func(t *testing.T) {
				t.Parallel()
				proxy := newRefusingProxy(t)
				stdout, stderr, err := proxy.behind(t, environment).run(t, "", engine...)
				if err != nil {
					t.Fatalf("%v: %s", err, stderr)
				}
				var got sight
				if err := json.Unmarshal([]byte(stdout), &got); err != nil {
					t.Fatalf("%v: %s", err, stdout)
				}
				if !slices.Contains(got.Logged, "making one") {
					t.Errorf("the engine has %q of the plugin's log, want what the plugin wrote", got.Logged)
				}
				got.Logged = nil
				want := sight{
					Version: "1.0.0", URN: madeURN, State: map[string]string{"greeting": "hello"}, Registered: []string{"probe:index:Component one"},
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("the engine saw %+v, want %+v", got, want)
				}
				if asked := proxy.wanted(); len(asked) > 0 {
					t.Errorf("the proxy was asked for %q", asked)
				}
			})
			t.Run(name+" in the environment "+environment+" without its variable for gRPC", func(t *testing.T) {
				t.Parallel()
				proxy := newRefusingProxy(t)
				_, stderr, err := proxy.behind(t, environment).run(t, "unset no_grpc_proxy", engine...)
				if err == nil || !strings.Contains(stderr, "No connection established") {
					t.Errorf("got %v and %q, want that no connection is established: the variable would be needed no more", err, stderr)
				}
				if asked := proxy.wanted(); len(asked) == 0 || !strings.HasPrefix(asked[0], "127.0.0.1:") {
					t.Errorf("the proxy was asked for %q, want this machine", asked)
				}
			})
		}
	}
}

func TestNodesGRPCAsksNoProxyForAnyNameOfThisMachine(t *testing.T) {
	dial := []string{"node", filepath.Join(nodePrograms(t), "dial.js")}
	addresses := []string{"127.0.0.1:1", "localhost:1", "[::1]:1"} // nothing listens at port 1, and need not: it counts who is asked
	asked := []string{"127.0.0.1:1", "localhost:1", "::1:1"}       // Node's gRPC leaves the brackets out
	for _, c := range []struct {
		name, further string
		asked         []string
	}{
		{"with its variable for gRPC", "", nil},
		{"without it", "unset no_grpc_proxy", asked},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			proxy := newRefusingProxy(t)
			if _, stderr, err := proxy.behind(t, "local").run(t, c.further, append(dial, addresses...)...); err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			if got := slices.Compact(proxy.wanted()); !slices.Equal(got, c.asked) {
				t.Errorf("the proxy was asked for %q, want %q", got, c.asked)
			}
		})
	}
}

func TestWhatTheUserExceptsFromProxiesIsKept(t *testing.T) {
	for _, c := range []struct {
		name string
		user map[string]string
		want string
	}{
		{"nothing", nil, "127.0.0.1,localhost,::1"},
		{
			"hosts of gRPC's own", map[string]string{"no_grpc_proxy": "a.example.com,10.0.0.0/8"},
			"a.example.com,10.0.0.0/8,127.0.0.1,localhost,::1",
		},
		{
			"hosts of every program, which gRPC reads where it has none of its own", map[string]string{"no_proxy": "a.example.com"},
			"a.example.com,127.0.0.1,localhost,::1",
		},
		{"hosts of every program, which an empty list of gRPC's own does not hide", map[string]string{
			"no_grpc_proxy": "", "no_proxy": "a.example.com",
		},
			"a.example.com,127.0.0.1,localhost,::1"},
		{
			"both, of which gRPC reads its own", map[string]string{"no_grpc_proxy": "a.example.com", "no_proxy": "b.example.com"},
			"a.example.com,127.0.0.1,localhost,::1",
		},
		{
			"this machine already", map[string]string{"no_grpc_proxy": "localhost,a.example.com,127.0.0.1"}, "localhost,a.example.com,127.0.0.1,::1",
		},
		{
			"what an earlier call set", map[string]string{"no_grpc_proxy": "a.example.com,127.0.0.1,localhost,::1"},
			"a.example.com,127.0.0.1,localhost,::1",
		},
		{
			"spaces, which gRPC would take for part of the name", map[string]string{"no_proxy": " a.example.com , b.example.com"},
			"a.example.com,b.example.com,127.0.0.1,localhost,::1",
		},
		{"an empty name, with which every name ends", map[string]string{"no_proxy": "a.example.com,,"}, "a.example.com,127.0.0.1,localhost,::1"},
		{"the list that gRPC does not read", map[string]string{"NO_PROXY": "a.example.com"}, "127.0.0.1,localhost,::1"},
	} {
		for _, environment := range []string{"local", "dev"} {
			t.Run(c.name+", in the environment "+environment, func(t *testing.T) {
				if got := evaluated(t, settingFor(environment, c.user).script())["no_grpc_proxy"]; got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	}
}

// The list of unproxied hosts has this machine and no empty name.
func FuzzUnproxiedHosts(f *testing.F) {
	for _, seed := range []string{"", ",", " , ", "localhost", "a,b", "::1,", "a b", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, user string) {
		got := settingFor("local", map[string]string{"no_proxy": user}).unproxied()
		hosts := strings.Split(got, ",")
		for _, host := range hosts {
			if host == "" || host != strings.TrimSpace(host) {
				t.Errorf("%q becomes %q, with the name %q", user, got, host)
			}
		}
		for _, host := range append(loopback, strings.Split(user, ",")...) {
			if host = strings.TrimSpace(host); host != "" && !slices.Contains(hosts, host) {
				t.Errorf("%q becomes %q, without %s", user, got, host)
			}
		}
		if again := settingFor("local", map[string]string{"no_grpc_proxy": got}).unproxied(); again != got {
			t.Errorf("%q becomes %q, and that %q: it grows", user, got, again)
		}
	})
}
