package tools

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// stage is one machine: a repository, a release host and a cache, which runs of Ensure share.
type stage struct {
	host  *host
	root  string
	cache string
	mu    sync.Mutex
	asked []string // the paths that the host was asked for since the last run; mu guards it
	log   string   // of the last run
	built bool     // whether the AWS provider was prepared in the last run
}

// newStage is a machine with an empty cache in front of a host with every release.
func newStage(t *testing.T, root string) *stage {
	t.Helper()
	s := &stage{host: newHost(t), root: root, cache: t.TempDir()}
	answering := s.host.Config.Handler
	s.host.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimPrefix(r.URL.Path, "/"))
		s.mu.Unlock()
		answering.ServeHTTP(w, r)
	})
	return s
}

// run calls Ensure on a machine that has every program that is needed.
func (s *stage) run(t *testing.T, from Toolchain) (Tools, error) {
	t.Helper()
	var log strings.Builder
	s.asked, s.built = nil, false
	got, err := Ensure(t.Context(), Options{
		Root: s.root, Cache: s.cache, Toolchain: from, Log: &log,
		Releases: Releases{URL: s.host.URL, DecideWithin: time.Hour, Stall: time.Hour},
		prepare: func(src, dst string, services []string) error {
			s.built = true
			return fakePrepare(src, dst, services)
		},
		prerequisites: func(context.Context) error { return nil },
	})
	s.log = log.String()
	return got, err
}

// must is run where an error ends the test.
func (s *stage) must(t *testing.T, from Toolchain) Tools {
	t.Helper()
	got, err := s.run(t, from)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// origins fails the test unless the CLI and the plugins are of these origins and what they must be.
func origins(t *testing.T, got Tools, cli, plugins Toolchain) {
	t.Helper()
	if got.CLI != cli || got.Plugins != plugins {
		t.Errorf("the CLI is %s and the plugins are %s, want %s and %s", got.CLI, got.Plugins, cli, plugins)
	}
	command, err := os.ReadFile(filepath.Join(got.Bin, "pulumi"))
	if err != nil || (string(command) == fakePulumi) != (cli == Official) {
		t.Errorf("%s/pulumi is not of the %s tools (%v)", got.Bin, cli, err)
	}
	plugin := filepath.Join(got.Home, "plugins/resource-aws-"+AWSVersion+"/pulumi-resource-aws")
	if plugins == Official {
		content, err := os.ReadFile(plugin)
		if err != nil || string(content) != "plugin" {
			t.Errorf("%s holds %q (%v), want the released plugin", plugin, content, err)
		}
		return
	}
	if said, err := exec.Command(plugin).Output(); err != nil || string(said) != "ec2+s3" {
		t.Errorf("%s says %q (%v), want the services of the built plugin", plugin, said, err)
	}
}

// Auto takes the released CLI and builds the plugins alone.
func TestAutoDownloadsCLI(t *testing.T) {
	root := fakeRepository(t)
	for _, c := range []struct {
		name    string
		missing string // what the host does not have
	}{
		{"from a host with every release", "none"},
		{"from a host that has the CLI and no plugins", "plugins/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, brokenCLI(t, root))
			s.host.without(c.missing)
			origins(t, s.must(t, Auto), Official, Source)
			for _, path := range s.asked {
				if !strings.HasPrefix(path, "sdk/") {
					t.Errorf("the host was asked for %s, want nothing but the CLI", path)
				}
			}
			for _, want := range []string{
				"downloading from " + s.host.URL + ": the Pulumi CLI and Go language host " + PulumiVersion + "\n",
				"building from source: the plugins aws " + AWSVersion + " and awsx " + AWSXVersion + "\n",
			} {
				if !strings.Contains(s.log, want) {
					t.Errorf("the log has no line %q:\n%s", want, s.log)
				}
			}
		})
	}
}

// brokenCLI is a copy of the repository in which neither the CLI nor the language host compiles, so that what still can be
// built was built without them.
func brokenCLI(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"fake/pkg/cmd/pulumi/main.go", "cmd/pulumi-language-go/main.go"} {
		write(t, filepath.Join(dir, "test/local/toolchain", file), "package main\n\nfunc main() { misspelt() }\n")
	}
	return dir
}

// A released CLI that cannot be downloaded is not exchanged for a build.
func TestAutoKeepsReleasedCLI(t *testing.T) {
	root := fakeRepository(t)
	archive := releasesOf([]group{cli})[0].archive
	for _, c := range []struct {
		name   string
		serve  func(w http.ResponseWriter, whole []byte)
		reason string
	}{
		{
			"because the archive breaks off halfway", func(w http.ResponseWriter, whole []byte) { w.Write(whole[:len(whole)/2]) },
			io.ErrUnexpectedEOF.Error(),
		},
		{
			"because the archive is another one", func(w http.ResponseWriter, whole []byte) { w.Write(make([]byte, len(whole))) }, "its checksum is",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, root)
			answering := s.host.Config.Handler
			s.host.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead || !strings.HasSuffix(r.URL.Path, archive) {
					answering.ServeHTTP(w, r)
					return
				}
				whole := s.host.files[archive]
				w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
				c.serve(w, whole)
			})
			_, err := s.run(t, Auto)
			for _, want := range []string{c.reason, "downloading pulumi-" + PulumiVersion, "TOOLCHAIN=source", ReleasesVariable} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
			if s.built {
				t.Error("the plugins were built before the CLI was there")
			}
			nothingInstalled(t, s.cache)
		})
	}
}

