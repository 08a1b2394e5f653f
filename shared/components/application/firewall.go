package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
)

// The types of AWS WAF. They are registered by their tokens: the SDK's package wafv2 is 12 MB of source for statements that are nested
// three deep, which compile for minutes (decision 47). A test holds the properties to that source.
const (
	webACLType         = "aws:wafv2/webAcl:WebAcl"
	associationType    = "aws:wafv2/webAclAssociation:WebAclAssociation"
	firewallLoggerType = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

	firewallType = "warmstandby:application:Firewall"
)

// Firewall are the settings of AWS WAF before the load balancer.
type Firewall struct {
	// Enabled builds it.
	Enabled bool
	// RateLimit is how many requests one address may send in five minutes.
	RateLimit int
}

// firewallPeriodSeconds is the period of the rate limit: AWS WAF's default (AWS WAF API, RateBasedStatement, EvaluationWindowSec).
const firewallPeriodSeconds = 300

type firewallArgs struct {
	Args
	// logGroup is the name of the log group, keyARN encrypts it.
	logGroup string
	keyARN   pulumi.StringInput
	balancer *balancer
}

// firewall is the web ACL of the load balancer, with its log.
type firewall struct {
	pulumi.ResourceState
}

// webACL is the web ACL as Pulumi knows it.
type webACL struct {
	pulumi.CustomResourceState

	Arn pulumi.StringOutput `pulumi:"arn"`
}

// newFirewall builds the web ACL and puts it before the load balancer.
func newFirewall(ctx *pulumi.Context, name string, args firewallArgs, opts ...pulumi.ResourceOption) (*firewall, error) {
	built := &firewall{}
	if err := ctx.RegisterComponentResource(firewallType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering firewall %s: %w", name, err)
	}
	physical, err := args.Region.Named(naming.WebACL, purpose)
	if err != nil {
		return nil, err
	}
	acl := &webACL{}
	err = ctx.RegisterResource(webACLType, physical, pulumi.Map{
		"name":          pulumi.String(physical),
		"description":   pulumi.String("Requests to the application in the " + string(args.Region.Role) + " region"),
		"scope":         pulumi.String("REGIONAL"),
		"defaultAction": pulumi.Map{"allow": pulumi.Map{}},
		// The metric's name may have no other characters than these (AWS WAF API, VisibilityConfig, MetricName).
		"visibilityConfig": visibility(physical),
		"rules":            firewallRules(args.Firewall.RateLimit),
	}, acl, args.Region.Child(built)...)
	if err != nil {
		return nil, fmt.Errorf("building web ACL %s: %w", physical, err)
	}
	if err := built.log(ctx, args, physical, acl); err != nil {
		return nil, err
	}
	association := &pulumi.CustomResourceState{}
	err = ctx.RegisterResource(associationType, physical, pulumi.Map{
		"resourceArn": args.balancer.arn, "webAclArn": acl.Arn,
	}, association, args.Region.Child(built)...)
	if err != nil {
		return nil, fmt.Errorf("putting web ACL %s before the load balancer: %w", physical, err)
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{"arn": acl.Arn})
}

// log builds the log of what the rules have blocked or counted. It has no bodies, which AWS WAF logs never (AWS WAF Developer Guide,
// "Log fields for protection pack (web ACL) traffic"), no tokens, and no query: a caller of before 1.2.0 has a patient in it.
func (f *firewall) log(ctx *pulumi.Context, args firewallArgs, name string, acl *webACL) error {
	group, err := cloudwatch.NewLogGroup(ctx, args.logGroup, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(args.logGroup),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.keyARN.ToStringOutput().ToStringPtrOutput(),
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, args.Region.Durable(f, args.Protection)...)
	if err != nil {
		return fmt.Errorf("building log group %s: %w", args.logGroup, err)
	}
	kept := pulumi.Array{}
	for _, action := range [...]string{"BLOCK", "COUNT"} {
		kept = append(kept, pulumi.Map{"actionCondition": pulumi.Map{"action": pulumi.String(action)}})
	}
	logger := &pulumi.CustomResourceState{}
	err = ctx.RegisterResource(firewallLoggerType, name, pulumi.Map{
		"resourceArn":           acl.Arn,
		"logDestinationConfigs": pulumi.StringArray{group.Arn},
		"redactedFields": pulumi.Array{
			pulumi.Map{"singleHeader": pulumi.Map{"name": pulumi.String("authorization")}},
			pulumi.Map{"queryString": pulumi.Map{}},
		},
		"loggingFilter": pulumi.Map{
			"defaultBehavior": pulumi.String("DROP"),
			"filters": pulumi.Array{pulumi.Map{
				"behavior": pulumi.String("KEEP"), "requirement": pulumi.String("MEETS_ANY"), "conditions": kept,
			}},
		},
	}, logger, args.Region.Child(f)...)
	if err != nil {
		return fmt.Errorf("building the log of web ACL %s: %w", name, err)
	}
	return nil
}

