package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// errNotDownloaded says why there is no program to download: it is compiled then. An error that does not wrap it ends the command.
var errNotDownloaded = errors.New("the failover commands are not downloaded")

func notDownloaded(format string, values ...any) error {
	return fmt.Errorf("%w: %w", errNotDownloaded, fmt.Errorf(format, values...))
}

const (
	// sumsName is the name of the checksums in a release, in the form of sha256sum.
	sumsName = "SHA256SUMS"
	// sumsTimeout is for a file of a kilobyte. binaryTimeout is for 20 MB: what takes longer is not much quicker than to compile.
	sumsTimeout   = 5 * time.Second
	binaryTimeout = time.Minute
)

// download gets the program of the newest release from the project's release page, if it is made of the sources whose checksum is key. The
// program is kept only when its own checksum is the release's. A checksum proves that what arrived is what the page has; that the page has
// what the workflow built from the tag, `gh attestation verify` proves (lambda/failover/RUNBOOK.md, "Building it").
func (c *controller) download(ctx context.Context, key, to string) error {
	page, err := c.releases(ctx)
	if err != nil {
		return err
	}
	version, _, err := c.newestRelease()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "warmstandby-release-")
	if err != nil {
		return fmt.Errorf("making a folder for a release: %w", err)
	}
	defer os.RemoveAll(folder)
	from := page + "/download/" + version + "/"
	sums, err := c.sums(ctx, from+sumsName, filepath.Join(folder, sumsName))
	if err != nil {
		return err
	}
	name := binaryName(runtime.GOOS, runtime.GOARCH)
	switch {
	case sums[sourcesName] == "":
		return notDownloaded("%s does not say what it was made of", from+sumsName)
	case sums[sourcesName] != key:
		return notDownloaded("the sources of this clone are not those of %s, the newest release", version)
	case sums[name] == "":
		return notDownloaded("%s has no program for %s on %s", version, runtime.GOOS, runtime.GOARCH)
	}
	file := filepath.Join(folder, name)
	if err := c.fetch(ctx, "downloading the failover commands of "+version, from+name, file, binaryTimeout); err != nil {
		return err
	}
	sum, err := checksum(file)
	if err != nil {
		return fmt.Errorf("reading what was downloaded: %w", err)
	}
	if sum != sums[name] {
		return fmt.Errorf("what was downloaded from %s has the SHA-256 %s, and %s of the release says %s: it was removed and is not run. "+
			"Tell the maintainers; RELEASES=none compiles the failover commands instead", from+name, sum, sumsName, sums[name])
	}
	if err := copyProgram(file, to); err != nil {
		return notDownloaded("it cannot be kept: %w", err)
	}
	return prune(filepath.Dir(filepath.Dir(to)))
}

// sumLine is a line of sha256sum, of text or binary mode.
var sumLine = regexp.MustCompile(`^([0-9a-f]{64}) [ *]([\w.-]+)$`)

// sums gets a release's checksums, by file.
func (c *controller) sums(ctx context.Context, address, file string) (map[string]string, error) {
	if err := c.fetch(ctx, "asking for the newest release", address, file, sumsTimeout); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading what was downloaded: %w", err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(content)) {
		found := sumLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if found == nil {
			return nil, notDownloaded("%s is no list of checksums", address)
		}
		sums[found[2]] = found[1]
	}
	return sums, nil
}

// fetch downloads a file by curl, which comes with macOS and nearly every Linux. Go's own client, compiled into this program, would have it
// take longer to compile than the download does.
func (c *controller) fetch(ctx context.Context, label, address, file string, timeout time.Duration) error {
	if _, err := exec.LookPath("curl"); err != nil {
		return notDownloaded("curl is missing")
	}
	protocol, _, _ := strings.Cut(address, ":")
	var said bytes.Buffer
	w := newWaiting(c.stderr, c.isTerminal(c.stderr), label)
	defer w.stop()
	err := c.process(ctx, process{
		directory: c.root, environment: c.environ(), stdout: &said, stderr: &said,
		arguments: []string{
			"curl", "--fail", "--silent", "--show-error", "--location", "--proto", "=" + protocol, "--proto-redir", "=" + protocol,
			"--max-time", fmt.Sprint(timeout.Seconds()), "--output", file, address,
		},
	})
	if err != nil {
		return notDownloaded("%s: %s", address, strings.TrimSpace(said.String()+" "+err.Error()))
	}
	return nil
}

// githubRemote is the address of a repository on GitHub, as git has it.
var githubRemote = regexp.MustCompile(
	`^(?:https://(?:[^@/]+@)?github\.com/|ssh://git@github\.com(?::22)?/|git@github\.com:)([\w.-]+/[\w.-]+?)(?:\.git)?/?$`)

// loopbackPage is where tests have a release.
var loopbackPage = regexp.MustCompile(`^http://127\.0\.0\.1:\d+(/|$)`)

// releases is the address of the project's releases: RELEASES, or that of the repository on GitHub that this clone was made from.
func (c *controller) releases(ctx context.Context) (string, error) {
	switch given := strings.TrimSuffix(c.value("RELEASES", ""), "/"); {
	case given == "none":
		return "", notDownloaded("RELEASES=none")
	case strings.HasPrefix(given, "https://"), loopbackPage.MatchString(given):
		return given, nil
	case given != "":
		return "", fmt.Errorf("RELEASES: allowed none, or an address with https, as https://github.com/OWNER/NAME/releases; got %q", given)
	}
	if _, err := os.Stat(filepath.Join(c.root, ".git")); err != nil {
		return "", notDownloaded("this is no clone, and RELEASES does not say where releases are")
	}
	var origin, said bytes.Buffer
	err := c.process(ctx, process{
		directory: c.root, environment: c.environ(), stdout: &origin, stderr: &said,
		arguments: []string{"git", "config", "--get", "remote.origin.url"},
	})
	if err != nil {
		return "", notDownloaded("this clone has no remote origin, and RELEASES does not say where releases are")
	}
	found := githubRemote.FindStringSubmatch(strings.TrimSpace(origin.String()))
	if found == nil {
		return "", notDownloaded("this clone's origin is not on GitHub, and RELEASES does not say where releases are")
	}
	return "https://github.com/" + found[1] + "/releases", nil
}

// changelog has a section for each release, the newest first.
const changelog = ".github/CHANGELOG.md"

// releaseHeading begins the section of a release.
var releaseHeading = regexp.MustCompile(`(?m)^## (v\d+\.\d+\.\d+), \d{4}-\d{2}-\d{2}\n`)

// newestRelease is the newest release that this clone's changelog knows, and its section.
func (c *controller) newestRelease() (version, notes string, err error) {
	content, err := os.ReadFile(filepath.Join(c.root, changelog))
	if err != nil {
		return "", "", fmt.Errorf("reading which release is the newest: %w", err)
	}
	text := string(content)
	heading := releaseHeading.FindStringSubmatchIndex(text)
	if heading == nil {
		return "", "", notDownloaded("%s knows no release", changelog)
	}
	version, text = text[heading[2]:heading[3]], text[heading[1]:]
	if next := strings.Index(text, "\n## "); next >= 0 {
		text = text[:next+1]
	}
	return version, strings.TrimSpace(text) + "\n", nil
}
