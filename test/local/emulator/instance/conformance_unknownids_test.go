package instance

import (
	"net/http"
	"strings"
	"testing"
)

// What is gone, or was never there, is refused by AWS's code, and what stands is described.
func TestUnknownIDsAreRefused(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	vpc := a.vpc(east, "10.78.0.0/16")
	table := a.field(a.query(east, "ec2", "CreateRouteTable", "VpcId", vpc), "routeTableId")
	a.query(east, "elasticloadbalancing", "CreateTargetGroup", "Name", "tg-known", "TargetType", "lambda")
	for _, c := range []struct{ service, action, param, id string }{
		{"ec2", "DescribeRouteTables", "RouteTableId.1", table},
		{"elasticloadbalancing", "DescribeTargetGroups", "Names.member.1", "tg-known"},
	} {
		if status, body := a.try(east, c.service, c.action, c.param, c.id); status != http.StatusOK || !strings.Contains(body, c.id) {
			t.Errorf("%s of %s: %d %s", c.action, c.id, status, body)
		}
	}
	a.query(east, "ec2", "DeleteRouteTable", "RouteTableId", table)
	for _, c := range []struct{ service, action, param, id, code string }{
		{"ec2", "DescribeRouteTables", "RouteTableId.1", table, "InvalidRouteTableID.NotFound"},
		{"elasticloadbalancing", "DescribeTargetGroups", "Names.member.1", "tg-unknown", "TargetGroupNotFound"},
	} {
		status, body := a.try(east, c.service, c.action, c.param, c.id)
		if status != http.StatusBadRequest || !strings.Contains(body, "<Code>"+c.code+"</Code>") {
			t.Errorf("%s of %s: %d %s, want %s", c.action, c.id, status, body, c.code)
		}
	}
}