// visibility has AWS WAF count what a rule does, and keep no samples: those have all headers, tokens among them, and are shown to
// whoever may read the web ACL (AWS WAF API, GetSampledRequests).
func visibility(metric string) pulumi.Map {
	return pulumi.Map{
		"cloudwatchMetricsEnabled": pulumi.Bool(true), "metricName": pulumi.String(metric), "sampledRequestsEnabled": pulumi.Bool(false),
	}
}

// managedRules is a group of rules that AWS maintains.
type managedRules struct {
	name string
	// counted are the rules of the group that are counted and block nothing.
	counted []string
}

// managedGroups are the groups, in their order (AWS WAF Developer Guide, "AWS Managed Rules rule groups list"). They have 1,125 of the
// 1,500 capacity units that the price of a web ACL includes; the rate limit has 2.
//
// Rules that look for attacks in bodies only count. A body is JSON of up to 256 KB (lambda/app/src/http), whose content is what
// clinicians write, about files and web pages, too: a note that is not saved harms a patient. The function checks each body against its
// schema, and no content becomes SQL, a path, a URL or HTML. The common rules would refuse any body of more than 8 KB. They would refuse
// callers without a User-Agent, too, which the API does not ask for.
var managedGroups = [...]managedRules{
	{name: "AWSManagedRulesAmazonIpReputationList"},
	{name: "AWSManagedRulesCommonRuleSet", counted: []string{
		"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY", "NoUserAgent_HEADER",
	}},
	{name: "AWSManagedRulesKnownBadInputsRuleSet"},
	{name: "AWSManagedRulesSQLiRuleSet", counted: []string{"SQLi_BODY", "SQLiExtendedPatterns_BODY"}},
}

// firewallRules returns the rules: the rate limit of each address, which answers 429, and the managed groups.
func firewallRules(rateLimit int) pulumi.Array {
	rules := pulumi.Array{pulumi.Map{
		"name": pulumi.String("rate"), "priority": pulumi.Int(0), "visibilityConfig": visibility("rate"),
		"action": pulumi.Map{"block": pulumi.Map{"customResponse": pulumi.Map{"responseCode": pulumi.Int(tooManyRequests)}}},
		"statement": pulumi.Map{"rateBasedStatement": pulumi.Map{
			"aggregateKeyType": pulumi.String("IP"), "evaluationWindowSec": pulumi.Int(firewallPeriodSeconds), "limit": pulumi.Int(rateLimit),
		}},
	}}
	for i, group := range managedGroups {
		statement := pulumi.Map{"name": pulumi.String(group.name), "vendorName": pulumi.String("AWS")}
		if len(group.counted) > 0 {
			overrides := pulumi.Array{}
			for _, rule := range group.counted {
				overrides = append(overrides, pulumi.Map{
					"name": pulumi.String(rule), "actionToUse": pulumi.Map{"count": pulumi.Map{}},
				})
			}
			statement["ruleActionOverrides"] = overrides
		}
		rules = append(rules, pulumi.Map{
			"name": pulumi.String(group.name), "priority": pulumi.Int(i + 1), "visibilityConfig": visibility(group.name),
			"overrideAction": pulumi.Map{"none": pulumi.Map{}},
			"statement":      pulumi.Map{"managedRuleGroupStatement": statement},
		})
	}
	return rules
}

// tooManyRequests is the status of a request beyond the rate limit (RFC 6585, section 4).
const tooManyRequests = 429
