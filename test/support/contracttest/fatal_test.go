package contracttest_test

import (
	"fmt"
	"runtime"
	"testing"
)

// fatal is a test that records its failures, and does not fail.
type fatal struct {
	testing.TB
	message string
}

func (f *fatal) Helper() {}

func (f *fatal) Errorf(format string, args ...any) { f.message += fmt.Sprintf(format, args...) + "\n" }

func (f *fatal) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}
