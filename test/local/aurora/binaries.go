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
	// major is the PostgreSQL release that Aurora PostgreSQL 16.x is made of. Data folders of another do not open.
	major = "16"
	// version is the pinned release of the binaries. Changing it means changing archives.
	version = embedded.V16
)

// archives are the SHA-256 sums of the pinned archives, by GOOS/GOARCH.
var archives = map[string]string{
	"linux/amd64":  "53146949c7fb36014091ac8db42529ab9b923b4a06d0c0d9087694e9c296feef",
	"linux/arm64":  "c0dc09808068c99357cc9fbf9b4ecb6df1c0725f678cc2d6bfa68a48d6ef1062",
	"darwin/amd64": "4bd733c160b0bdcc8fa4ba50ce1abebdbf3db3825dd2139f5504a24b7ed227f3",
	"darwin/arm64": "090e91773217f8d3d222699a6da2bf5533ffab8c6b65b14df63cba3b1b63ea5a",
}

// Binaries are PostgreSQL's programs initdb and postgres.
type Binaries struct{ Folder string }

func (b Binaries) program(name string) string { return filepath.Join(b.Folder, name) }

// rootCache is where root's binaries are when its own cache is closed to nobody, as whom the servers run then.
const rootCache = "/var/cache/warmstandby"

// Install returns PostgreSQL 16: from PATH when it is there, else the pinned release in the per-user cache (in
// /var/cache/warmstandby when root's is closed to others), which is fetched first when it is not there. Two runs at once
// fetch one.
func Install(ctx context.Context, cache string, progress emulator.Progress) (Binaries, error) {
	if found, ok := onPath(ctx); ok {
		return found, nil
	}
	if os.Geteuid() == 0 && !isOpen(cache) {
		cache = rootCache
	}
	folder := filepath.Join(cache, "postgres", string(version))
	installed := Binaries{filepath.Join(folder, "bin")}
	if isMajor(ctx, installed) {
		return installed, nil
	}
	defer progress("fetching PostgreSQL " + string(version))()
	held, err := emulator.Lock(folder + ".lock")
	if err != nil {
		return Binaries{}, err
	}
	defer held.Close()
	if isMajor(ctx, installed) {
		return installed, nil
	}
	if err := fetch(ctx, folder); err != nil {
		return Binaries{}, fmt.Errorf("fetching PostgreSQL %s (or put initdb and postgres of PostgreSQL %s on PATH): %w", version, major, err)
	}
	if !isMajor(ctx, installed) {
		return Binaries{}, fmt.Errorf("PostgreSQL %s in %s does not run here: put initdb and postgres of PostgreSQL %s on PATH", version, folder, major)
	}
	return installed, nil
}

// isOpen says whether everybody may pass through a folder and those above it. Those that are not made yet will be open.
func isOpen(folder string) bool {
	for {
		info, err := os.Stat(folder)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		above := filepath.Dir(folder)
		if above == folder {
			return true
		}
		folder = above
	}
}

// onPath finds binaries on PATH. Links are followed: the programs stand beside each other where the links lead.
func onPath(ctx context.Context) (Binaries, bool) {
	path, err := exec.LookPath("postgres")
	if err != nil {
		return Binaries{}, false
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return Binaries{}, false
	}
	found := Binaries{filepath.Dir(path)}
	return found, isMajor(ctx, found)
}

// isMajor says whether both programs run and are of the release: "postgres (PostgreSQL) 16.9".
func isMajor(ctx context.Context, b Binaries) bool {
	for _, name := range []string{"postgres", "initdb"} {
		out, err := exec.CommandContext(ctx, b.program(name), "--version").Output()
		if err != nil || !strings.HasPrefix(string(out), name+" (PostgreSQL) "+major+".") {
			return false
		}
	}
	return true
}

// fetch puts the pinned release into folder.
//
// The library has no call that only fetches: Start fetches and unpacks, then makes and starts a database, which this
// package does itself, and which does not work as root. So it is given a run folder that cannot be made, below a link
// that leads nowhere: Start ends there, before it runs anything of an archive that has not been verified.
func fetch(ctx context.Context, folder string) error {
	want, ok := archives[runtime.GOOS+"/"+runtime.GOARCH]
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
	port, err := freePort(nil)
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
	got, sumErr := sumOf(archive)
	if sumErr != nil {
		return errors.Join(err, sumErr)
	}
	if got != want {
		return fmt.Errorf("the archive's SHA-256 is %s, not %s as pinned", got, want)
	}
	if err := errors.Join(os.RemoveAll(folder), os.Rename(unpacked, folder)); err != nil {
		return fmt.Errorf("placing it: %w", err)
	}
	return nil
}

// sumOf returns the SHA-256 of the only archive in a folder.
func sumOf(folder string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, "*.txz"))
	if err != nil || len(found) != 1 {
		return "", errors.Join(errors.New("no archive arrived"), err)
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
