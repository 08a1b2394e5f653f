package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/smithy-go"
)

// level is what a check has found.
type level int

const (
	well level = iota
	mend
	notKnown
)

// words begin the lines of a report, all of one width.
var words = map[level]string{well: "ok   ", mend: "MEND ", notKnown: "?    "}

// finding is the result of one check.
type finding struct {
	level level
	check string // what was looked at
	found string // what is there
	do    string // what to do; empty where nothing is
}

// report is all that was found, in the order of the checks.
type report []finding

// print prints a line a finding, a line below it of what to do, and the count. It returns the exit code.
func (r report) print(out io.Writer, emulated bool) int {
	counts := map[level]int{}
	for _, f := range r {
		counts[f.level]++
		fmt.Fprintf(out, "%s %-28s %s\n", words[f.level], f.check, f.found)
		if f.do != "" {
			fmt.Fprintf(out, "      %-28s -> %s\n", "", f.do)
		}
	}
	fmt.Fprintf(out, "\n%d ok, %d to mend, %d not known here\n", counts[well], counts[mend], counts[notKnown])
	switch {
	case counts[mend] > 0:
		return exitMend
	case counts[notKnown] > 0 && !emulated:
		return exitNotKnown
	}
	return exitWell
}

func ok(check, format string, values ...any) finding {
	return finding{level: well, check: check, found: fmt.Sprintf(format, values...)}
}

func toMend(check, found, do string) finding {
	return finding{level: mend, check: check, found: found, do: do}
}

// unknown is a question without an answer: an API that the endpoint lacks, or one that the caller may not ask.
func unknown(check, action string, err error) finding {
	f := finding{level: notKnown, check: check, found: "not known here: " + reason(err)}
	if refused(err) {
		f.do = "allow " + action + " to whoever runs this: `make doctor` reads and changes nothing"
	}
	return f
}

// refused says whether AWS has refused a question for want of a permission.
func refused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && (strings.Contains(api.ErrorCode(), "AccessDenied") || strings.Contains(api.ErrorCode(), "Unauthorized"))
}

// reason is an error in one line, without what AWS's SDK puts around it.
func reason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		if api.ErrorCode() == api.ErrorMessage() {
			return oneLine(api.ErrorCode())
		}
		return oneLine(api.ErrorCode() + ": " + api.ErrorMessage())
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return oneLine(err.Error())
}

// oneLine is a text without line feeds and of a length that a person reads.
func oneLine(text string) string {
	const most = 160
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ": ")
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}
