// Command failover builds the program warmstandby. In Lambda it is the failover controller, which watches both regions; anywhere
// else it is the operator's command line. RUNBOOK.md says when to use which command.
//
//	warmstandby <command> --env NAME [--region us-west-2] [--json] [--timeout 15m]
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-lambda-go/lambda"

	"warmstandby/lambda/failover/cli"
)

// runtimeVariable is set where Lambda runs the binary (AWS Lambda Developer Guide, "Defined runtime environment variables").
const runtimeVariable = "AWS_LAMBDA_RUNTIME_API"

func main() {
	if os.Getenv(runtimeVariable) != "" {
		lambda.Start(newFunction().handle)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], "operator-"+rand.Text(), connector{}, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
