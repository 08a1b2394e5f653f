// Command mirror serves binaries of Pulumi from this machine as its releases are published, so that what a first run with
// a release in reach takes can be measured where the releases are not in reach. It packs what a folder holds and serves that
// on loopback until it is interrupted, or for an hour at most.
//
//	go run -C test/local ./cmd/mirror -bin "$HOME/.cache/warmstandby/tools/<folder>/bin"
//
// prints the variable to set. The archives hold what was built, under the released names: they are for measuring only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"warmstandby/test/local/tools"
)

const (
	// lifetime bounds a server that was forgotten: the longest first run takes a quarter of it.
	lifetime = time.Hour
	// headerTimeout bounds how long a client may take to send a request's head.
	headerTimeout = 10 * time.Second
)

func main() {
	bin := flag.String("bin", "", "the folder with pulumi and pulumi-language-go")
	last := flag.Duration("for", lifetime, "how long to serve")
	flag.Parse()
	if *bin == "" || flag.NArg() > 0 || *last <= 0 || *last > lifetime {
		fmt.Fprintf(os.Stderr, "usage: mirror -bin <folder> [-for <at most %v>]\n", lifetime)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *last)
	defer cancel()
	if err := serve(ctx, *bin); err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
}

// serve packs the binaries of a folder, prints where they are served, and ends with ctx.
func serve(ctx context.Context, bin string) (err error) {
	dir, err := os.MkdirTemp("", "mirror-")
	if err != nil {
		return fmt.Errorf("making a folder for the archives: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := tools.WriteMirror(dir, bin); err != nil {
		return fmt.Errorf("packing the binaries: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening on this machine: %w", err)
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: headerTimeout}
	ended := context.AfterFunc(ctx, func() { server.Close() })
	defer ended()
	fmt.Printf("export %s=http://%s\n", tools.ReleasesVariable, listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the archives: %w", err)
	}
	return nil
}
