package secondopinion

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// scope is the credential scope of a signature: region and service (IAM User Guide, "Elements of an AWS API request signature").
var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// rpcPath is the path of a request in CBOR, which has the operation at its end (Smithy, "RPC v2 CBOR protocol").
var rpcPath = regexp.MustCompile(`/service/[^/]+/operation/(\w+)`)

// name finds what is asked for. Requests of REST have no name for it: their method and the fixed part of their path are one.
func (e *Exchange) name() {
	if found := scope.FindStringSubmatch(e.Header["Authorization"]); found != nil {
		e.region, e.service = found[1], found[2]
	}
	target := e.Header["X-Amz-Target"]
	form, err := url.ParseQuery(string(e.Body))
	path := rpcPath.FindStringSubmatch(e.URI)
	switch {
	case target != "":
		e.operation = target[strings.LastIndexByte(target, '.')+1:]
	case path != nil:
		e.operation = path[1]
	case strings.HasPrefix(e.Header["Content-Type"], "application/x-www-form-urlencoded") && err == nil && form.Get("Action") != "":
		e.operation = form.Get("Action")
	default:
		e.operation = e.Method + " " + e.route()
	}
}

// Operation names what is asked for, as sqs:CreateQueue.
func (e Exchange) Operation() string { return e.service + ":" + e.operation }

// version is a version of an API, or a lower-case word, with which paths of REST begin.
var version = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|[a-z-]*[a-z])$`)

// fixed are words of paths of the services that are asked by REST. A name of a user's choice may look like one.
var fixed = []string{
	"functions", "policy", "code", "configuration", "event-invoke-config", "versions", "code-signing-config", "tags", "untag", "backup-vaults",
	"access-policy", "vault-lock", "recovery-points", "backup", "plans", "selections", "restore-testing", "schedules", "schedule-groups",
	"hostedzone", "healthcheck", "rrset", "change", "dnssec", "hostedzonesbyname", "concurrency", "invocations",
}

// s3Control begins the paths of S3 Control, which signs as S3.
const s3Control = "v20180820"

// route is the path of a request of REST with * for names and ids.
func (e Exchange) route() string {
	address, err := url.ParseRequestURI(e.URI)
	if err != nil {
		return e.URI
	}
	parts := strings.Split(strings.Trim(address.EscapedPath(), "/"), "/")
	if e.service == "s3" {
		return routeOfS3(parts, address.RawQuery)
	}
	for i, part := range parts {
		if !slices.Contains(fixed, part) && (i > 0 || !version.MatchString(part)) {
			parts[i] = "*"
		}
	}
	return "/" + strings.Join(parts, "/")
}

// routeOfS3 is a bucket, and an object in it. A bucket's settings are distinguished by the query's first word.
func routeOfS3(parts []string, query string) string {
	path := "/*"
	if parts[0] == s3Control {
		path = "/" + s3Control
	}
	if len(parts) > 1 {
		path += "/*"
	}
	word, _, _ := strings.Cut(query, "&")
	if word, _, _ = strings.Cut(word, "="); word != "" {
		path += "?" + word
	}
	return path
}

// hostAtAWS is the host that the request would have gone to: the other emulator finds services of REST by their names.
func (e Exchange) hostAtAWS() string {
	switch {
	case e.service == "s3" && strings.HasPrefix(e.URI, "/"+s3Control+"/"):
		return account + ".s3-control." + e.region + ".amazonaws.com"
	case e.service == "route53" || e.service == "iam":
		return e.service + ".amazonaws.com"
	}
	return e.service + "." + e.region + ".amazonaws.com"
}

// good is the outcome of a request that was not refused.
const good = "ok"

var errorCode = []*regexp.Regexp{
	regexp.MustCompile(`<Code>([^<]+)</Code>`),
	regexp.MustCompile(`"(?:__type|code|Code)"\s*:\s*"(?:[^"]*#)?([^"]+)"`),
}

// outcome is good, or the code of an error, or its status where it has no code.
func outcome(status int, answer []byte, errorType string) string {
	if status < http.StatusBadRequest {
		return good
	}
	if name, _, _ := strings.Cut(errorType, ":"); name != "" {
		return name[strings.LastIndexByte(name, '#')+1:]
	}
	for _, pattern := range errorCode {
		if found := pattern.FindSubmatch(answer); found != nil {
			return string(found[1])
		}
	}
	return http.StatusText(status)
}
