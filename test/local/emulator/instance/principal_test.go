package instance

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// everything is the resource of a statement that is about something else.
const everything = "*"

// allow is a statement of a role's policy.
func allow(resource any, actions ...string) object {
	return object{"Effect": "Allow", "Action": actions, "Resource": resource}
}

// policyOf is a policy document.
func policyOf(statements ...object) string {
	text, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // objects can always be encoded
	}
	return string(text)
}

// role makes a role that a service and the account's root user may assume, or gives the one of that name this policy, and returns
// its ARN. Without statements the role has no policy.
func (a aws) role(name, service string, statements ...object) string {
	a.t.Helper()
	trust := policyOf(object{
		"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": object{"Service": service, "AWS": "arn:aws:iam::" + testAccount + ":root"},
	})
	if status, body := a.try(east, "iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust); status != http.StatusOK &&
		!strings.Contains(body, "EntityAlreadyExists") {
		a.t.Fatalf("making role %s: %d %s", name, status, body)
	}
	if len(statements) == 0 {
		return "arn:aws:iam::" + testAccount + ":role/" + name
	}
	a.query(east, "iam", "PutRolePolicy", "RoleName", name, "PolicyName", "own", "PolicyDocument", policyOf(statements...))
	return "arn:aws:iam::" + testAccount + ":role/" + name
}

// functionRole is the role of functions that a test does not care about.
func (a aws) functionRole() string {
	a.t.Helper()
	return a.role("app", "lambda.amazonaws.com", allow(everything, "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"))
}

// forwarder is the role of rules whose target is another region's bus.
func (a aws) forwarder() string {
	a.t.Helper()
	return a.role("forward", "events.amazonaws.com", allow(everything, "events:PutEvents"))
}

// starter is the role of schedules.
func (a aws) starter() string {
	a.t.Helper()
	return a.role("start", "scheduler.amazonaws.com", allow(everything, "events:PutEvents", "lambda:InvokeFunction", "sqs:SendMessage"))
}

// principal is who signs a request: a session of a role.
type principal struct {
	endpoint           string
	key, secret, token string
}

// assume returns a session of a role.
func (a aws) assume(role string) principal {
	a.t.Helper()
	session := a.query(east, "sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "test")
	return principal{
		endpoint: a.endpoint,
		key:      a.field(session, "AccessKeyId"), secret: a.field(session, "SecretAccessKey"), token: a.field(session, "SessionToken"),
	}
}

// query sends a query-protocol request, given as Key, value, Key, value.
func (p principal) query(ctx context.Context, region, service, action string, fields ...string) (status int, body string, err error) {
	form := url.Values{"Action": {action}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	const kind = "application/x-www-form-urlencoded; charset=utf-8"
	return p.send(ctx, http.MethodPost, "/", region, service, []byte(form.Encode()), http.Header{"Content-Type": {kind}})
}

// json sends a request of the JSON protocol.
func (p principal) json(ctx context.Context, region, service, target string, input object) (status int, body string, err error) {
	content, err := json.Marshal(input)
	if err != nil {
		return 0, "", err
	}
	return p.send(ctx, http.MethodPost, "/", region, service, content, http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target},
	})
}

// send signs a request and sends it. AWS: IAM User Guide, "Create a signed AWS API request".
func (p principal) send(
	ctx context.Context, method, path, region, service string, body []byte, headers http.Header,
) (status int, answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, p.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header = headers.Clone()
	now, hash := time.Now().UTC(), hexOf(body)
	stamp, day := now.Format("20060102T150405Z"), now.Format("20060102")
	request.Header.Set("X-Amz-Date", stamp)
	request.Header.Set("X-Amz-Content-Sha256", hash)
	request.Header.Set("X-Amz-Security-Token", p.token)
	const signed = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"
	canonical := strings.Join([]string{
		method, path, "", "host:" + request.URL.Host, "x-amz-content-sha256:" + hash, "x-amz-date:" + stamp, "x-amz-security-token:" + p.token,
		"", signed, hash,
	}, "\n")
	scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hexOf([]byte(canonical))}, "\n")
	key := []byte("AWS4" + p.secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = sealed(key, part)
	}
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", p.key, scope, signed, hex.EncodeToString(sealed(key, text)),
	))
	return roundTrip(request)
}

func sealed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
