package instance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// aws sends requests of its own making to one instance: the project's SDK clients are another module's.
type aws struct {
	t        *testing.T
	endpoint string
}

// query sends a query-protocol request, given as Key, value, Key, value, and returns the answer, which must be good.
func (a aws) query(region, service, action string, fields ...string) string {
	a.t.Helper()
	status, body := a.try(region, service, action, fields...)
	if status != http.StatusOK {
		a.t.Fatalf("%s in %s: %d %s", action, region, status, body)
	}
	return body
}

func (a aws) try(region, service, action string, fields ...string) (status int, body string) {
	a.t.Helper()
	status, body, err := a.send(region, service, action, fields...)
	if err != nil {
		a.t.Fatal(err)
	}
	return status, body
}

// send is for goroutines of a test: it ends none.
func (a aws) send(region, service, action string, fields ...string) (status int, body string, err error) {
	versions := map[string]string{
		"ec2": "2016-11-15", "iam": "2010-05-08", "elasticloadbalancing": "2015-12-01", "sns": "2010-03-31", "rds": "2014-10-31",
	}
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.endpoint+"/", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sign(request, region, service)
	return roundTrip(request)
}

// object is a JSON object.
type object map[string]any

// jsonTargets are the prefixes of operations in the JSON protocol, by service as signed.
var jsonTargets = map[string]string{
	"acm":            "CertificateManager",
	"events":         "AWSEvents",
	"kms":            "TrentService",
	"logs":           "Logs_20140328",
	"secretsmanager": "secretsmanager",
	"sqs":            "AmazonSQS",
	"ssm":            "AmazonSSM",
}

// json sends a JSON-protocol request and returns the answer, which must be good.
func (a aws) json(region, service, action string, input object) object {
	a.t.Helper()
	status, output := a.tryJSON(region, service, action, input)
	if status != http.StatusOK {
		a.t.Fatalf("%s in %s: %d %v", action, region, status, output)
	}
	return output
}

func (a aws) tryJSON(region, service, action string, input object) (status int, output object) {
	a.t.Helper()
	status, output, err := a.sendJSON(region, service, action, input)
	if err != nil {
		a.t.Fatal(err)
	}
	return status, output
}

// sendJSON is for goroutines of a test: it ends none.
func (a aws) sendJSON(region, service, action string, input object) (status int, output object, err error) {
	body, err := json.Marshal(input)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", jsonTargets[service]+"."+action)
	sign(request, region, service)
	status, answer, err := roundTrip(request)
	if err != nil || answer == "" {
		return status, nil, err
	}
	return status, output, json.Unmarshal([]byte(answer), &output)
}

func sign(request *http.Request, region, service string) {
	request.Header.Set(
		"Authorization",
		fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service),
	)
}

func (a aws) do(request *http.Request) (status int, body string) {
	a.t.Helper()
	status, body, err := roundTrip(request)
	if err != nil {
		a.t.Fatal(err)
	}
	return status, body
}

func roundTrip(request *http.Request) (status int, body string, err error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// field returns the text of the first element of that name.
func (a aws) field(body, name string) string {
	a.t.Helper()
	found := regexp.MustCompile(`<` + name + `>([^<]*)</` + name + `>`).FindStringSubmatch(body)
	if found == nil {
		a.t.Fatalf("no <%s> in %s", name, body)
	}
	return found[1]
}

// vpc makes a VPC and returns its id.
func (a aws) vpc(region, cidr string) string {
	a.t.Helper()
	return a.field(a.query(region, "ec2", "CreateVpc", "CidrBlock", cidr), "vpcId")
}

// vpcExists says whether a VPC is there.
func (a aws) vpcExists(region, id string) bool {
	a.t.Helper()
	_, body := a.try(region, "ec2", "DescribeVpcs", "VpcId.1", id)
	return strings.Contains(body, "<vpcId>"+id+"</vpcId>")
}
