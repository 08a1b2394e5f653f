package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

type fakeInvoker struct {
	out lambda.InvokeOutput
	err error
	got string
}

func (f *fakeInvoker) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	f.got = string(in.Payload)
	return &f.out, f.err
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name string
		f    fakeInvoker
		says string
	}{
		{"the database opens", fakeInvoker{out: lambda.InvokeOutput{Payload: []byte(`{"verified":true}`)}}, ""},
		{
			name: "it does not",
			f:    fakeInvoker{out: lambda.InvokeOutput{Payload: []byte(`{"verified":false,"reason":"password authentication failed"}`)}},
			says: "password authentication failed",
		},
		{
			name: "the function fails",
			f:    fakeInvoker{out: lambda.InvokeOutput{FunctionError: aws.String("Unhandled"), Payload: []byte(`{"errorMessage":"boom"}`)}},
			says: "boom",
		},
		{"the function does not know the task", fakeInvoker{out: lambda.InvokeOutput{Payload: []byte(`null`)}}, "does not open"},
		{"the answer is none", fakeInvoker{out: lambda.InvokeOutput{Payload: []byte(`<`)}}, "reading the answer"},
		{"Lambda refuses", fakeInvoker{err: errors.New("denied")}, "denied"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Application{&test.f, "app"}.Verify(t.Context())
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("it ends with %v, want %q", err, test.says)
			}
			if test.f.got != `{"task":"verify"}` {
				t.Errorf("the function is sent %s", test.f.got)
			}
		})
	}
}

// fakeObjects is a bucket that replicates at once.
type fakeObjects map[string]string

func (f fakeObjects) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(in.Body)
	f[aws.ToString(in.Key)] = string(content)
	return &s3.PutObjectOutput{}, err
}

func (f fakeObjects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	content, primaryConfig := f[aws.ToString(in.Key)]
	if !primaryConfig {
		return nil, errors.New("no such key")
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(content))}, nil
}

func TestProbeDocument(t *testing.T) {
	t.Run("the probe document says when it was written", func(t *testing.T) {
		objects := fakeObjects{}
		bucket := Documents{objects, "documents"}
		if _, err := bucket.Probe(t.Context()); err == nil {
			t.Error("a document that never arrived is read")
		}
		want := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		if err := bucket.WriteProbe(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := bucket.Probe(t.Context()); err != nil || !got.Equal(want) || len(objects) != 1 {
			t.Errorf("it was written at %s (%v), want %s", got, err, want)
		}
		objects[probeKey] = "yesterday"
		if _, err := bucket.Probe(t.Context()); err == nil {
			t.Error("a document of no time is read")
		}
	})
}

// refusingObjects is a bucket that answers every read with an error.
type refusingObjects struct {
	fakeObjects
	err error
}

func (r refusingObjects) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, r.err
}

// A document that does not exist is 404 to who may list the bucket, and 403 to the controller's role.
func TestNoProbeDocument(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		absent bool
	}{
		{"a document is missing by S3's own exception", &s3types.NoSuchKey{}, true},
		{"a document is missing by its code", &smithy.GenericAPIError{Code: "NoSuchKey"}, true},
		{"a document that may not be listed is missing as well", &smithy.GenericAPIError{Code: "AccessDenied"}, true},
		{"a missing bucket is another fault", &smithy.GenericAPIError{Code: "NoSuchBucket"}, false},
		{"a fault of S3 says nothing of the document", &smithy.GenericAPIError{Code: "InternalError"}, false},
		{"a broken connection says nothing of the document", errors.New("connection reset"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			answered := fmt.Errorf("operation error S3: GetObject, %w", test.err)
			_, err := Documents{refusingObjects{nil, answered}, "documents"}.Probe(t.Context())
			if !errors.Is(err, test.err) || !strings.Contains(err.Error(), "of bucket documents") {
				t.Errorf("the error is %v, want one that has its cause and the bucket", err)
			}
			if errors.Is(err, errNoProbe) != test.absent {
				t.Errorf("the error is %v; that there is no document: want %t", err, test.absent)
			}
		})
	}
}

type fakeParameters map[string]string

func (f fakeParameters) GetParameter(
	_ context.Context,
	in *ssm.GetParameterInput,
	_ ...func(*ssm.Options),
) (*ssm.GetParameterOutput, error) {
	value, primaryConfig := f[aws.ToString(in.Name)]
	if !primaryConfig {
		return nil, &types.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String(value)}}, nil
}

func (f fakeParameters) PutParameter(
	_ context.Context,
	in *ssm.PutParameterInput,
	_ ...func(*ssm.Options),
) (*ssm.PutParameterOutput, error) {
	if !aws.ToBool(in.Overwrite) {
		return nil, errors.New("it is there already")
	}
	f[aws.ToString(in.Name)] = aws.ToString(in.Value)
	return &ssm.PutParameterOutput{}, nil
}

func TestMode(t *testing.T) {
	t.Run("the mode is read as it was set", func(t *testing.T) {
		mode := Mode{fakeParameters{}, "/mode"}
		if _, err := mode.Mode(t.Context()); !errors.Is(err, ErrNoParameter) {
			t.Errorf("a mode that is not there: %v", err)
		}
		if err := mode.SetMode(t.Context(), "advisory"); err != nil {
			t.Fatal(err)
		}
		if got, err := mode.Mode(t.Context()); err != nil || got != "advisory" {
			t.Errorf("the mode is %q (%v)", got, err)
		}
	})
}

// The attempts are what is tested: one that fails at once is made again only where it may be.
func TestRetries(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	base := aws.Config{BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	for _, test := range []struct {
		name string
		timeouts
		attempts int32
	}{{"usual", standard, 2}, {"once", noRetry, 1}, {"long", slowCall, 1}} {
		t.Run(test.name, func(t *testing.T) {
			asked.Store(0)
			settings := test.configFor(base, "us-west-2")
			if _, err := readParameter(t.Context(), ssm.NewFromConfig(settings), "/mode"); err == nil {
				t.Error("a service that is unavailable answers")
			}
			if got := asked.Load(); got != test.attempts || settings.Region != "us-west-2" {
				t.Errorf("%s is asked %d times, want %d", settings.Region, got, test.attempts)
			}
		})
	}
	for name, p := range map[string]timeouts{"usual": standard, "once": noRetry, "long": slowCall} {
		if p.connect <= 0 || p.response <= p.connect || p.attempts < 1 || p.attempts > 2 {
			t.Errorf("%s has %+v, want a timeout for everything and few attempts", name, p)
		}
	}
}
