package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	// regionHeader carries the region of an unsigned request to the emulator; launch.py removes it.
	regionHeader = "X-Warmstandby-Region"
	// formLimit bounds a query-protocol request, in bytes. AWS's own bound for EC2 user data, the largest field, is 16 KiB.
	formLimit = 1 << 20
)

// Call is a request as AWS would understand it. Unknown parts are empty.
type Call struct {
	*http.Request
	Region  string     // from the signature, else from the host name
	Service string     // as signed: "ec2", "s3"
	Action  string     // of the query and JSON protocols: "CreateVpc"
	Form    url.Values // of the query protocol

	viaLoadBalancer bool // the request arrived at a load balancer's own address

	endChange func(changed bool) error // of a call that changes resources: see groupCommit.begin
}

// scopePattern is the credential scope of Signature Version 4, in a header or a presigned URL.
// AWS: IAM User Guide, "Elements of an AWS API request signature".
var scopePattern = regexp.MustCompile(`^[^/\s,]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request$`)

// signatureScope returns the region and service that a request is signed for, empty when it is not signed.
func signatureScope(r *http.Request) (region, service string) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "); ok {
		for field := range strings.SplitSeq(fields, ",") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(field), "Credential="); ok {
				credential = value
			}
		}
	}
	found := scopePattern.FindStringSubmatch(credential)
	if found == nil {
		return "", ""
	}
	return found[1], found[2]
}

// parseCall reads a request. The body of a query-protocol request is read whole and restored for the emulator.
func (g *Gateway) parseCall(r *http.Request) (*Call, error) {
	call := &Call{Request: r}
	for _, name := range ownHeaders {
		r.Header.Del(name)
	}
	call.Region, call.Service = signatureScope(r)
	if call.Service != "" {
		r.Header.Set(protoHeader, "https")
	}
	if call.Region == "" {
		if call.Region = regionOfHost(r.Host); call.Region != "" {
			r.Header.Set(regionHeader, call.Region)
		}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		call.Action = actionOfTarget(target)
		return call, nil
	}
	// Only the query protocol is signed and sent as a form: a form to a load balancer belongs to its target.
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.Method != http.MethodPost || call.Service == "" || contentType != "application/x-www-form-urlencoded" {
		return call, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, formLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if len(body) > formLimit {
		return nil, fmt.Errorf("reading the request: a query of more than %d bytes", formLimit)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("reading the request's query: %w", err)
	}
	call.Form, call.Action = form, form.Get("Action")
	call.setBody(body)
	return call, nil
}

// setForm replaces the query that the emulator gets.
func (c *Call) setForm(form url.Values) {
	c.Form = form
	c.setBody([]byte(form.Encode()))
}

func (c *Call) setBody(body []byte) {
	c.Body = io.NopCloser(bytes.NewReader(body))
	c.ContentLength = int64(len(body))
	if c.Header.Get("Content-Length") != "" {
		c.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
}

// operation names a call in messages: "ec2:CreateVpc", or method and path.
func (c *Call) operation() string {
	if c.Action != "" {
		return c.Service + ":" + c.Action
	}
	return c.Method + " " + c.URL.Path
}

type callKey struct{}

func withCall(call *Call) context.Context {
	return context.WithValue(call.Context(), callKey{}, call)
}

func callOf(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	return call
}
