package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/spec"
)

// checkLogUsage is the command's line of the help. It needs no environment: the log is all that it reads.
const checkLogUsage = invocation.CheckLog + " FILE|-"

// checkLog checks a log of the failover controller against its specification: OK when nothing breaks a rule, Refused when
// something does, Unknown when the log cannot be read.
func checkLog(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) != 1 || len(args[0]) > 1 && args[0][0] == '-' {
		fmt.Fprintf(stderr, "usage: %s %s\n\nThe log is the function's log group, oldest line first: "+
			"aws logs tail /aws/lambda/FUNCTION --since 1d\n", invocation.Program, checkLogUsage)
		return Usage
	}
	log := stdin
	if args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			fmt.Fprintf(stderr, "%s %s: opening the log: %v\n", invocation.Program, invocation.CheckLog, err)
			return Unknown
		}
		defer file.Close()
		log = file
	}
	events, violations, err := spec.Check(log)
	if err != nil {
		fmt.Fprintf(stderr, "%s %s: checking %s: %v\n", invocation.Program, invocation.CheckLog, args[0], err)
		return Unknown
	}
	var failures error
	for _, v := range violations {
		_, err := fmt.Fprintln(stdout, v)
		failures = errors.Join(failures, err)
	}
	_, err = fmt.Fprintf(stdout, "%d events, %d violations\n", events, len(violations))
	if err := errors.Join(failures, err); err != nil {
		fmt.Fprintln(stderr, invocation.Program+": printing the answer:", err)
		return Failed
	}
	if len(violations) > 0 {
		return Refused
	}
	return OK
}
