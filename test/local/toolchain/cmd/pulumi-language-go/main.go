// Command pulumi-language-go runs Pulumi programs written in Go. It stands in for the language host that the official
// Pulumi CLI ships, where that cannot be downloaded, and speaks the same protocol. What the stacks need is here: building
// and running a program. Installing packages, converting and scaffolding are not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineCheckInterval is how often the host looks whether its engine still lives, so that a killed one leaves no process.
const engineCheckInterval = 10 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-go:", err)
		os.Exit(1)
	}
}

// serve answers the engine on a loopback port, whose number it prints as the protocol asks, until the engine is gone.
func serve() error {
	flag.String("tracing", "", "accepted for the protocol's sake; this host sends no traces")
	flag.String("root", "", "accepted for the protocol's sake; each request names its program")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cancel := make(chan bool)
	host := &languageHost{engine: flag.Arg(0)}
	if host.engine != "" {
		if err := rpcutil.Healthcheck(ctx, host.engine, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("reaching the engine at %s: %w", host.engine, err)
		}
	}
	go func() {
		<-ctx.Done()
		close(cancel)
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("serving the language runtime: %w", err)
	}
	fmt.Println(handle.Port)
	if err := <-handle.Done; err != nil {
		return fmt.Errorf("serving the language runtime: %w", err)
	}
	return nil
}
