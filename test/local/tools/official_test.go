package tools

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// entry is one member of a test's archive.
type entry struct {
	name, content string
	kind          byte
}

// fakePulumi answers as the CLI does when it is asked for its version.
const fakePulumi = "#!/bin/sh\necho " + PulumiVersion + "\n"

// host is a release host of the test's own: the files that it has, by path, and how often it was asked for any.
type host struct {
	*httptest.Server
	files    map[string][]byte
	requests atomic.Int64
}

// newHost serves every release as Pulumi does: a tar file each, with a list of checksums beside it.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{files: map[string][]byte{}}
	cli := releasesOf(groups())[0]
	h.publish(cli, archiveOf(t, entry{"pulumi/pulumi", fakePulumi, tar.TypeReg}, entry{"pulumi/pulumi-language-go", "host", tar.TypeReg},
		entry{"pulumi/pulumi-language-nodejs", "not wanted", tar.TypeReg}))
	for _, r := range releasesOf(groups())[1:] {
		h.publish(
			r,
			archiveOf(
				t, entry{"README.md", "about", tar.TypeReg}, entry{"./", "", tar.TypeDir}, entry{"./" + r.take[0].name, "plugin", tar.TypeReg},
			),
		)
	}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		content, ok := h.files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content)
	}))
	t.Cleanup(h.Close)
	return h
}

// publish sets a release's archive and lists its checksum; the plugins' lists have ./ before the names.
func (h *host) publish(r release, archive []byte) {
	h.files[r.archive] = archive
	digest := r.newHash()
	digest.Write(archive)
	h.files[r.checksums] = fmt.Appendf(
		nil, "%x  ./another.tar.gz\n%x  ./%s\n", r.newHash().Sum(nil), digest.Sum(nil), filepath.Base(r.archive),
	)
}

// without has the host lose every file whose path begins so.
func (h *host) without(prefix string) *host {
	maps.DeleteFunc(h.files, func(path string, _ []byte) bool { return strings.HasPrefix(path, prefix) })
	return h
}

func archiveOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var content bytes.Buffer
	plain := gzip.NewWriter(&content)
	archive := tar.NewWriter(plain)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o755, Size: int64(len(e.content))}
		if e.kind != tar.TypeReg {
			header.Size, header.Linkname = 0, e.content
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if e.kind == tar.TypeReg {
			io.WriteString(archive, e.content)
		}
	}
	if err := errors.Join(archive.Close(), plain.Close()); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// options are those of a test whose releases come from h and whose machine has everything.
func (h *host) options(t *testing.T, log io.Writer) Options {
	return Options{
		Root: t.TempDir(), Cache: t.TempDir(), Toolchain: Official, Log: log,
		Releases:      Releases{URL: h.URL, DecideWithin: time.Hour, Stall: time.Hour},
		prerequisites: func(context.Context) error { return nil },
	}
}

// Official releases are installed where Pulumi looks for them.
func TestOfficialReleases(t *testing.T) {
	h := newHost(t)
	o := h.options(t, io.Discard)
	got, err := Ensure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"bin/pulumi":             fakePulumi,
		"bin/pulumi-language-go": "host",
		"home/plugins/resource-aws-v6.83.2/pulumi-resource-aws":   "plugin",
		"home/plugins/resource-awsx-v2.22.0/pulumi-resource-awsx": "plugin",
	} {
		content, err := os.ReadFile(filepath.Join(folderOf(got), path))
		if err != nil || string(content) != want {
			t.Errorf("%s holds %q (%v), want %q", path, content, err, want)
		}
	}
	if got.Home != filepath.Join(folderOf(got), "home") || got.CLI != Official || got.Plugins != Official {
		t.Errorf("got %+v", got)
	}
	if left := namesIn(t, got.Bin); len(left) != 2 {
		t.Errorf("bin holds %v, want only what the stacks need", left)
	}
	asked := h.requests.Load()
	o.prerequisites = func(context.Context) error { return errors.New("asked for though nothing is to be done") }
	again, err := Ensure(t.Context(), o)
	if err != nil || again != got {
		t.Errorf("the second call gives %+v, %v, want the same tools", again, err)
	}
	if h.requests.Load() != asked {
		t.Error("the second call asked the host, though the cache has the tools")
	}
}

