package tools

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"warmstandby/test/local/progress"
)

// maxDownload bounds an archive: the largest, the AWS plugin's, is under 300 MB.
const maxDownload = 1 << 30

// release is one archive, the list that holds its checksum, and what is taken from it.
type release struct {
	group     group
	archive   string // URL below Releases.URL
	checksums string // URL below Releases.URL
	// newHash makes the hash of the list: SHA-256 for the CLI. The plugins' lists are made by shasum in its default, SHA-1,
	// and there are no others (pulumi/ci-mgmt, publish.yml, "Calculate checksums").
	newHash func() hash.Hash
	take    []binary
}

// releasesOf lists the archives of the groups for this platform. Names follow Pulumi's own: the CLI calls amd64 "x64", the plugins do not.
func releasesOf(of []group) []release {
	cliArch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if cliArch == "" {
		cliArch = runtime.GOARCH
	}
	named := func(name string) binary {
		return binaries()[slices.IndexFunc(binaries(), func(b binary) bool { return b.name == name })]
	}
	plugin := func(name, version string) release {
		return release{
			group:     plugins,
			archive:   fmt.Sprintf("plugins/pulumi-resource-%s-%s-%s-%s.tar.gz", name, version, runtime.GOOS, runtime.GOARCH),
			checksums: fmt.Sprintf("plugins/pulumi-%s_%s_checksums.txt", name, version[1:]),
			newHash:   sha1.New,
			take:      []binary{named("pulumi-resource-" + name)},
		}
	}
	all := []release{
		{
			group:     cli,
			archive:   fmt.Sprintf("sdk/pulumi-%s-%s-%s.tar.gz", PulumiVersion, runtime.GOOS, cliArch),
			checksums: fmt.Sprintf("sdk/pulumi-%s-checksums.txt", PulumiVersion[1:]),
			newHash:   sha256.New,
			take:      binariesOf([]group{cli}),
		},
		plugin("aws", AWSVersion),
		plugin("awsx", AWSXVersion),
	}
	return slices.DeleteFunc(all, func(r release) bool { return !slices.Contains(of, r.group) })
}

// official installs Pulumi's releases.
//
// Each archive is checked against the checksum that Pulumi publishes beside it before it is unpacked. That shows that the
// archive arrived as the host has it: not truncated, not damaged, not another version's, not altered by a cache or a proxy
// on the way. It does not show that the host itself is honest: who can replace an archive there can replace its
// checksum. For that there is only TLS, and the trust in Pulumi that running its tools takes anyway.
type official struct {
	releases Releases
	log      io.Writer
	digests  map[string]string // by archive, once looked up
}

func (o *official) toolchain() Toolchain { return Official }

func (o *official) announcement() string { return "downloading from " + o.releases.shown() }

// key covers the names of the archives and where the binaries are put. The host is not part of it: a mirror has the same.
func (o *official) key(_ context.Context, of []group) (string, error) {
	var texts []string
	for _, r := range releasesOf(of) {
		texts = append(texts, r.archive)
		for _, b := range r.take {
			texts = append(texts, b.path())
		}
	}
	return hashOf(texts...), nil
}

// lookup asks for every release of the groups at once: its checksum, and whether its archive is there. It takes no longer
// than within.
func (o *official) lookup(ctx context.Context, of []group, within time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer from %s within %v", o.releases.shown(), within))
	defer cancel()
	type answer struct {
		archive, digest string
		err             error
	}
	wanted := releasesOf(of)
	answers := make(chan answer, len(wanted))
	for _, r := range wanted {
		go func() {
			digest, err := o.ask(ctx, r)
			answers <- answer{r.archive, digest, err}
		}()
	}
	digests := map[string]string{}
	for range wanted {
		a := <-answers
		if a.err != nil {
			return a.err
		}
		digests[a.archive] = a.digest
	}
	o.digests = digests
	return nil
}

// ask returns the published checksum of a release whose archive is there.
func (o *official) ask(ctx context.Context, r release) (string, error) {
	list, err := o.request(ctx, http.MethodGet, r.checksums)
	if err != nil {
		return "", err
	}
	defer list.Body.Close()
	digest, err := findChecksum(list.Body, filepath.Base(r.archive), r.newHash().Size())
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", list.Request.URL.Redacted(), causeOf(ctx, err))
	}
	archive, err := o.request(ctx, http.MethodHead, r.archive)
	if err != nil {
		return "", err
	}
	return digest, archive.Body.Close()
}

// request sends one request; any answer but 200 is an error.
func (o *official) request(ctx context.Context, method, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, o.releases.URL+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, causeOf(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s answers %s", request.URL.Redacted(), response.Status), response.Body.Close())
	}
	return response, nil
}

func (o *official) install(ctx context.Context, of []group, work, out, _ string) error {
	for _, r := range releasesOf(of) {
		if o.digests[r.archive] == "" {
			if err := o.lookup(ctx, of, o.releases.Stall); err != nil {
				return o.advised(err)
			}
		}
		if err := o.installRelease(ctx, r, work, out); err != nil {
			return o.advised(err)
		}
	}
	return nil
}

// advised adds what can be done about a release that could not be installed.
func (o *official) advised(err error) error {
	return fmt.Errorf("%w (try again, set %s to a mirror of %s, or, for the local AWS emulator, "+
		"build all tools from Go modules with TOOLCHAIN=source)",
		err, ReleasesVariable, o.releases.shown())
}

func (o *official) installRelease(ctx context.Context, r release, work, out string) error {
	name := filepath.Base(r.archive)
	file := filepath.Join(work, name)
	if err := o.download(ctx, r, file, o.digests[r.archive]); err != nil {
		return fmt.Errorf("downloading %s: %w", name, err)
	}
	unpacked := filepath.Join(work, name+".d")
	if err := unpack(file, unpacked, r.take); err != nil {
		return fmt.Errorf("unpacking %s: %w", name, err)
	}
	for _, b := range r.take {
		if err := place(filepath.Join(unpacked, b.name), out, b); err != nil {
			return fmt.Errorf("placing %s: %w", b.name, err)
		}
	}
	return nil
}

// download fetches an archive and compares it with its published checksum; one that differs is deleted.
func (o *official) download(ctx context.Context, r release, file, published string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(o.releases.Stall, func() { cancel(fmt.Errorf("nothing arrived for %v", o.releases.Stall)) })
	defer stalled.Stop()
	response, err := o.request(ctx, http.MethodGet, r.archive)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	digest := r.newHash()
	var arrived counter
	defer progress.New(o.log, "downloading "+filepath.Base(file), arrived.of(response.ContentLength)).Stop()
	alive := writerFunc(func(p []byte) (int, error) {
		stalled.Reset(o.releases.Stall)
		return arrived.Write(p)
	})
	if err := save(file, io.TeeReader(response.Body, io.MultiWriter(digest, alive)), maxDownload); err != nil {
		return causeOf(ctx, err)
	}
	if got := fmt.Sprintf("%x", digest.Sum(nil)); got != published {
		return errors.Join(fmt.Errorf("its checksum is %s, not %s as published in %s", got, published, r.checksums), os.Remove(file))
	}
	return nil
}

// causeOf gives the reason for which a context was ended, where that is why err came.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
