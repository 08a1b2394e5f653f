package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"warmstandby/lambda/failover/awsclient"
	"warmstandby/lambda/failover/handler"
	"warmstandby/shared/contract/controller"
)

// regionVariable is the function's region (AWS Lambda Developer Guide, "Defined runtime environment variables").
const regionVariable = "AWS_REGION"

// function is the Lambda function. Lambda makes one call at a time to an instance of it.
type function struct {
	log *slog.Logger
	// platform is kept between calls, for its open connections and for calls during which Parameter Store does not answer.
	platform *awsclient.Platform
}

func newFunction() *function {
	return &function{log: slog.New(slog.NewJSONHandler(os.Stdout, nil))}
}

// handle handles one Lambda event.
func (f *function) handle(ctx context.Context, event json.RawMessage) error {
	log := f.log.With("run", owner(ctx))
	if err := f.configure(ctx); err != nil {
		return err
	}
	p := *f.platform
	return handler.Handler{
		SaveHeartbeat:   p.Table.SaveHeartbeat,
		ValidateRestore: newRestoreValidator(p, log).Validate,
		RunTask: func(ctx context.Context, task controller.Task) error {
			if task == controller.TaskValidate {
				_, err := newValidator(p, log).Run(ctx)
				return err
			}
			return errors.Join(newController(p, log, owner(ctx)).Run(ctx), newValidator(p, log).RecheckIfNotReady(ctx))
		},
	}.Handle(ctx, event)
}

// configure reads the configuration, which a deployment may have changed. If that fails the previous one stays in use.
func (f *function) configure(ctx context.Context) error {
	account, err := awsclient.Open(ctx, os.Getenv(regionVariable))
	if err != nil {
		return err
	}
	cfg, err := account.Configuration(ctx, os.Getenv(controller.ConfigVariable))
	switch {
	case err != nil && f.platform == nil:
		return err
	case err != nil:
		f.log.Error("the last configuration serves", "error", err)
	case f.platform == nil || !reflect.DeepEqual(cfg, f.platform.Config):
		platform := account.Platform(cfg)
		f.platform = &platform
	}
	return nil
}

// owner returns a unique name of the run for the journal. Lambda retries an event under the same request id, so the time is
// added.
func owner(ctx context.Context) string {
	run := fmt.Sprint(time.Now().UnixNano())
	if call, ok := lambdacontext.FromContext(ctx); ok {
		return call.AwsRequestID + "-" + run
	}
	return run
}
