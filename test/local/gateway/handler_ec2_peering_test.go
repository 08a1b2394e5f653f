package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// peering is an emulator with one connection from east to west.
func peering(status string) http.HandlerFunc {
	return canned(map[string]string{
		"DescribeVpcPeeringConnections": fmt.Sprintf(`<R xmlns="x"><vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>
			<requesterVpcInfo><region>us-east-1</region></requesterVpcInfo><accepterVpcInfo><region>us-west-2</region></accepterVpcInfo>
			<status><code>%s</code></status></item></vpcPeeringConnectionSet></R>`, status),
		"DeleteVpcPeeringConnection": `<R><return>true</return></R>`,
	})
}

const (
	requesterOption = "RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc"
	accepterOption  = "AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc"
)

func TestPeeringOptionsFollowAWSRules(t *testing.T) {
	for name, test := range map[string]struct {
		status, region, id string
		fields             []string
		want               int
		part               string
	}{
		"the requester's options in its region": {
			"active", "us-east-1", "pcx-1", []string{requesterOption, "true"}, 200,
			"<requesterPeeringConnectionOptions><allowDnsResolutionFromRemoteVpc>true<",
		},
		"the accepter's options in its region": {
			"active", "us-west-2", "pcx-1", []string{accepterOption, "true"}, 200,
			"<accepterPeeringConnectionOptions><allowDnsResolutionFromRemoteVpc>true<",
		},
		"an option switched off": {
			"active", "us-west-2", "pcx-1", []string{accepterOption, "false"}, 200, "<allowDnsResolutionFromRemoteVpc>false<",
		},
		"the accepter's options in the other": {
			"active", "us-east-1", "pcx-1", []string{accepterOption, "true"}, 400, "<Code>OperationNotPermitted</Code><Message>Accepter&#39;s VPC",
		},
		"both sides in one region": {
			"active", "us-east-1", "pcx-1", []string{requesterOption, "true", accepterOption, "true"}, 400, "OperationNotPermitted",
		},
		"a connection that waits for acceptance": {
			"pending-acceptance", "us-east-1", "pcx-1", []string{requesterOption, "true"}, 400, "Peering pcx-1 is not active",
		},
		"no option": {"active", "us-east-1", "pcx-1", nil, 400, "MissingParameter"},
		"no connection named": {
			"active", "us-east-1", "", []string{requesterOption, "true"}, 400, "InvalidVpcPeeringConnectionID.NotFound",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), peering(test.status))
			status, body := f.ec2(test.region, "ModifyVpcPeeringConnectionOptions", append(test.fields, "VpcPeeringConnectionId", test.id)...)
			if status != test.want {
				t.Errorf("answered %d, want %d", status, test.want)
			}
			wantParts(t, body, test.part)
			_, described := f.ec2(test.region, "DescribeVpcPeeringConnections")
			if set := strings.Contains(described, ">true<"); set != (test.want == 200 && !strings.Contains(test.part, "false")) {
				t.Errorf("afterwards an option is set: %t\n%s", set, described)
			}
		})
	}
}

// Peering options outlive the gateway and end with the connection.
func TestPeeringOptionsPersist(t *testing.T) {
	folder := t.TempDir()
	f := newFake(t, folder, peering("active"))
	f.ec2("us-east-1", "ModifyVpcPeeringConnectionOptions", "VpcPeeringConnectionId", "pcx-1", requesterOption, "true")
	f.ec2("us-west-2", "ModifyVpcPeeringConnectionOptions", "VpcPeeringConnectionId", "pcx-1", accepterOption, "true")

	again := newFake(t, folder, peering("active"))
	_, described := again.ec2("us-west-2", "DescribeVpcPeeringConnections")
	wantParts(t, described,
		"<requesterVpcInfo><region>us-east-1</region><peeringOptions><allowDnsResolutionFromRemoteVpc>true<",
		"<accepterVpcInfo><region>us-west-2</region><peeringOptions><allowDnsResolutionFromRemoteVpc>true<")

	again.ec2("us-east-1", "DeleteVpcPeeringConnection", "VpcPeeringConnectionId", "pcx-1")
	_, described = newFake(t, folder, peering("active")).ec2("us-west-2", "DescribeVpcPeeringConnections")
	if strings.Contains(described, ">true<") {
		t.Errorf("a deleted connection's options are back: %s", described)
	}
}

func TestAConnectionThatIsNotActiveHasNoOptions(t *testing.T) {
	f := newFake(t, t.TempDir(), peering("pending-acceptance"))
	if _, described := f.ec2("us-east-1", "DescribeVpcPeeringConnections"); strings.Contains(described, "peeringOptions") {
		t.Errorf("a pending connection has options: %s", described)
	}
}
