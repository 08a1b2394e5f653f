package gateway

import (
	"fmt"
	"strings"
)

// certificateField names the certificate of a listener in CreateListener and ModifyListener. AWS: Elastic Load Balancing API Reference,
// CreateListener, Certificates: one entry.
const certificateField = "Certificates.member.1.CertificateArn"

// newListenerCertificates refuses listeners whose certificate ACM does not have in their region, and those that lack one, or must not
// have one.
func newListenerCertificates(string) (Handler, error) {
	return Handler{
		Name:    "certificates of listeners",
		AWS:     "A listener of HTTPS has a certificate that there is in its region, and no other listener has one.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html",
		Matches: matchActions("elasticloadbalancing", "CreateListener", "ModifyListener"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			protocol, standing, err := g.listenerProtocol(c)
			if err != nil {
				return nil, err
			}
			given := c.Form.Get(certificateField)
			var refusal apiResponse
			switch {
			case protocol != "HTTPS" && given != "":
				refusal = elbError("ValidationError", fmt.Sprintf("A certificate cannot be specified for %s listeners", protocol))
			case protocol == "HTTPS" && given == "" && standing == "":
				refusal = elbError("ValidationError", "A certificate must be specified for HTTPS listeners")
			case given != "":
				_, err := g.certificateNames(c.Context(), c.Region, given)
				if err != nil && strings.Contains(err.Error(), "ResourceNotFoundException") {
					refusal = elbError("CertificateNotFound", fmt.Sprintf("Certificate '%s' not found", given))
				}
			}
			if refusal.Status == 0 {
				return nil, nil
			}
			return &refusal, nil
		},
	}, nil
}

// listenerProtocol returns the protocol that a listener will have after a call, and the certificate that it has before.
func (g *Gateway) listenerProtocol(c *Call) (protocol, certificate string, err error) {
	protocol = c.Form.Get("Protocol")
	if c.Action == "CreateListener" {
		return protocol, "", nil
	}
	described, err := g.describe(c.Context(), c.Region, c.Service, "DescribeListeners", "ListenerArns.member.1", c.Form.Get("ListenerArn"))
	if err != nil {
		return "", "", err
	}
	listener := described.find("DescribeListenersResult", "Listeners", "member")
	if listener == nil {
		return protocol, "", nil // The emulator answers that there is none.
	}
	if protocol == "" {
		protocol = listener.findText("Protocol")
	}
	return protocol, listener.findText("Certificates", "member", "CertificateArn"), nil
}
