// Command failover builds the program warmstandby. In Lambda it is the failover controller, which watches both regions; anywhere
// else it is the operator's command line. RUNBOOK.md says when to use which command.
//
//	warmstandby <command> --env NAME [--region us-west-2] [--json] [--timeout 15m]
//
// The packages, in the order in which a run meets them:
//
//	handler         dispatches Lambda's events: the tasks of the schedules, heartbeats, restore tests
//	controlloop     the run of every minute: collect, decide, move, notify, publish
//	observe         the evidence, from RDS, CloudWatch, DynamoDB and probes
//	nameserver      where Route 53's name servers send users
//	decision        the rules: evidence in, a decision and its reasons out
//	move            the move of the writer, in phases
//	journal         the state between runs: failed probes, the move, its phase
//	notice          notices to the operators
//	metric          the metrics of the dashboards and alarms
//	readiness       the hourly validation of the standby
//	certificate     what load balancers present, for the validation
//	restoretest     the validation of what AWS Backup has restored
//	cli             the operator's command line
//	reconciliation  make reconcile: bring back what a failover has given up
//	restore         make restore: a cluster with the data of an earlier time
//	promotion       make restore PROMOTE=yes: the restored cluster becomes the global database's primary
//	documents       documents that come back with their records, for both
//	invocation      the operator's commands as they are typed
//	globaldb        the model of an Aurora global database
//	dualregion      an action in both regions, of which the primary may be lost
//	awsclient       AWS's clients, the only package that imports the SDK's services
//	audit, spec     the log of what the controller did, and the rules that it is checked against
//	healthcheck     the state of Route 53's health checks
//	history         what has happened: notices, decisions, alarms
//	observer        make notices and make live: a program of its own, not in Lambda
//	runbook         the commands of RUNBOOK.md, for tests
//	failovertest    a simulated platform, for tests
//	pagetest        colours of pages and their contrast, for tests
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
