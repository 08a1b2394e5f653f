package instance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What is in use is refused with AWS's code, stays, and goes when nothing uses it any more.
func TestPartsOfANetworkInUseAreNotDeleted(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	const balancing = "elasticloadbalancing"
	create := func(service, field, action string, fields ...string) string {
		return a.field(a.query(east, service, action, fields...), field)
	}
	refused := func(what, action string, fields ...string) {
		t.Helper()
		if status, body := a.try(
			east,
			"ec2",
			action,
			fields...); status != http.StatusBadRequest ||
			!strings.Contains(body, "<Code>DependencyViolation</Code>") {
			t.Errorf("%s of %s: %d %s, want DependencyViolation", action, what, status, body)
		}
	}
	end := func(service, action string, fields ...string) {
		t.Helper()
		if status, body := a.try(east, service, action, fields...); status != http.StatusOK {
			t.Errorf("%s of what nothing uses any more: %d %s", action, status, body)
		}
	}

	vpc := a.vpc(east, "10.77.0.0/16")
	front := create("ec2", "subnetId", "CreateSubnet", "VpcId", vpc, "CidrBlock", "10.77.1.0/24")
	back := create("ec2", "subnetId", "CreateSubnet", "VpcId", vpc, "CidrBlock", "10.77.2.0/24")
	open := create("ec2", "groupId", "CreateSecurityGroup", "VpcId", vpc, "GroupName", "open", "GroupDescription", "open")
	closed := create("ec2", "groupId", "CreateSecurityGroup", "VpcId", vpc, "GroupName", "closed", "GroupDescription", "closed")
	fromOpen := []string{
		"GroupId", closed, "IpPermissions.1.IpProtocol", "tcp", "IpPermissions.1.FromPort", "5432", "IpPermissions.1.ToPort", "5432",
		"IpPermissions.1.Groups.1.GroupId", open,
	}
	a.query(east, "ec2", "AuthorizeSecurityGroupIngress", fromOpen...)
	gateway := create("ec2", "internetGatewayId", "CreateInternetGateway")
	a.query(east, "ec2", "AttachInternetGateway", "InternetGatewayId", gateway, "VpcId", vpc)
	table := create("ec2", "routeTableId", "CreateRouteTable", "VpcId", vpc)
	association := create("ec2", "associationId", "AssociateRouteTable", "RouteTableId", table, "SubnetId", front)
	interfaceEndpoint := create("ec2", "vpcEndpointId", "CreateVpcEndpoint", "VpcId", vpc, "ServiceName", "com.amazonaws.us-east-1.logs",
		"VpcEndpointType", "Interface", "SubnetId.1", back, "SecurityGroupId.1", closed)
	gatewayEndpoint := create("ec2", "vpcEndpointId", "CreateVpcEndpoint", "VpcId", vpc, "ServiceName", "com.amazonaws.us-east-1.s3")
	balancer := create(balancing, "LoadBalancerArn", "CreateLoadBalancer", "Name", "alb-in-use", "Scheme", "internet-facing",
		"Subnets.member.1", front, "SecurityGroups.member.1", open)
	nat := create("ec2", "natGatewayId", "CreateNatGateway", "SubnetId", front)

	e.down()
	a.endpoint = e.up().Endpoint
	refused("a subnet's table", "DeleteRouteTable", "RouteTableId", table)
	refused("the endpoint's subnet", "DeleteSubnet", "SubnetId", back)
	refused("the endpoint's group", "DeleteSecurityGroup", "GroupId", closed)
	refused("the load balancer's group", "DeleteSecurityGroup", "GroupId", open)
	refused("an attached gateway", "DeleteInternetGateway", "InternetGatewayId", gateway)
	refused("a public load balancer's gateway", "DetachInternetGateway", "InternetGatewayId", gateway, "VpcId", vpc)
	end(balancing, "DeleteLoadBalancer", "LoadBalancerArn", balancer)
	refused("the NAT gateway's subnet", "DeleteSubnet", "SubnetId", front)
	refused("a NAT gateway's gateway", "DetachInternetGateway", "InternetGatewayId", gateway, "VpcId", vpc)
	end("ec2", "DeleteNatGateway", "NatGatewayId", nat)
	refused("a group that a rule names", "DeleteSecurityGroup", "GroupId", open)
	a.query(east, "ec2", "RevokeSecurityGroupIngress", fromOpen...)
	end("ec2", "DeleteSecurityGroup", "GroupId", open)
	a.query(east, "ec2", "DeleteVpcEndpoints", "VpcEndpointId.1", interfaceEndpoint)
	end("ec2", "DeleteSecurityGroup", "GroupId", closed)
	end("ec2", "DetachInternetGateway", "InternetGatewayId", gateway, "VpcId", vpc)
	end("ec2", "DeleteInternetGateway", "InternetGatewayId", gateway)
	a.query(east, "ec2", "DisassociateRouteTable", "AssociationId", association)
	end("ec2", "DeleteSubnet", "SubnetId", front)
	end("ec2", "DeleteSubnet", "SubnetId", back)
	refused("a VPC with an endpoint", "DeleteVpc", "VpcId", vpc)
	a.query(east, "ec2", "DeleteVpcEndpoints", "VpcEndpointId.1", gatewayEndpoint)
	refused("a VPC with a route table", "DeleteVpc", "VpcId", vpc)
	end("ec2", "DeleteRouteTable", "RouteTableId", table)
	end("ec2", "DeleteVpc", "VpcId", vpc)

	targets := create(balancing, "TargetGroupArn", "CreateTargetGroup", "Name", "tg-in-use", "TargetType", "lambda")
	other := create(balancing, "LoadBalancerArn", "CreateLoadBalancer", "Name", "alb-other")
	listener := create(balancing, "ListenerArn", "CreateListener", "LoadBalancerArn", other, "Protocol", "HTTP", "Port", "80",
		"DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", targets)
	if status, body := a.try(
		east,
		balancing,
		"DeleteTargetGroup",
		"TargetGroupArn",
		targets,
	); status != http.StatusBadRequest ||
		!strings.Contains(body, "<Code>ResourceInUse</Code>") {
		t.Errorf("deleting a listener's target group: %d %s, want ResourceInUse", status, body)
	}
	end(balancing, "DeleteListener", "ListenerArn", listener)
	end(balancing, "DeleteTargetGroup", "TargetGroupArn", targets)
	assertEventsInUse(a)
	assertBackupPlanInUse(a)
}

