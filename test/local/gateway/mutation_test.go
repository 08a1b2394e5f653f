package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// An answer waits for a save when its call changes resources.
func TestAnswerWaitsForSave(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, host, service, form, target string
		want                                      mutation
	}{
		"making a VPC":           {method: "POST", path: "/", service: "ec2", form: "Action=CreateVpc", want: changesResources},
		"a handler's own change": {method: "POST", path: "/", service: "ec2", form: "Action=DeleteFlowLogs", want: changesResources},
		"describing VPCs":        {method: "POST", path: "/", service: "ec2", form: "Action=DescribeVpcs", want: readOnly},
		"a handler's own read":   {method: "POST", path: "/", service: "ec2", form: "Action=DescribeFlowLogs", want: readOnly},
		"making a log group": {
			method: "POST", path: "/", service: "logs", target: "Logs_20140328.CreateLogGroup", want: changesResources,
		},
		"writing log lines": {method: "POST", path: "/", service: "logs", target: "Logs_20140328.PutLogEvents", want: changesData},
		"sending events":    {method: "POST", path: "/", service: "events", target: "AWSEvents.PutEvents", want: changesData},
		"making a rule":     {method: "POST", path: "/", service: "events", target: "AWSEvents.PutRule", want: changesResources},
		"reading a secret": {
			method: "POST", path: "/", service: "secretsmanager", target: "secretsmanager.GetSecretValue", want: readOnly,
		},
		"making a function":  {method: "POST", path: "/2015-03-31/functions", service: "lambda", want: changesResources},
		"calling a function": {method: "POST", path: "/2015-03-31/functions/f/invocations", service: "lambda", want: changesData},
		"making a bucket":    {method: "PUT", path: "/bucket", service: "s3", want: changesResources},
		"making a bucket by its host": {
			method: "PUT", path: "/", host: "bucket.s3.us-west-2.amazonaws.com", service: "s3", want: changesResources,
		},
		"putting an object": {method: "PUT", path: "/bucket/key", service: "s3", want: changesData},
		"putting an object by its host": {
			method: "PUT", path: "/key", host: "bucket.s3.us-west-2.amazonaws.com", service: "s3", want: changesData,
		},
		"tagging a bucket":          {method: "POST", path: "/v20180820/tags/arn", service: "s3", want: changesResources},
		"reading a bucket":          {method: "GET", path: "/bucket", service: "s3", want: readOnly},
		"a load balancer's traffic": {method: "POST", path: "/records", host: "app.us-west-2.elb.amazonaws.com", want: changesData},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<R/>")) })
			region, contentType := "us-east-1", ""
			if test.service == "" {
				region = ""
			}
			if test.form != "" {
				contentType = "application/x-www-form-urlencoded"
			}
			request := f.request(test.method, test.path, region, test.service, contentType, test.form)
			if test.host != "" {
				request.Host = test.host
			}
			if test.target != "" {
				request.Header.Set("X-Amz-Target", test.target)
			}
			f.send(request)
			got := readOnly
			switch {
			case f.saves.Load() > 0 && f.touches.Load() == 0:
				got = changesResources
			case f.saves.Load() == 0 && f.touches.Load() > 0:
				got = changesData
			}
			if got != test.want {
				t.Errorf("saved %d times, touched %d times: mutation %d, want %d", f.saves.Load(), f.touches.Load(), got, test.want)
			}
		})
	}
}

func TestARefusedChangeNeedsNoSave(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) })
	f.ec2("us-east-1", "CreateVpc")
	f.ec2("us-east-1", "CreateFlowLogs")
	if f.saves.Load() != 0 {
		t.Errorf("saved %d times after two refusals", f.saves.Load())
	}
}

func TestAChangeThatCannotBeSavedIsNotAcknowledged(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<R><vpcId>vpc-1</vpcId></R>")) })
	f.failing.Store(true)
	for _, action := range []string{"CreateVpc", "DeleteFlowLogs"} {
		status, body := f.ec2("us-east-1", action)
		if status != http.StatusServiceUnavailable || !strings.Contains(body, "no space left") || strings.Contains(body, "vpc-1") {
			t.Errorf("%s is answered %d %s, want 503 with the reason", action, status, body)
		}
	}
}
