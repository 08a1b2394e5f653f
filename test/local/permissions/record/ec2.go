package main

import "fmt"

// network is what AWS asks of a call of EC2 (Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"). The
// emulator does not know the resources of such a call, and AWS asks about each.
type network struct {
	makes string   // the type of what is made, which gets tags; empty: nothing is made
	uses  []string // the types of what is there and bears tags
	// untagged is what AWS has made without tags, and is taken over.
	untagged []string
}

var networks = map[string]network{
	"AcceptVpcPeeringConnection":        {untagged: []string{"vpc-peering-connection"}},
	"AllocateAddress":                   {makes: "elastic-ip"},
	"AssociateRouteTable":               {uses: []string{"route-table", "subnet"}},
	"AttachInternetGateway":             {uses: []string{"internet-gateway", "vpc"}},
	"AuthorizeSecurityGroupEgress":      {makes: "security-group-rule", uses: []string{"security-group"}},
	"AuthorizeSecurityGroupIngress":     {makes: "security-group-rule", uses: []string{"security-group"}},
	"CreateFlowLogs":                    {makes: "vpc-flow-log", uses: []string{"vpc"}},
	"CreateInternetGateway":             {makes: "internet-gateway"},
	"CreateNatGateway":                  {makes: "natgateway", uses: []string{"elastic-ip", "subnet"}},
	"CreateRoute":                       {uses: []string{"natgateway", "route-table", "vpc-peering-connection"}},
	"CreateRouteTable":                  {makes: "route-table", uses: []string{"vpc"}},
	"CreateSecurityGroup":               {makes: "security-group", uses: []string{"vpc"}},
	"CreateSubnet":                      {makes: "subnet", uses: []string{"vpc"}},
	"CreateVpc":                         {makes: "vpc"},
	"CreateVpcEndpoint":                 {makes: "vpc-endpoint", uses: []string{"route-table", "subnet", "vpc"}},
	"CreateVpcPeeringConnection":        {makes: "vpc-peering-connection", uses: []string{"vpc"}},
	"DeleteFlowLogs":                    {uses: []string{"vpc-flow-log"}},
	"DeleteInternetGateway":             {uses: []string{"internet-gateway"}},
	"DeleteNatGateway":                  {uses: []string{"natgateway"}},
	"DeleteRoute":                       {uses: []string{"route-table"}},
	"DeleteRouteTable":                  {uses: []string{"route-table"}},
	"DeleteSecurityGroup":               {uses: []string{"security-group"}},
	"DeleteSubnet":                      {uses: []string{"subnet"}},
	"DeleteVpc":                         {uses: []string{"vpc"}},
	"DeleteVpcEndpoints":                {uses: []string{"vpc-endpoint"}},
	"DeleteVpcPeeringConnection":        {uses: []string{"vpc-peering-connection"}},
	"DetachInternetGateway":             {uses: []string{"internet-gateway", "vpc"}},
	"DisassociateRouteTable":            {uses: []string{"route-table", "subnet"}},
	"ModifySubnetAttribute":             {uses: []string{"subnet"}},
	"ModifyVpcAttribute":                {uses: []string{"vpc"}},
	"ModifyVpcEndpoint":                 {uses: []string{"vpc-endpoint"}},
	"ModifyVpcPeeringConnectionOptions": {uses: []string{"vpc-peering-connection"}},
	"ReleaseAddress":                    {uses: []string{"elastic-ip"}},
	"RevokeSecurityGroupEgress":         {uses: []string{"security-group", "security-group-rule"}},
	"RevokeSecurityGroupIngress":        {uses: []string{"security-group", "security-group-rule"}},
}

// prefixes begin the ids of EC2.
var prefixes = map[string]string{
	"elastic-ip": "eipalloc", "internet-gateway": "igw", "natgateway": "nat", "route-table": "rtb", "security-group": "sg",
	"security-group-rule": "sgr", "subnet": "subnet", "vpc": "vpc", "vpc-endpoint": "vpce", "vpc-flow-log": "fl",
	"vpc-peering-connection": "pcx",
}

// takenOver are the types of what AWS makes without tags: a VPC's default security group, and the accepter's end of a peering.
var takenOver = []string{"security-group", "vpc-peering-connection"}

const (
	requestTag   = "aws:RequestTag/Environment"
	resourceTag  = "aws:ResourceTag/Environment"
	createAction = "ec2:CreateAction"
)

// ec2Calls returns what AWS asks of a call of EC2, one resource each. What is made is tagged in the same call.
func ec2Calls(principal, action, region string) ([]group, error) {
	call := func(action, kind, id string, context map[string]string) group {
		arn := "arn:aws:ec2:" + region + ":" + account + ":" + kind + "/" + id
		return group{Principal: principal, Action: "ec2:" + action, Resources: []string{arn}, Context: context}
	}
	var calls []group
	if action == "CreateTags" {
		for _, kind := range takenOver {
			calls = append(calls, call(action, kind, prefixes[kind]+"-1", map[string]string{requestTag: environment}))
		}
		return calls, nil
	}
	asked, known := networks[action]
	if !known {
		return nil, fmt.Errorf("ec2:%s is not in the table networks: add it, with the resource types on its page", action)
	}
	if asked.makes != "" {
		calls = append(calls, call(action, asked.makes, "*", map[string]string{requestTag: environment}),
			call("CreateTags", asked.makes, "*", map[string]string{requestTag: environment, createAction: action}))
	}
	for _, kind := range asked.uses {
		calls = append(calls, call(action, kind, prefixes[kind]+"-1", map[string]string{resourceTag: environment}))
	}
	for _, kind := range asked.untagged {
		calls = append(calls, call(action, kind, prefixes[kind]+"-1", nil))
	}
	return calls, nil
}
