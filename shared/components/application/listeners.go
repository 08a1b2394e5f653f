package application

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const (
	httpPort  = 80
	httpsPort = 443

	// tlsPolicy is AWS's recommendation: TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone, and optional
	// post-quantum key exchange (Elastic Load Balancing, "Security policies for your Application Load Balancer").
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
)

// listener is a port of the load balancer.
type listener struct {
	port        int
	certificate string // HTTP without one
	// redirectTo is the HTTPS port that clients are sent to; 0 forwards to the function.
	redirectTo int
}

// listeners returns the load balancer's listeners. With HTTPS on port 443 there is a redirect on port 80, which the security
// group opens together with port 443 alone.
func listeners(args Args) []listener {
	rows := []listener{{port: args.ListenerPort, certificate: args.CertificateARN}}
	if args.CertificateARN != "" && args.ListenerPort == httpsPort {
		rows = append(rows, listener{port: httpPort, redirectTo: httpsPort})
	}
	return rows
}

// build builds the listener after the function is attached, so that no request is answered 503 in between. The logical name
// has the port in it: an environment that gets a certificate changes the listener of port 80 in place.
func (l listener) build(ctx *pulumi.Context, parent *balancer, in region.Region, attached pulumi.Resource) error {
	action := lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: parent.targetGroup}
	if l.redirectTo != 0 {
		action = lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String(strconv.Itoa(l.redirectTo)), StatusCode: pulumi.String("HTTP_301"),
			},
		}
	}
	listenerArgs := &lb.ListenerArgs{
		LoadBalancerArn: parent.arn, Port: pulumi.Int(l.port), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{action},
	}
	if l.certificate != "" {
		listenerArgs.Protocol = pulumi.String("HTTPS")
		listenerArgs.CertificateArn = pulumi.String(l.certificate)
		listenerArgs.SslPolicy = pulumi.String(tlsPolicy)
	}
	logical := fmt.Sprintf("port-%d-%s", l.port, in.Role)
	_, err := lb.NewListener(ctx, logical, listenerArgs, in.Child(parent, pulumi.DependsOn([]pulumi.Resource{attached}))...)
	if err != nil {
		return fmt.Errorf("building listener %s: %w", logical, err)
	}
	return nil
}
