package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// inUseAnswers are an emulator's: a function in subnet-f and group sg-f, a DB cluster with an instance in zone a of its subnets, one
// without, and groups of two VPCs.
var inUseAnswers = map[string]string{
	"DescribeNetworkInterfaces": `<R><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-own</subnetId>
		<groupSet><item><groupId>sg-own</groupId></item></groupSet></item></networkInterfaceSet></R>`,
	"DescribeVpcEndpoints":  `<R><vpcEndpointSet/></R>`,
	"DescribeNatGateways":   `<R><natGatewaySet><item><natGatewayId>nat-1</natGatewayId><subnetId>subnet-nat</subnetId><state>deleted</state></item></natGatewaySet></R>`,
	"DescribeLoadBalancers": `<R><DescribeLoadBalancersResult><LoadBalancers/></DescribeLoadBalancersResult></R>`,
	"DescribeDBClusters": `<R><DBClusters>
		<DBCluster><DBClusterIdentifier>warm</DBClusterIdentifier><DBSubnetGroup>isolated</DBSubnetGroup><DBClusterParameterGroup>tuned</DBClusterParameterGroup>
			<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-db</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups></DBCluster>
		<DBCluster><DBClusterIdentifier>empty</DBClusterIdentifier><DBSubnetGroup>isolated</DBSubnetGroup>
			<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-empty</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups></DBCluster>
		</DBClusters></R>`,
	"DescribeDBInstances": `<R><DBInstances><DBInstance><DBClusterIdentifier>warm</DBClusterIdentifier><AvailabilityZone>us-east-1a</AvailabilityZone></DBInstance></DBInstances></R>`,
	"DescribeDBSubnetGroups": `<R><DBSubnetGroups><DBSubnetGroup><DBSubnetGroupName>isolated</DBSubnetGroupName><Subnets>
		<Subnet><SubnetIdentifier>subnet-a</SubnetIdentifier><SubnetAvailabilityZone><Name>us-east-1a</Name></SubnetAvailabilityZone></Subnet>
		<Subnet><SubnetIdentifier>subnet-b</SubnetIdentifier><SubnetAvailabilityZone><Name>us-east-1b</Name></SubnetAvailabilityZone></Subnet>
		</Subnets></DBSubnetGroup></DBSubnetGroups></R>`,
	"DescribeSecurityGroups": `<R><securityGroupInfo>` + groupOf(
		"sg-db",
		"vpc-1",
		"sg-self",
	) + groupOf(
		"sg-f",
		"vpc-1",
		"",
	) + groupOf(
		"sg-own",
		"vpc-1",
		"",
	) +
		groupOf(
			"sg-empty",
			"vpc-1",
			"",
		) + groupOf(
		"sg-self",
		"vpc-1",
		"sg-self",
	) + groupOf(
		"sg-alone",
		"vpc-1",
		"sg-alone",
	) +
		groupOf(
			"sg-peer",
			"vpc-2",
			"sg-stale",
		) + groupOf(
		"sg-stale",
		"vpc-1",
		"",
	) + `</securityGroupInfo></R>`,
}

func groupOf(id, vpc, named string) string {
	if named != "" {
		named = `<item><groups><item><groupId>` + named + `</groupId></item></groups></item>`
	}
	return `<item><groupId>` + id + `</groupId><vpcId>` + vpc + `</vpcId><ipPermissions>` + named + `</ipPermissions></item>`
}

func TestOnlyWhatIsInUseIsRefused(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/2015-03-31/functions/") {
			if r.URL.Query().Get("Marker") == "" {
				io.WriteString(w, `{"Functions": [], "NextMarker": "second page"}`)
				return
			}
			io.WriteString(
				w,
				`{"Functions": [{"FunctionArn": "f", "VpcConfig": {"SubnetIds": ["subnet-f"], "SecurityGroupIds": ["sg-f"]}}, {"FunctionArn": "outside"}]}`,
			)
			return
		}
		if answer, ok := inUseAnswers[r.FormValue("Action")]; ok {
			io.WriteString(w, answer)
			return
		}
		io.WriteString(w, `<deleted/>`)
	})
	for name, test := range map[string]struct {
		service, action, param, id, code string // no code: it is deleted
	}{
		"a subnet of an interface of the account's own":  {"ec2", "DeleteSubnet", "SubnetId", "subnet-own", dependencyViolation},
		"a function's subnet":                            {"ec2", "DeleteSubnet", "SubnetId", "subnet-f", dependencyViolation},
		"the subnet of an instance's zone":               {"ec2", "DeleteSubnet", "SubnetId", "subnet-a", dependencyViolation},
		"a subnet of a database in which no instance is": {"ec2", "DeleteSubnet", "SubnetId", "subnet-b", ""},
		"the subnet of a NAT gateway that was deleted":   {"ec2", "DeleteSubnet", "SubnetId", "subnet-nat", ""},
		"a function's security group":                    {"ec2", "DeleteSecurityGroup", "GroupId", "sg-f", dependencyViolation},
		"a database's security group":                    {"ec2", "DeleteSecurityGroup", "GroupId", "sg-db", dependencyViolation},
		"a group of a cluster without instances":         {"ec2", "DeleteSecurityGroup", "GroupId", "sg-empty", ""},
		"a group that another group's rule names":        {"ec2", "DeleteSecurityGroup", "GroupId", "sg-self", dependencyViolation},
		"a group that its own rule names":                {"ec2", "DeleteSecurityGroup", "GroupId", "sg-alone", ""},
		"a group that a rule of a peered VPC names":      {"ec2", "DeleteSecurityGroup", "GroupId", "sg-stale", ""},
		"a subnet group of a cluster": {
			"rds", "DeleteDBSubnetGroup", "DBSubnetGroupName", "isolated", "InvalidDBSubnetGroupStateFault",
		},
		"a subnet group of no cluster": {"rds", "DeleteDBSubnetGroup", "DBSubnetGroupName", "tuned", ""},
		"a parameter group of a cluster": {
			"rds", "DeleteDBClusterParameterGroup", "DBClusterParameterGroupName", "tuned", "InvalidDBParameterGroupState",
		},
		"a parameter group of no cluster": {
			"rds", "DeleteDBClusterParameterGroup", "DBClusterParameterGroupName", "isolated", "",
		},
		"a deletion that names nothing, which RDS refuses": {"rds", "DeleteDBClusterParameterGroup", "Unknown", "x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := f.query("us-east-1", test.service, test.action, test.param, test.id)
			if test.code == "" {
				if status != http.StatusOK || !strings.Contains(body, "deleted") {
					t.Errorf("%s: %d %s, want that it is deleted", test.action, status, body)
				}
				return
			}
			if status != http.StatusBadRequest || !strings.Contains(body, "<Code>"+test.code+"</Code>") {
				t.Errorf("%s: %d %s, want %s", test.action, status, body, test.code)
			}
		})
	}
}

// What cannot be looked up is not deleted.
func TestADeletionWaitsUntilItsUsersAreKnown(t *testing.T) {
	f := newFake(t, t.TempDir(), canned(map[string]string{"DeleteSubnet": `<deleted/>`, "DeleteDBSubnetGroup": `<deleted/>`}))
	for action, service := range map[string]string{"DeleteSubnet": "ec2", "DeleteDBSubnetGroup": "rds"} {
		if status, body := f.query("us-east-1", service, action, "SubnetId", "subnet-1"); status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d %s, want 503", action, status, body)
		}
	}
}
