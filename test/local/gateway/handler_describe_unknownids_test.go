package gateway

import (
	"net/http"
	"strings"
	"testing"
)

func TestUnknownIDsAreRefused(t *testing.T) {
	const (
		tables = `<DescribeRouteTablesResponse><routeTableSet><item><routeTableId>rtb-1</routeTableId></item></routeTableSet></DescribeRouteTablesResponse>`
		groups = `<R><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupName>tg-1</TargetGroupName><TargetGroupArn>arn:1</TargetGroupArn>` +
			`</member></TargetGroups></DescribeTargetGroupsResult></R>`
	)
	f := newFake(t, t.TempDir(), canned(map[string]string{"DescribeRouteTables": tables, "DescribeTargetGroups": groups}))
	for name, c := range map[string]struct {
		service, action string
		fields          []string
		code            string // empty: the emulator's answer
	}{
		"a known route table": {"ec2", "DescribeRouteTables", []string{"RouteTableId.1", "rtb-1"}, ""},
		"all route tables":    {"ec2", "DescribeRouteTables", nil, ""},
		"an unknown one of two": {
			"ec2", "DescribeRouteTables", []string{"RouteTableId.1", "rtb-1", "RouteTableId.2", "rtb-2"}, "InvalidRouteTableID.NotFound",
		},
		"a route table that a filter leaves out": {
			"ec2", "DescribeRouteTables", []string{"RouteTableId.1", "rtb-2", "Filter.1.Name", "vpc-id", "Filter.1.Value.1", "vpc-2"}, "",
		},
		"a known target group": {"elasticloadbalancing", "DescribeTargetGroups", []string{"Names.member.1", "tg-1"}, ""},
		"an unknown target group": {
			"elasticloadbalancing", "DescribeTargetGroups", []string{"Names.member.1", "tg-2"}, "TargetGroupNotFound",
		},
		"an unknown ARN of a target group": {
			"elasticloadbalancing", "DescribeTargetGroups", []string{"TargetGroupArns.member.1", "arn:2"}, "TargetGroupNotFound",
		},
		"the target groups of a balancer": {"elasticloadbalancing", "DescribeTargetGroups", []string{"LoadBalancerArn", "arn:3"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := f.query("us-east-1", c.service, c.action, c.fields...)
			if c.code == "" && (status != http.StatusOK || !strings.Contains(body, "1</")) {
				t.Errorf("got %d %s, want the emulator's answer", status, body)
			}
			if c.code != "" && (status != http.StatusBadRequest || !strings.Contains(body, "<Code>"+c.code+"</Code>")) {
				t.Errorf("got %d %s, want %s", status, body, c.code)
			}
		})
	}
}
