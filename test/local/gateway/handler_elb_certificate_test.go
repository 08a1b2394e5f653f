package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A listener's certificate is one that ACM has in the listener's region.
func TestCertificatesOfListeners(t *testing.T) {
	const certificates = "arn:aws:acm:us-east-1:" + account + ":certificate/"
	const there, missing = certificates + "there", certificates + "missing"
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(targetHeader) != "" {
			if asked, _ := io.ReadAll(r.Body); !strings.Contains(string(asked), there) {
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
				return
			}
			io.WriteString(w, `{"Certificate":{"Status":"ISSUED","DomainName":"app.test"}}`)
			return
		}
		canned(map[string]string{
			"CreateListener": `<R><ok/></R>`, "ModifyListener": `<R><ok/></R>`,
			"DescribeListeners": map[string]string{
				"secure": `<R><DescribeListenersResult><Listeners><member><Protocol>HTTPS</Protocol><Certificates><member><CertificateArn>` + there +
					`</CertificateArn></member></Certificates></member></Listeners></DescribeListenersResult></R>`,
				"plain": `<R><DescribeListenersResult><Listeners><member><Protocol>HTTP</Protocol></member></Listeners></DescribeListenersResult></R>`,
				"none":  `<R><DescribeListenersResult><Listeners/></DescribeListenersResult></R>`,
			}[r.FormValue("ListenerArns.member.1")],
		})(w, r)
	})
	for _, test := range []struct {
		name   string
		action string
		fields []string
		code   string // of the refusal
	}{
		{"HTTP", "CreateListener", []string{"Protocol", "HTTP"}, ""},
		{"HTTP with a certificate", "CreateListener", []string{"Protocol", "HTTP", certificateField, there}, "ValidationError"},
		{"HTTPS", "CreateListener", []string{"Protocol", "HTTPS", certificateField, there}, ""},
		{"HTTPS without a certificate", "CreateListener", []string{"Protocol", "HTTPS"}, "ValidationError"},
		{"HTTPS with one that is missing", "CreateListener", []string{"Protocol", "HTTPS", certificateField, missing}, "CertificateNotFound"},
		{"another certificate", "ModifyListener", []string{"ListenerArn", "secure", certificateField, there}, ""},
		{"another that is missing", "ModifyListener", []string{"ListenerArn", "secure", certificateField, missing}, "CertificateNotFound"},
		{"what is not the certificate", "ModifyListener", []string{"ListenerArn", "secure", "Port", "8443"}, ""},
		{"from HTTP to HTTPS without one", "ModifyListener", []string{"ListenerArn", "plain", "Protocol", "HTTPS"}, "ValidationError"},
		{"from HTTP to HTTPS", "ModifyListener", []string{"ListenerArn", "plain", "Protocol", "HTTPS", certificateField, there}, ""},
		{"from HTTPS to HTTP", "ModifyListener", []string{"ListenerArn", "secure", "Protocol", "HTTP"}, ""},
		{"a certificate of HTTP", "ModifyListener", []string{"ListenerArn", "plain", certificateField, there}, "ValidationError"},
		{"one that is not there", "ModifyListener", []string{"ListenerArn", "none", "Port", "81"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := f.query("us-east-1", "elasticloadbalancing", test.action, test.fields...)
			if refused := status == http.StatusBadRequest; refused != (test.code != "") || !strings.Contains(body, test.code) {
				t.Errorf("it is answered %d %s, want the code %q", status, body, test.code)
			}
		})
	}
}
