package services

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// answers are the outputs or errors of a fake AWS, by operation, for each call in turn.
type answers map[string][]any

// fake answers for every service in front of the SDK: nothing is sent.
type fake struct {
	t  *testing.T
	mu sync.Mutex
	answers
}

func (f *fake) settings(region string) aws.Config {
	return aws.Config{Region: region, APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("fake", f.answer), middleware.Before)
	}}}
}

func (f *fake) answer(
	_ context.Context,
	cfg middleware.InitializeInput,
	_ middleware.InitializeHandler,
) (out middleware.InitializeOutput, _ middleware.Metadata, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	operation := strings.TrimSuffix(reflect.TypeOf(cfg.Parameters).Elem().Name(), "Input") // as the SDK names its types
	next := f.answers[operation]
	if len(next) == 0 {
		f.t.Errorf("%s is called more often than there are answers", operation)
		return out, middleware.Metadata{}, fmt.Errorf("%s: no answer is prepared", operation)
	}
	f.answers[operation] = next[1:]
	if err, ok := next[0].(error); ok {
		return out, middleware.Metadata{}, err
	}
	out.Result = next[0]
	return out, middleware.Metadata{}, nil
}

// errRefused is an error that does not imply whether the resource exists.
var errRefused = errors.New("refused for the test")

// noSuch is a service's error code for a resource that does not exist.
func noSuch(code string) error { return &smithy.GenericAPIError{Code: code, Message: "it is gone"} }
