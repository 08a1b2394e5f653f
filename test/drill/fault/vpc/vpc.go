// Package vpc is EC2 as package fault needs it.
package vpc

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"warmstandby/shared/naming"
	"warmstandby/test/drill/fault"
)

// Network implements fault.Network.
type Network struct{ client *ec2.Client }

// New returns the network of a region's settings.
func New(settings aws.Config) Network { return Network{ec2.NewFromConfig(settings)} }

// VPC implements fault.Network.
func (n Network) VPC(ctx context.Context, environment string) (fault.VPC, error) {
	found, err := n.client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: filter("tag:"+naming.TagEnvironment, environment)})
	if err != nil {
		return fault.VPC{}, err
	}
	if len(found.Vpcs) != 1 {
		return fault.VPC{}, fmt.Errorf("%d VPCs carry the tag %s=%s, want 1", len(found.Vpcs), naming.TagEnvironment, environment)
	}
	one := found.Vpcs[0]
	return fault.VPC{ID: aws.ToString(one.VpcId), CIDR: aws.ToString(one.CidrBlock), Tags: plain(one.Tags)}, nil
}

// Subnets implements fault.Network.
func (n Network) Subnets(ctx context.Context, id string) ([]fault.Subnet, error) {
	acls, err := n.acls(ctx, filter("vpc-id", id))
	if err != nil {
		return nil, err
	}
	associated := map[string]types.NetworkAclAssociation{}
	for _, acl := range acls {
		for _, association := range acl.Associations {
			associated[aws.ToString(association.SubnetId)] = association
		}
	}
	var all []fault.Subnet
	for pages := ec2.NewDescribeSubnetsPaginator(n.client, &ec2.DescribeSubnetsInput{Filters: filter("vpc-id", id)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Subnets {
			of := associated[aws.ToString(one.SubnetId)]
			all = append(all, fault.Subnet{
				ID: aws.ToString(one.SubnetId), Tier: plain(one.Tags)["SubnetType"],
				ACL: aws.ToString(of.NetworkAclId), Association: aws.ToString(of.NetworkAclAssociationId),
			})
		}
	}
	return all, nil
}

// ACLs implements fault.Network.
func (n Network) ACLs(ctx context.Context, id, tag, value string) ([]fault.ACL, error) {
	found, err := n.acls(ctx, append(filter("vpc-id", id), filter("tag:"+tag, value)...))
	if err != nil {
		return nil, err
	}
	var all []fault.ACL
	for _, one := range found {
		all = append(all, fault.ACL{ID: aws.ToString(one.NetworkAclId), Tags: plain(one.Tags)})
	}
	return all, nil
}

func (n Network) acls(ctx context.Context, filters []types.Filter) ([]types.NetworkAcl, error) {
	var all []types.NetworkAcl
	for pages := ec2.NewDescribeNetworkAclsPaginator(n.client, &ec2.DescribeNetworkAclsInput{Filters: filters}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.NetworkAcls...)
	}
	return all, nil
}

// CreateACL implements fault.Network.
func (n Network) CreateACL(ctx context.Context, id string, tags map[string]string, entries []fault.Entry) (string, error) {
	specification := types.TagSpecification{ResourceType: types.ResourceTypeNetworkAcl}
	for key, value := range tags {
		specification.Tags = append(specification.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	made, err := n.client.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{
		VpcId: aws.String(id), TagSpecifications: []types.TagSpecification{specification},
	})
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		action := types.RuleActionDeny
		if entry.Allow {
			action = types.RuleActionAllow
		}
		for _, egress := range [...]bool{false, true} {
			if _, err := n.client.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
				NetworkAclId: made.NetworkAcl.NetworkAclId, RuleNumber: aws.Int32(int32(entry.Number)), Egress: aws.Bool(egress),
				Protocol: aws.String("-1"), CidrBlock: aws.String(entry.CIDR), RuleAction: action,
			}); err != nil {
				return "", err
			}
		}
	}
	return aws.ToString(made.NetworkAcl.NetworkAclId), nil
}

// Associate implements fault.Network.
func (n Network) Associate(ctx context.Context, association, acl string) error {
	_, err := n.client.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{
		AssociationId: aws.String(association), NetworkAclId: aws.String(acl),
	})
	return err
}

// DeleteACL implements fault.Network.
func (n Network) DeleteACL(ctx context.Context, acl string) error {
	_, err := n.client.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: aws.String(acl)})
	return err
}

func filter(name, value string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: []string{value}}}
}

func plain(tags []types.Tag) map[string]string {
	all := map[string]string{}
	for _, tag := range tags {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}