func TestArchiveNamesFollowPulumisOwn(t *testing.T) {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	want := []string{
		"sdk/pulumi-v3.228.0-" + runtime.GOOS + "-" + arch + ".tar.gz", "sdk/pulumi-3.228.0-checksums.txt",
		"plugins/pulumi-resource-aws-v6.83.2-" + runtime.GOOS + "-" + runtime.GOARCH + ".tar.gz", "plugins/pulumi-aws_6.83.2_checksums.txt",
		"plugins/pulumi-resource-awsx-v2.22.0-" + runtime.GOOS + "-" + runtime.GOARCH + ".tar.gz", "plugins/pulumi-awsx_2.22.0_checksums.txt",
	}
	var got []string
	for _, r := range releasesOf(groups()) {
		got = append(got, r.archive, r.checksums)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A release that is not as published is refused and leaves nothing.
func TestAlteredRelease(t *testing.T) {
	cli, aws, awsx := releasesOf(groups())[0], releasesOf(groups())[1], releasesOf(groups())[2]
	for _, c := range []struct {
		name   string
		change func(t *testing.T, h *host)
		want   string
	}{
		{
			"an archive with another checksum", func(_ *testing.T, h *host) { h.files[aws.archive] = []byte("something else") },
			"as published in plugins/pulumi-aws_6.83.2_checksums.txt",
		},
		{
			"a checksum list without the archive", func(_ *testing.T, h *host) { h.files[cli.checksums] = []byte("00  other.tar.gz\n") },
			"it has no checksum of pulumi-v3.228.0",
		},
		{"a checksum of another hash", func(_ *testing.T, h *host) {
			h.files[cli.checksums] = []byte(strings.Repeat("0", 40) + "  " + filepath.Base(cli.archive) + "\n")
		}, "not 32 bytes in hexadecimal"},
		{"an archive that is not there", func(_ *testing.T, h *host) { delete(h.files, awsx.archive) }, "404 Not Found"},
		{"a checksum list that is not there", func(_ *testing.T, h *host) { delete(h.files, awsx.checksums) }, "404 Not Found"},
		{"an archive that is no archive", func(_ *testing.T, h *host) { h.publish(aws, []byte("no gzip")) }, "unpacking pulumi-resource-aws-"},
		{"a path that leads out of the folder", func(t *testing.T, h *host) {
			h.publish(aws, archiveOf(t, entry{"../pulumi-resource-aws", "x", tar.TypeReg}))
		}, `"../pulumi-resource-aws", a path out of its folder`},
		{"an absolute path", func(t *testing.T, h *host) {
			h.publish(aws, archiveOf(t, entry{"/tmp/pulumi-resource-aws", "x", tar.TypeReg}))
		}, "a path out of its folder"},
		{"a link in the place of a binary", func(t *testing.T, h *host) {
			h.publish(aws, archiveOf(t, entry{"pulumi-resource-aws", "/bin/sh", tar.TypeSymlink}))
		}, "comes twice or is no regular file"},
		{"a binary that comes twice", func(t *testing.T, h *host) {
			twice := entry{"pulumi-resource-aws", "x", tar.TypeReg}
			h.publish(aws, archiveOf(t, twice, twice))
		}, "comes twice or is no regular file"},
		{"an archive without its binary", func(t *testing.T, h *host) {
			h.publish(aws, archiveOf(t, entry{"README.md", "x", tar.TypeReg}))
		}, "it holds no pulumi-resource-aws"},
		{"a CLI of another version", func(t *testing.T, h *host) {
			h.publish(
				cli,
				archiveOf(t, entry{"pulumi/pulumi", "#!/bin/sh\necho v3.0.0\n", tar.TypeReg}, entry{"pulumi/pulumi-language-go", "x", tar.TypeReg}),
			)
		}, `pulumi version answers "v3.0.0", not "v3.228.0"`},
		{"a CLI that does not start", func(t *testing.T, h *host) {
			h.publish(
				cli,
				archiveOf(
					t, entry{"pulumi/pulumi", "#!/bin/sh\necho broken >&2\nexit 3\n", tar.TypeReg}, entry{"pulumi/pulumi-language-go", "x", tar.TypeReg},
				),
			)
		}, "broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t)
			c.change(t, h)
			o := h.options(t, io.Discard)
			got, err := Ensure(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, error %v, want an error with %q", got, err, c.want)
			}
			nothingInstalled(t, o.Cache)
		})
	}
}

func TestADownloadThatEndsEarlyIsRefused(t *testing.T) {
	h := newHost(t)
	cut := releasesOf(groups())[2].archive
	whole := h.Config.Handler
	h.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, cut) {
			whole.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(h.files[cut])))
		w.Write(h.files[cut][:10])
	})
	o := h.options(t, io.Discard)
	if _, err := Ensure(t.Context(), o); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "TOOLCHAIN=source") {
		t.Errorf("got %v, want an unexpected end and the way out", err)
	}
	nothingInstalled(t, o.Cache)
}

func TestAHostThatNeverAnswersIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		silent func(r *http.Request) bool
		from   Toolchain
		want   string
	}{
		{"when it is asked", func(*http.Request) bool { return true }, Official, "no answer from"},
		// With Auto the first answers have a bound of their own, which is long here, so that only the download can stall.
		{"in the middle of a download", func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, releasesOf(groups())[0].archive)
		}, Auto, "nothing arrived for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t)
			stop := make(chan struct{})
			answering := h.Config.Handler
			h.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !c.silent(r) {
					answering.ServeHTTP(w, r)
					return
				}
				w.(http.Flusher).Flush()
				<-stop
			})
			t.Cleanup(func() { close(stop) })
			o := h.options(t, io.Discard)
			o.Root, o.Toolchain = toolchainOf(t, fakeToolchain()), c.from
			o.Releases.Stall = 50 * time.Millisecond
			if _, err := Ensure(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			nothingInstalled(t, o.Cache)
		})
	}
}

