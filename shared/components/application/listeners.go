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

	// tlsPolicy takes TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone, and offers key exchange that
	// withstands quantum computers to who speaks it: what AWS recommends (Elastic Load Balancing, "Security policies for
	// your Application Load Balancer").
	tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
)

// listener is a port on which the load balancer answers.
type listener struct {
	port        int
	certificate string // HTTP without one
	// redirectTo is the HTTPS port that clients are sent to; 0 forwards to the function.
	redirectTo int
}

// listeners is what the load balancer answers on. With a certificate whoever comes to port 80 is sent on to HTTPS, when
// that is at its own port: the security group opens port 80 with port 443 alone.
func listeners(args Args) []listener {
	rows := []listener{{port: args.ListenerPort, certificate: args.CertificateARN}}
	if args.CertificateARN != "" && args.ListenerPort == httpsPort {
		rows = append(rows, listener{port: httpPort, redirectTo: httpsPort})
	}
	return rows
}

// build makes the listener after the function is attached, so that nobody is answered 503 in between. It is called after
// its port: an environment that gets a certificate changes what port 80 does, in place, and meets no listener of its own.
func (l listener) build(ctx *pulumi.Context, owner *balancer, in region.Region, attached pulumi.Resource) error {
	action := lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: owner.targetGroup}
	if l.redirectTo != 0 {
		action = lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String(strconv.Itoa(l.redirectTo)), StatusCode: pulumi.String("HTTP_301"),
			},
		}
	}
	listenerArgs := &lb.ListenerArgs{
		LoadBalancerArn: owner.arn, Port: pulumi.Int(l.port), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{action},
	}
	if l.certificate != "" {
		listenerArgs.Protocol = pulumi.String("HTTPS")
		listenerArgs.CertificateArn = pulumi.String(l.certificate)
		listenerArgs.SslPolicy = pulumi.String(tlsPolicy)
	}
	logical := fmt.Sprintf("port-%d-%s", l.port, in.Role)
	_, err := lb.NewListener(ctx, logical, listenerArgs, in.Child(owner, pulumi.DependsOn([]pulumi.Resource{attached}))...)
	if err != nil {
		return fmt.Errorf("building listener %s: %w", logical, err)
	}
	return nil
}
