package services

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

func globalExpected() []expectation {
	iamTag := func(key, value string) iamtypes.Tag {
		return iamtypes.Tag{Key: aws.String(key), Value: aws.String(value)}
	}
	return []expectation{
		{"iam", "roles", answers{
			"ListRoles": {
				&iam.ListRolesOutput{IsTruncated: true, Marker: next, Roles: []iamtypes.Role{{RoleName: aws.String("other")}}},
				&iam.ListRolesOutput{Roles: []iamtypes.Role{{RoleName: aws.String("role-app-primary-blue")}}},
			},
			"ListRoleTags": {&iam.ListRoleTagsOutput{IsTruncated: true, Marker: next}, &iam.ListRoleTagsOutput{}},
		}, "role-app-primary-blue"},
		{
			"iam",
			"policies",
			answers{
				"ListPolicies": {
					&iam.ListPoliciesOutput{IsTruncated: true, Marker: next, Policies: []iamtypes.Policy{{Arn: aws.String("other")}}},
					&iam.ListPoliciesOutput{Policies: []iamtypes.Policy{{Arn: aws.String("mine")}}},
				},
				"ListPolicyTags": {
					noSuch("NoSuchEntity"),
					&iam.ListPolicyTagsOutput{Tags: []iamtypes.Tag{iamTag("Environment", "stacks"), iamTag("DR-Role", "primary")}},
				},
			},
			"mine",
		},
		{"route53", "hosted zones", answers{
			"ListHostedZones": {
				&route53.ListHostedZonesOutput{
					IsTruncated: true,
					NextMarker:  next,
					HostedZones: []types.HostedZone{{Id: aws.String("/hostedzone/Z1"), Name: aws.String("dark-blue.warmstandby.test.")}},
				},
				&route53.ListHostedZonesOutput{
					HostedZones: []types.HostedZone{{Id: aws.String("/hostedzone/Z2"), Name: aws.String("blue.warmstandby.test.")}},
				},
			},
			"ListTagsForResource": {&route53.ListTagsForResourceOutput{}},
		}, "Z2"},
		{"route53", "health checks", answers{
			"ListHealthChecks": {
				&route53.ListHealthChecksOutput{IsTruncated: true, NextMarker: next, HealthChecks: []types.HealthCheck{{Id: aws.String("other")}}},
				&route53.ListHealthChecksOutput{HealthChecks: []types.HealthCheck{{Id: aws.String("mine")}}},
			},
			"ListTagsForResource": {
				noSuch("NoSuchHealthCheck"),
				&route53.ListTagsForResourceOutput{
					ResourceTagSet: &types.ResourceTagSet{Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("hc-primary-blue")}}},
				},
			},
		}, "mine"},
	}
}
