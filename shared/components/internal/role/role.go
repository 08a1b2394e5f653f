// Package role builds the IAM roles by which services of AWS act for the platform.
package role

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// Args says which service acts, and for what.
type Args struct {
	// Region is the one whose resources the role is of: roles are global, their names say which region they serve.
	Region region.Region
	// Purpose is the word for it in the name, such as flowlogs.
	Purpose string
	// Description says for an operator what the service does by the role.
	Description string
	// Service is the principal that assumes the role, such as backup.amazonaws.com.
	Service string
	// Sid names the statement that lets it.
	Sid string
	// Condition narrows for whom the service may; nil where AWS documents no condition key in its calls.
	Condition policy.Conditions
}

// New builds a role below parent that one service assumes. What the role may do is attached by the caller.
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

// NewGranted builds a role of [New] with what one policy document allows it, and returns the policy too: who uses the role
// waits for it.
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