func TestWhatTheCacheHasIsNeitherAskedForNorBuiltAgain(t *testing.T) {
	root := fakeRepository(t)
	type run struct {
		toolchain    Toolchain
		cli, plugins Toolchain
		asks         string // what of the host: the paths' beginnings, in alphabetical order
		builds       bool   // whether the AWS plugin
	}
	for _, c := range []struct {
		name string
		runs []run
	}{
		{"auto, twice", []run{{Auto, Official, Source, "sdk", true}, {Auto, Official, Source, "", false}}},
		{
			"auto takes all that was built, though the host would answer",
			[]run{{Source, Source, Source, "", true}, {Auto, Source, Source, "", false}},
		},
		{"auto takes a CLI that came with released plugins, and no released plugin",
			[]run{{Official, Official, Official, "plugins sdk", false}, {Auto, Official, Source, "", true}}},
		{
			"a build of all takes plugins that were built for a released CLI",
			[]run{{Auto, Official, Source, "sdk", true}, {Source, Source, Source, "", false}},
		},
		{"releases alone take a CLI that was downloaded for built plugins",
			[]run{
				{Auto, Official, Source, "sdk", true}, {Official, Official, Official, "plugins", false}, {Official, Official, Official, "", false},
			}},
		{"every road, and back", []run{{Auto, Official, Source, "sdk", true}, {Source, Source, Source, "", false}, {
			Official, Official, Official, "plugins", false,
		},
			{Auto, Official, Source, "", false}, {Source, Source, Source, "", false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, root)
			for i, r := range c.runs {
				origins(t, s.must(t, r.toolchain), r.cli, r.plugins)
				if got := s.kinds(); got != r.asks || s.built != r.builds {
					t.Errorf("run %d, %s: asked for %q and built the plugin: %v; want %q and %v", i+1, r.toolchain, got, s.built, r.asks, r.builds)
				}
			}
		})
	}
}

// kinds lists what the host was asked for in the last run, by the first folder of the path.
func (s *stage) kinds() string {
	kinds := map[string]bool{}
	for _, path := range s.asked {
		kind, _, _ := strings.Cut(path, "/")
		kinds[kind] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(kinds)), " ")
}

func TestAPartThatIsDamagedIsGotAgainAlone(t *testing.T) {
	root := fakeRepository(t)
	for _, c := range []struct {
		name  string
		spoil func(got Tools) error
		asks  string
		build bool
	}{
		{"the CLI", func(got Tools) error { return os.Truncate(filepath.Join(got.Bin, "pulumi"), 3) }, "sdk", false},
		{"the plugins", func(got Tools) error { return os.RemoveAll(got.Home) }, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, root)
			if err := c.spoil(s.must(t, Auto)); err != nil {
				t.Fatal(err)
			}
			origins(t, s.must(t, Auto), Official, Source)
			if got := s.kinds(); got != c.asks || s.built != c.build {
				t.Errorf("asked for %q and built the plugin: %v; want %q and %v", got, s.built, c.asks, c.build)
			}
		})
	}
}

// Auto builds the CLI beside built plugins when its release is gone.
func TestAutoBuildsCLI(t *testing.T) {
	s := newStage(t, fakeRepository(t))
	if err := os.RemoveAll(filepath.Dir(s.must(t, Auto).Bin)); err != nil {
		t.Fatal(err)
	}
	s.host.without("sdk/")
	origins(t, s.must(t, Auto), Source, Source)
	if s.built || !strings.Contains(s.log, "building from source: the Pulumi CLI and Go language host "+PulumiVersion+"\n") {
		t.Errorf("built the plugin again: %v; the log is\n%s", s.built, s.log)
	}
}

func TestARunThatIsEndedDuringTheQuestionBuildsNothing(t *testing.T) {
	s := newStage(t, toolchainOf(t, fakeToolchain()))
	ctx, cancel := context.WithCancel(t.Context())
	s.host.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })
	var log strings.Builder
	_, err := Ensure(ctx, Options{Root: s.root, Cache: s.cache, Toolchain: Auto, Log: &log,
		Releases: Releases{URL: s.host.URL, DecideWithin: time.Hour}, prerequisites: func(context.Context) error { return nil }})
	if !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("got %v and the log %q, want %v and nothing announced", err, log.String(), context.Canceled)
	}
}
