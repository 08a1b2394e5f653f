package aurora

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"

	"warmstandby/test/local/emulator"
)

const (
	// majorVersion is the PostgreSQL release of Aurora PostgreSQL 16.x. Data directories of another major version cannot be
	// opened.
	majorVersion = "16"
	// version is the pinned release of the binaries. Whoever changes it changes archiveChecksums too.
	version = embedded.V16
)

// archiveChecksums are the SHA-256 sums of the pinned archives, by GOOS/GOARCH.
var archiveChecksums = map[string]string{
	"linux/amd64":  "53146949c7fb36014091ac8db42529ab9b923b4a06d0c0d9087694e9c296feef",
	"linux/arm64":  "c0dc09808068c99357cc9fbf9b4ecb6df1c0725f678cc2d6bfa68a48d6ef1062",
	"darwin/amd64": "4bd733c160b0bdcc8fa4ba50ce1abebdbf3db3825dd2139f5504a24b7ed227f3",
	"darwin/arm64": "090e91773217f8d3d222699a6da2bf5533ffab8c6b65b14df63cba3b1b63ea5a",
}

// Binaries are PostgreSQL's programs initdb and postgres.
type Binaries struct{ Folder string }

func (b Binaries) program(name string) string { return filepath.Join(b.Folder, name) }

// rootCache holds the binaries when this process is root and its own cache is closed to nobody, as whom the servers run.
const rootCache = "/var/cache/warmstandby"

// Install returns PostgreSQL 16: from PATH, or the pinned release from the per-user cache (rootCache when root's own is closed
// to others), which it downloads first if the cache lacks it. Concurrent calls download it once.
func Install(ctx context.Context, cache string, progress emulator.Progress) (Binaries, error) {
	if found, ok := findOnPath(ctx); ok {
		return found, nil
	}
	if os.Geteuid() == 0 && !isTraversableByAll(cache) {
		cache = rootCache
	}
	folder := filepath.Join(cache, "postgres", string(version))
	installed := Binaries{filepath.Join(folder, "bin")}
	if isSupported(ctx, installed) {
		return installed, nil
	}
	defer progress("fetching PostgreSQL " + string(version))()
	held, err := emulator.Lock(folder + ".lock")
	if err != nil {
		return Binaries{}, err
	}
	defer held.Close()
	if isSupported(ctx, installed) {
		return installed, nil
	}
	if err := download(ctx, folder); err != nil {
		return Binaries{}, fmt.Errorf("fetching PostgreSQL %s (or put initdb and postgres of PostgreSQL %s on PATH): %w",
			version, majorVersion, err)
	}
	if !isSupported(ctx, installed) {
		return Binaries{}, fmt.Errorf("PostgreSQL %s in %s does not run here: put initdb and postgres of PostgreSQL %s on PATH",
			version, folder, majorVersion)
	}
	return installed, nil
}

// isTraversableByAll says whether every user may traverse a directory and its parents. Directories that do not exist count as
// traversable: they will be created so.
func isTraversableByAll(folder string) bool {
	for {
		info, err := os.Stat(folder)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return true
		}
		folder = parent
	}
}

// findOnPath finds the binaries on PATH. It follows links, because initdb and postgres are in one directory only where the
// links lead.
func findOnPath(ctx context.Context) (Binaries, bool) {
	path, err := exec.LookPath("postgres")
	if err != nil {
		return Binaries{}, false
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return Binaries{}, false
	}
	found := Binaries{filepath.Dir(path)}
	return found, isSupported(ctx, found)
}

// isSupported says whether both programs run and have the right major version: "postgres (PostgreSQL) 16.9".
func isSupported(ctx context.Context, b Binaries) bool {
	for _, name := range []string{"postgres", "initdb"} {
		out, err := exec.CommandContext(ctx, b.program(name), "--version").Output()
		if err != nil || !strings.HasPrefix(string(out), name+" (PostgreSQL) "+majorVersion+".") {
			return false
		}
	}
	return true
}

// download puts the pinned release into folder.
//
// The library has no call that only downloads: Start downloads and unpacks, then creates and starts a database, which this
// package does itself, and which does not work as root. So Start gets a run directory that cannot be created, because its
// parent is a dangling link: it fails there, before it runs a program of an archive that has not been verified.
func download(ctx context.Context, folder string) error {
	want, ok := archiveChecksums[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return fmt.Errorf("there is no pinned archive for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "fetch-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(work)
	nowhere := filepath.Join(work, "nowhere")
	if err := os.Symlink(filepath.Join(work, "missing", "folder"), nowhere); err != nil {
		return fmt.Errorf("making a link: %w", err)
	}
	port, err := processPorts.free(nil)
	if err != nil {
		return err
	}
	unpacked, archive := filepath.Join(work, "unpacked"), filepath.Join(work, "archive")
	database := embedded.NewDatabase(embedded.DefaultConfig().Version(version).Port(uint32(port)).Logger(io.Discard).
		CachePath(archive).BinariesPath(unpacked).RuntimePath(filepath.Join(nowhere, "run")))
	ended := make(chan error, 1)
	go func() { ended <- database.Start() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		return ctx.Err() // the library cannot be interrupted; the fetch ends with the process
	}
	got, sumErr := archiveChecksum(archive)
	if sumErr != nil {
		return errors.Join(err, sumErr)
	}
	if got != want {
		return fmt.Errorf("the archive's SHA-256 is %s, not %s as pinned", got, want)
	}
	if err := errors.Join(os.RemoveAll(folder), os.Rename(unpacked, folder)); err != nil {
		return fmt.Errorf("moving it to %s: %w", folder, err)
	}
	return nil
}

// archiveChecksum returns the SHA-256 of the only archive in a folder.
func archiveChecksum(folder string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, "*.txz"))
	if err != nil || len(found) != 1 {
		return "", errors.Join(fmt.Errorf("%s holds %d archives, not one", folder, len(found)), err)
	}
	file, err := os.Open(found[0])
	if err != nil {
		return "", fmt.Errorf("reading the archive: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("reading the archive: %w", err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
