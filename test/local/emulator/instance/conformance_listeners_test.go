package instance

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/testwait"
)

const elbService = "elasticloadbalancing"

// issued has ACM issue a certificate in us-west-2, and returns its ARN.
func (a aws) issued(names ...string) string {
	a.t.Helper()
	made := a.json(west, "acm", "RequestCertificate", object{"DomainName": names[0], "SubjectAlternativeNames": names})
	arn, _ := made["CertificateArn"].(string)
	return arn
}

// listener makes a listener of a load balancer in us-west-2 and returns the answer.
func (a aws) listener(balancer, protocol, port string, fields ...string) (status int, body string) {
	a.t.Helper()
	return a.try(west, elbService, "CreateListener",
		append([]string{"LoadBalancerArn", balancer, "Protocol", protocol, "Port", port}, fields...)...)
}

// The actions of listeners: a fixed response, and the redirect that stands beside HTTPS.
var (
	answersFixed = []string{
		"DefaultActions.member.1.Type", "fixed-response", "DefaultActions.member.1.FixedResponseConfig.StatusCode", "200",
		"DefaultActions.member.1.FixedResponseConfig.MessageBody", "by HTTPS",
	}
	leadsToHTTPS = []string{
		"DefaultActions.member.1.Type", "redirect", "DefaultActions.member.1.RedirectConfig.Protocol", "HTTPS",
		"DefaultActions.member.1.RedirectConfig.Port", "443", "DefaultActions.member.1.RedirectConfig.StatusCode", "HTTP_301",
	}
)

// secureClient is a client whose proxy the gateway is, and that trusts the authority of its load balancers.
func (e *environment) secureClient(endpoint string) *http.Client {
	e.t.Helper()
	content, err := os.ReadFile(certificate.AuthorityFile(e.folder.CertificatesDir()))
	if err != nil {
		e.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	proxy, err := url.Parse(endpoint)
	if err != nil {
		e.t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	e.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Listeners have their certificates, which ACM must have, and speak TLS with them, also after a restart. HTTP leads to HTTPS.
func TestListeners(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	made := a.query(west, elbService, "CreateLoadBalancer", "Name", "alb-secure")
	balancer, own := a.field(made, "LoadBalancerArn"), "us-west-2.app.test"
	arn := a.issued("app.test", own)
	elsewhere, _ := a.json(east, "acm", "RequestCertificate", object{"DomainName": "app.test"})["CertificateArn"].(string)
	const certificateField = "Certificates.member.1.CertificateArn"
	for _, refused := range []struct{ name, protocol, certificate, code string }{
		{"HTTPS without a certificate", "HTTPS", "", "ValidationError"},
		{"HTTP with one", "HTTP", arn, "ValidationError"},
		{"one that ACM does not have", "HTTPS", arn + "0", "CertificateNotFound"},
		{"one of another region", "HTTPS", elsewhere, "CertificateNotFound"},
	} {
		fields := answersFixed
		if refused.certificate != "" {
			fields = append([]string{certificateField, refused.certificate}, fields...)
		}
		if status, body := a.listener(balancer, refused.protocol, "8443", fields...); status != http.StatusBadRequest ||
			!strings.Contains(body, "<Code>"+refused.code+"</Code>") {
			t.Errorf("%s: %d %s, want %s", refused.name, status, body, refused.code)
		}
	}
	if status, body := a.listener(balancer, "HTTP", "80", answersFixed...); status != http.StatusOK {
		t.Fatalf("a listener of HTTP: %d %s", status, body)
	}
	plain := a.field(a.query(west, elbService, "DescribeListeners", "LoadBalancerArn", balancer), "ListenerArn")
	const policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
	status, body := a.listener(balancer, "HTTPS", "443", append([]string{certificateField, arn, "SslPolicy", policy}, answersFixed...)...)
	if status != http.StatusOK || !strings.Contains(body, arn) {
		t.Fatalf("a listener of HTTPS: %d %s", status, body)
	}
	// An environment that gets a certificate changes the listener of port 80 in place.
	a.query(west, elbService, "ModifyListener", append([]string{"ListenerArn", plain}, leadsToHTTPS...)...)
	a.zone(own, `<Name>`+own+`</Name><Type>A</Type><AliasTarget><HostedZoneId>Z</HostedZoneId><DNSName>`+a.field(made, "DNSName")+
		`</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>`)
	for _, when := range []string{"at first", "after a restart"} {
		described := a.query(west, elbService, "DescribeListeners", "LoadBalancerArn", balancer)
		for _, part := range []string{
			"<CertificateArn>" + arn + "</CertificateArn>", "<SslPolicy>" + policy + "</SslPolicy>", "<Query>#{query}</Query>",
		} {
			if strings.Count(described, part) != 1 {
				t.Errorf("%s: not once %s in %s", when, part, described)
			}
		}
		client := e.secureClient(a.endpoint)
		get := func(address string) (status int, location, body string, err error) {
			response, err := client.Get(address)
			if err != nil {
				return 0, "", "", err
			}
			defer response.Body.Close()
			content, err := io.ReadAll(response.Body)
			return response.StatusCode, response.Header.Get("Location"), string(content), err
		}
		testwait.Until(t, "the load balancer speaks TLS "+when, func() error {
			if status, _, body, err := get("https://" + own + "/"); err != nil || status != http.StatusOK || body != "by HTTPS" {
				return fmt.Errorf("it answers %d %q, %w", status, body, err)
			}
			return nil
		})
		for _, path := range []string{"/", "/records/1?next=a%2Fb&x"} {
			status, location, _, err := get("http://" + own + path)
			if want := "https://" + own + ":443" + path; err != nil || status != http.StatusMovedPermanently || location != want {
				t.Errorf("%s: %s by HTTP is answered %d to %s, %v; want %s", when, path, status, location, err, want)
			}
		}
		e.down()
		a.endpoint = e.up().Endpoint
	}
	secured := append([]string{"ListenerArn", plain, "Protocol", "HTTPS"}, answersFixed...)
	if status, body := a.try(west, elbService, "ModifyListener", secured...); status != http.StatusBadRequest {
		t.Errorf("a listener that is to speak TLS without a certificate: %d %s", status, body)
	}
}
