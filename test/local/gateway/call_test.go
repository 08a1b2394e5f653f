package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAListEndsAtItsFirstGap(t *testing.T) {
	form := url.Values{"Id.1": {"a"}, "Id.2": {""}, "Id.4": {"d"}, "Id": {"x"}}
	if got := listParam(form, "Id"); !slices.Equal(got, []string{"a", ""}) {
		t.Errorf("got %q", got)
	}
}

// FuzzCall holds that any signed query is read or refused, that a region and a service read from a signature have the form
// of names, and that the body which the emulator gets means the same.
func FuzzCall(f *testing.F) {
	f.Add(
		"AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0",
		"Action=CreateVpc&CidrBlock=10.0.0.0%2F16", "app.us-west-2.elb.amazonaws.com",
	)
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/20250101/../ec2/aws4_request", "Action=%zz", "[::1]:80")
	f.Add("Bearer x", "", "")
	f.Fuzz(func(t *testing.T, authorization, body, host string) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Host = host
		request.Header.Set("Authorization", authorization)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		call, err := (&Gateway{}).parseCall(request)
		if err != nil {
			return
		}
		if strings.Trim(call.Region+call.Service, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q and %q give region %q and service %q", authorization, host, call.Region, call.Service)
		}
		if call.Form == nil {
			return
		}
		call.setForm(call.Form)
		again, err := (&Gateway{}).parseCall(call.Request)
		if err != nil || again.Form.Encode() != call.Form.Encode() {
			t.Errorf("%q is passed on as %v, %v", body, again, err)
		}
	})
}

// FuzzHost holds that no host name is taken for AWS's unless it ends in AWS's domains, whatever it holds otherwise.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{
		"app.us-west-2.elb.amazonaws.com:80", "S3.AMAZONAWS.COM.", "111122223333.127.0.0.1:4566", "[::1]:1", ".", "us-west-2",
		"a.us-west-2.localhost",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if region := regionOfHost(host); region != "" && (!isAWSHost(host) || !strings.Contains(strings.ToLower(host), region)) {
			t.Errorf("%q gives region %q", host, region)
		}
		if account, rest, ok := accountPrefix(host); ok && (account+"."+rest != host || len(account) != 12) {
			t.Errorf("%q splits into %q and %q", host, account, rest)
		}
	})
}
