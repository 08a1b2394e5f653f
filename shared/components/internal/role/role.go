// Package role builds the IAM roles that services of AWS assume.
package role

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// Args are the inputs of a role.
type Args struct {
	// Region is in the role's name. Roles are global: it is the region whose resources the role is for.
	Region region.Region
	// Purpose is the purpose in the name, such as flowlogs.
	Purpose string
	// Description is for operators: what the service does by the role.
	Description string
	// Service is the principal that assumes the role, such as backup.amazonaws.com.
	Service string
	// Sid is the id of the trust policy's statement.
	Sid string
	// Condition limits on whose behalf the service may assume the role. It is nil where AWS documents no condition key for its
	// calls: such a role is named in test/support/invariant/exceptions.go.
	Condition policy.Conditions
}

// New builds a role that one service assumes, as a child of parent. The caller attaches the permissions.
func New(ctx *pulumi.Context, parent pulumi.Resource, args Args) (*iam.Role, error) {
	name, err := args.Region.Named(naming.IAMRole, args.Purpose)
	if err != nil {
		return nil, err
	}
	trust, err := policy.Document{{
		Sid: args.Sid, Effect: policy.Allow,
		Principal: &policy.Principal{Service: []string{args.Service}},
		Actions:   []string{"sts:AssumeRole"},
		Condition: args.Condition,
	}}.JSON()
	if err != nil {
		return nil, err
	}
	built, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Name: pulumi.String(name), AssumeRolePolicy: pulumi.String(trust), Description: pulumi.String(args.Description),
	}, args.Region.Child(parent)...)
	if err != nil {
		return nil, fmt.Errorf("building role %s: %w", name, err)
	}
	return built, nil
}

// NewGranted builds a role as [New] does, with the permissions of one policy document. It returns the policy too, on which the
// role's users depend.
func NewGranted(
	ctx *pulumi.Context, parent pulumi.Resource, args Args, document pulumi.StringInput,
) (*iam.Role, *iam.RolePolicy, error) {
	built, err := New(ctx, parent, args)
	if err != nil {
		return nil, nil, err
	}
	name, err := args.Region.Named(naming.IAMRole, args.Purpose)
	if err != nil {
		return nil, nil, err
	}
	granted, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Name: pulumi.String(name), Role: built.Name, Policy: document,
	}, args.Region.Child(parent)...)
	if err != nil {
		return nil, nil, fmt.Errorf("building the policy of role %s: %w", name, err)
	}
	return built, granted, nil
}
