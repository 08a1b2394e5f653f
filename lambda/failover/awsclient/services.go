package awsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"warmstandby/lambda/failover/notice"
	"warmstandby/shared/contract/controller"
)

// parameterStoreAPI is the part of Parameter Store's API that is used.
type parameterStoreAPI interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// ErrNoParameter says that a parameter does not exist: nothing is deployed under its name.
var ErrNoParameter = errors.New("there is no such parameter")

// readParameter returns a parameter's value.
func readParameter(ctx context.Context, from parameterStoreAPI, name string) (string, error) {
	got, err := from.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name), WithDecryption: aws.Bool(true)})
	if missing := new(types.ParameterNotFound); errors.As(err, &missing) {
		err = ErrNoParameter
	}
	if err != nil {
		return "", fmt.Errorf("reading parameter %s: %w", name, err)
	}
	return aws.ToString(got.Parameter.Value), nil
}

// Mode is the mode's parameter in one region.
type Mode struct {
	parameters parameterStoreAPI
	name       string
}

// Mode implements observe.Modes.
func (m Mode) Mode(ctx context.Context) (controller.Mode, error) {
	value, err := readParameter(ctx, m.parameters, m.name)
	return controller.Mode(value), err
}

// SetMode implements cli.ModeSetter.
func (m Mode) SetMode(ctx context.Context, mode controller.Mode) error {
	_, err := m.parameters.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(m.name), Value: aws.String(string(mode)), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("setting parameter %s: %w", m.name, err)
	}
	return nil
}

// snsAPI is the part of SNS's API that is used.
type snsAPI interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Topic is a topic of one region.
type Topic struct {
	publisher snsAPI
	arn       string
}

// Publish implements notice.Topic.
func (t Topic) Publish(ctx context.Context, n notice.Notice) error {
	_, err := t.publisher.Publish(
		ctx,
		&sns.PublishInput{TopicArn: aws.String(t.arn), Subject: aws.String(n.Subject), Message: aws.String(n.Body)},
	)
	if err != nil {
		return fmt.Errorf("publishing to %s: %w", t.arn, err)
	}
	return nil
}

// lambdaAPI is the part of Lambda's API that is used.
type lambdaAPI interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Application is the application's function in the standby region.
type Application struct {
	invoker  lambdaAPI
	function string
}

// verifyTask is the event that has the application open the database with its region's replica of the secret.
const verifyTask = `{"task":"verify"}`

// Verify implements readiness.Application. The application answers {"verified":true}, or {"verified":false,"reason":"…"}, or
// fails.
func (a Application) Verify(ctx context.Context) error {
	got, err := a.invoker.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(a.function), Payload: []byte(verifyTask)})
	if err != nil {
		return fmt.Errorf("invoking function %s: %w", a.function, err)
	}
	if got.FunctionError != nil {
		return fmt.Errorf("function %s fails: %s", a.function, got.Payload)
	}
	var answer struct {
		Verified bool   `json:"verified"`
		Reason   string `json:"reason"`
	}
	if err := json.Unmarshal(got.Payload, &answer); err != nil {
		return fmt.Errorf("reading the answer of function %s, %q: %w", a.function, got.Payload, err)
	}
	if !answer.Verified {
		return fmt.Errorf("function %s does not open the database: %s", a.function, answer.Reason)
	}
	return nil
}

// s3API is the part of S3's API that is used.
type s3API interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Documents is a bucket of one region, for the probe document, whose content is the time at which it was written.
type Documents struct {
	objects s3API
	bucket  string
}

// probeKey is overwritten every time: only versions accumulate, and the bucket's lifecycle expires them.
const probeKey = controller.ProbePrefix + "replication"

// probeSizeLimit is more bytes than a time has.
const probeSizeLimit = 64

// WriteProbe implements controlloop.DocumentWriter.
func (d Documents) WriteProbe(ctx context.Context, at time.Time) error {
	_, err := d.objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(d.bucket), Key: aws.String(probeKey), Body: strings.NewReader(at.UTC().Format(time.RFC3339)),
		ContentType: aws.String("text/plain"),
	})
	if err != nil {
		return fmt.Errorf("writing %s of bucket %s: %w", probeKey, d.bucket, err)
	}
	return nil
}

// errNoProbe says that there is no probe document to read.
var errNoProbe = errors.New("no probe document has arrived, or this role may not read it")

// asNoProbe marks S3's two answers about a document that does not exist: 404 to a caller that may list the bucket, and 403 to any
// other, such as the controller (Amazon S3 API, GetObject, Permissions). They mean the same here. The controller gets no
// s3:ListBucket for the sake of a plainer error: it would list the names of patients' documents, because S3's page promises 404
// to a permission on the whole bucket, and to none that a condition limits to a prefix.
func asNoProbe(err error) error {
	var reason smithy.APIError
	if errors.As(err, &reason) && (reason.ErrorCode() == "NoSuchKey" || reason.ErrorCode() == "AccessDenied") {
		return fmt.Errorf("%w: %w", errNoProbe, err)
	}
	return err
}

// Probe implements readiness.Documents. The error wraps errNoProbe when there is no document.
func (d Documents) Probe(ctx context.Context) (time.Time, error) {
	got, err := d.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(d.bucket), Key: aws.String(probeKey)})
	if err = asNoProbe(err); err != nil {
		return time.Time{}, fmt.Errorf("reading %s of bucket %s: %w", probeKey, d.bucket, err)
	}
	defer got.Body.Close()
	written, err := io.ReadAll(io.LimitReader(got.Body, probeSizeLimit))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading %s of bucket %s: %w", probeKey, d.bucket, err)
	}
	at, err := time.Parse(time.RFC3339, string(written))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading %s of bucket %s: %w", probeKey, d.bucket, err)
	}
	return at, nil
}
