package gateway

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

const (
	// judgeHeader asks the emulator whether a request is allowed, without carrying it out; judge.py removes it.
	judgeHeader = "X-Warmstandby-Judge"
	// signedHostHeader carries the host for which a request was signed that is sent on to another; judge.py reads it.
	signedHostHeader = "X-Warmstandby-Host"
	// judgedLimit bounds a request that is judged before a handler runs, in bytes. Lambda's bound for a function's code in a request
	// is 50 MB. AWS: AWS Lambda Developer Guide, "Lambda quotas".
	judgedLimit = 64 << 20
	// sessionToken is the header of temporary credentials. AWS: IAM User Guide, "Create a signed AWS API request".
	sessionToken = "X-Amz-Security-Token"
	// protoHeader says by which protocol a client came. Policies deny what comes without TLS (aws:SecureTransport), and this
	// endpoint stands for AWS's, at which clients speak TLS.
	protoHeader = "X-Forwarded-Proto"
)

// administratorKey is the access key that commands use: that of the account's root user, to whom IAM denies nothing. The emulator
// also takes an account's number for one.
var administratorKey = regexp.MustCompile(`^(test|\d{12})$`)

// ownHeaders are headers that only the gateway may send to the emulator; a client's are removed.
var ownHeaders = [...]string{regionHeader, judgeHeader, signedHostHeader, serviceEventHeader, listenerHeader}

// accessKey returns the access key of a signed request's header, "" when there is none.
func accessKey(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	return key
}

// judge has the emulator decide whether a call that a handler answers is allowed: by its signature, the policies of its principal,
// and those of the resource. It returns AWS's refusal, or nil, and then what handlers send to the emulator for the call is the
// gateway's own. The emulator has the one policy engine. A request that is not signed is a user's, of a load balancer.
func (g *Gateway) judge(call *Call) (*apiResponse, error) {
	if call.Service == "" || administratorKey.MatchString(accessKey(call.Request)) {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(call.Body, judgedLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", call.operation(), err)
	}
	if len(body) > judgedLimit {
		return nil, fmt.Errorf("reading %s: more than %d bytes", call.operation(), judgedLimit)
	}
	asked := *call
	asked.Request = call.Request.Clone(call.Context())
	asked.Header.Set(judgeHeader, "yes")
	asked.setBody(body)
	call.setBody(body)
	resp, err := g.callEmulator(&asked)
	if err != nil {
		return nil, err
	}
	if resp.Status != http.StatusNoContent {
		return &resp, nil
	}
	signAs(call.Request, call.Region, call.Service)
	call.Header.Del(sessionToken)
	return nil, nil
}
