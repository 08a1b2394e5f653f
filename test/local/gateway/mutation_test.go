package gateway

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnAnswerWaitsForASaveWhenItsCallChangesResources(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, host, service, form, target string
		want                                      effect
	}{
		"making a VPC":                  {method: "POST", path: "/", service: "ec2", form: "Action=CreateVpc", want: changes},
		"a gap's own change":            {method: "POST", path: "/", service: "ec2", form: "Action=DeleteFlowLogs", want: changes},
		"describing VPCs":               {method: "POST", path: "/", service: "ec2", form: "Action=DescribeVpcs", want: reads},
		"a gap's own reading":           {method: "POST", path: "/", service: "ec2", form: "Action=DescribeFlowLogs", want: reads},
		"making a log group":            {method: "POST", path: "/", service: "logs", target: "Logs_20140328.CreateLogGroup", want: changes},
		"writing log lines":             {method: "POST", path: "/", service: "logs", target: "Logs_20140328.PutLogEvents", want: moves},
		"sending events":                {method: "POST", path: "/", service: "events", target: "AWSEvents.PutEvents", want: moves},
		"making a rule":                 {method: "POST", path: "/", service: "events", target: "AWSEvents.PutRule", want: changes},
		"reading a secret":              {method: "POST", path: "/", service: "secretsmanager", target: "secretsmanager.GetSecretValue", want: reads},
		"making a function":             {method: "POST", path: "/2015-03-31/functions", service: "lambda", want: changes},
		"calling a function":            {method: "POST", path: "/2015-03-31/functions/f/invocations", service: "lambda", want: moves},
		"making a bucket":               {method: "PUT", path: "/bucket", service: "s3", want: changes},
		"making a bucket by its host":   {method: "PUT", path: "/", host: "bucket.s3.us-west-2.amazonaws.com", service: "s3", want: changes},
		"putting an object":             {method: "PUT", path: "/bucket/key", service: "s3", want: moves},
		"putting an object by its host": {method: "PUT", path: "/key", host: "bucket.s3.us-west-2.amazonaws.com", service: "s3", want: moves},
		"tagging a bucket":              {method: "POST", path: "/v20180820/tags/arn", service: "s3", want: changes},
		"reading a bucket":              {method: "GET", path: "/bucket", service: "s3", want: reads},
		"a load balancer's traffic":     {method: "POST", path: "/records", host: "app.us-west-2.elb.amazonaws.com", want: moves},
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
			got := reads
			switch {
			case f.saves.Load() > 0 && f.touches.Load() == 0:
				got = changes
			case f.saves.Load() == 0 && f.touches.Load() > 0:
				got = moves
			}
			if got != test.want {
				t.Errorf("saved %d times, touched %d times: effect %d, want %d", f.saves.Load(), f.touches.Load(), got, test.want)
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