func TestTwoRunsAtOnceInstallOnce(t *testing.T) {
	h := newHost(t)
	o := h.options(t, io.Discard)
	var runs sync.WaitGroup
	results := make([]Tools, 2)
	faults := make([]error, 2)
	for i := range results {
		runs.Go(func() { results[i], faults[i] = Ensure(t.Context(), o) })
	}
	runs.Wait()
	if err := errors.Join(faults...); err != nil || results[0] != results[1] {
		t.Fatalf("got %+v, %v", results, err)
	}
	if got, want := h.requests.Load(), int64(3*len(releasesOf(groups()))); got != want {
		t.Errorf("%d requests, want %d: a list, a question and a download for each release, once", got, want)
	}
}

func TestWhatAnInterruptedRunLeftIsNotTrusted(t *testing.T) {
	h := newHost(t)
	o := h.options(t, io.Discard)
	good, err := Ensure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	dir := folderOf(good)
	for _, c := range []struct {
		name  string
		spoil func(dir string) error
	}{
		{"a partial folder", func(dir string) error {
			partial := filepath.Join(filepath.Dir(dir), ".partial-"+filepath.Base(dir))
			return errors.Join(os.Rename(dir, partial), os.MkdirAll(filepath.Join(partial, "work"), 0o755))
		}},
		{"a folder without its manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }},
		{"a manifest that is cut", func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 5) }},
		{"a binary that is cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "bin", "pulumi"), 3) }},
		{"a binary that is gone", func(dir string) error { return os.Remove(filepath.Join(dir, "bin", "pulumi-language-go")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			before := h.requests.Load()
			if _, err := Ensure(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if err := complete(dir, groups()); err != nil || h.requests.Load() == before {
				t.Errorf("complete: %v, asked the host again: %v; want good tools, fetched anew", err, h.requests.Load() != before)
			}
			if left := namesIn(t, filepath.Dir(dir)); len(left) != 2 {
				t.Errorf("the cache holds %v, want the tools and their lock", left)
			}
		})
	}
}

// A missing prerequisite ends it before the host is asked.
func TestMissingPrerequisite(t *testing.T) {
	h := newHost(t)
	o := h.options(t, io.Discard)
	missing := errors.New("Node.js is missing")
	o.prerequisites = func(context.Context) error { return missing }
	if _, err := Ensure(t.Context(), o); !errors.Is(err, missing) || h.requests.Load() != 0 {
		t.Errorf("got %v after %d requests, want %v after none", err, h.requests.Load(), missing)
	}
}

// folderOf is the folder of tools that stand in one.
func folderOf(t Tools) string { return filepath.Dir(t.Bin) }

func nothingInstalled(t *testing.T, cache string) {
	t.Helper()
	for _, name := range namesIn(t, filepath.Join(cache, "tools")) {
		if !strings.HasSuffix(name, ".lock") && !strings.HasSuffix(name, ".log") {
			t.Errorf("%s is left in the cache", name)
		}
	}
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func FuzzAnArchiveWritesOnlyItsBinariesIntoItsFolder(f *testing.F) {
	for _, name := range []string{"pulumi", "a/pulumi", "../pulumi", "/pulumi", "a/../../pulumi", "./pulumi", "pulumi/"} {
		f.Add(name, byte(tar.TypeReg))
		f.Add(name, byte(tar.TypeSymlink))
	}
	f.Fuzz(func(t *testing.T, name string, kind byte) {
		var content bytes.Buffer
		plain := gzip.NewWriter(&content)
		archive := tar.NewWriter(plain)
		if archive.WriteHeader(&tar.Header{Name: name, Typeflag: kind, Linkname: "/etc", Mode: 0o644}) != nil {
			return // no archive can hold it
		}
		if err := errors.Join(archive.Close(), plain.Close()); err != nil {
			return
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "archive")
		write(t, file, content.String())
		err := unpack(file, filepath.Join(dir, "out"), []binary{{name: "pulumi"}})
		if around := namesIn(t, dir); len(around) != 2 {
			t.Errorf("%q wrote beside its folder: %v", name, around)
		}
		written := namesIn(t, filepath.Join(dir, "out"))
		if len(written) > 1 || len(written) == 1 && written[0] != "pulumi" || err == nil && len(written) == 0 {
			t.Errorf("%q wrote %v with error %v", name, written, err)
		}
		for _, name := range written {
			if info, err := os.Lstat(filepath.Join(dir, "out", name)); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%s is no regular file (%v)", name, err)
			}
		}
	})
}