func assertEventsInUse(a aws) {
	a.t.Helper()
	const service, bus, rule = "events", "bus-in-use", "rule-in-use"
	refused := func(says, action string, input object) {
		a.t.Helper()
		if status, body := a.tryJSON(east, service, action, input); status != http.StatusBadRequest ||
			body["__type"] != "ValidationException" || !strings.Contains(fmt.Sprint(body["message"]), says) {
			a.t.Errorf("%s: %d %v, want %q", action, status, body, says)
		}
	}
	a.json(east, service, "CreateEventBus", object{"Name": bus})
	a.json(east, service, "PutRule", object{"Name": rule, "EventBusName": bus, "EventPattern": `{"source":["x"]}`})
	a.json(east, service, "PutRule", object{"Name": rule, "EventPattern": `{"source":["x"]}`}) // on the default bus, without a target
	a.json(east, service, "PutTargets", object{
		"Rule": rule, "EventBusName": bus, "Targets": []object{{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:queue"}},
	})
	refused("since it has targets", "DeleteRule", object{"Name": rule, "EventBusName": bus})
	a.json(east, service, "DeleteRule", object{"Name": rule})
	a.json(east, service, "RemoveTargets", object{"Rule": rule, "EventBusName": bus, "Ids": []string{"1"}})
	refused("since it has rules", "DeleteEventBus", object{"Name": bus})
	a.json(east, service, "DeleteRule", object{"Name": rule, "EventBusName": bus})
	a.json(east, service, "DeleteEventBus", object{"Name": bus})
	a.json(east, service, "DeleteEventBus", object{"Name": bus}) // what is not there is nobody's
}

func assertBackupPlanInUse(a aws) {
	a.t.Helper()
	call := func(method, path, body string) (int, string) {
		a.t.Helper()
		request, err := http.NewRequestWithContext(a.t.Context(), method, a.endpoint+path, strings.NewReader(body))
		if err != nil {
			a.t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		sign(request, east, "backup")
		return a.do(request)
	}
	made := func(body, member string) string {
		a.t.Helper()
		_, rest, _ := strings.Cut(body, `"`+member+`": "`)
		id, _, ok := strings.Cut(rest, `"`)
		if !ok {
			a.t.Fatalf("no %s in %s", member, body)
		}
		return id
	}
	_, body := call(http.MethodPut, "/backup/plans/", `{"BackupPlan": {"BackupPlanName": "plan", "Rules": []}}`)
	plan := "/backup/plans/" + made(body, "BackupPlanId")
	_, body = call(http.MethodPut, plan+"/selections/",
		`{"BackupSelection": {"SelectionName": "all", "IamRoleArn": "`+a.role("backup", "backup.amazonaws.com")+`", "Resources": ["*"]}}`)
	selection := plan + "/selections/" + made(body, "SelectionId")
	if status, body := call(
		http.MethodDelete,
		plan,
		"",
	); status != http.StatusBadRequest ||
		!strings.Contains(body, "InvalidRequestException") {
		a.t.Errorf("deleting a plan with a selection: %d %s, want InvalidRequestException", status, body)
	}
	for _, path := range []string{selection, plan} {
		if status, body := call(http.MethodDelete, path, ""); status >= http.StatusBadRequest {
			a.t.Errorf("deleting %s: %d %s", path, status, body)
		}
	}
	if status, _ := call(http.MethodDelete, plan, ""); status != http.StatusNotFound {
		a.t.Errorf("deleting a plan that is not there: %d, want 404", status)
	}
}
