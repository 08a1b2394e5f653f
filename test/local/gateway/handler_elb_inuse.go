package gateway

import (
	"fmt"
	"net/http"
	"slices"
)

// elbNamespace is the XML namespace of Elastic Load Balancing's responses. AWS: Elastic Load Balancing API Reference, version
// 2015-12-01.
const elbNamespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"

// newTargetGroupsInUse refuses to delete a target group that a listener sends requests to.
func newTargetGroupsInUse(string) (Handler, error) {
	return Handler{
		Name:    "target groups in use",
		AWS:     "A target group is not deleted while an action of a listener or of a rule names it.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html",
		Matches: matchActions("elasticloadbalancing", "DeleteTargetGroup"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			group := c.Form.Get("TargetGroupArn")
			named, err := g.targetGroupsOfListeners(c)
			if err != nil || !slices.Contains(named, group) {
				return nil, err
			}
			refusal := elbError("ResourceInUse", fmt.Sprintf("Target group '%s' is currently in use by a listener or a rule", group))
			return &refusal, nil
		},
	}, nil
}

// targetGroupsOfListeners returns the target groups that listeners and rules of a region name.
func (g *Gateway) targetGroupsOfListeners(c *Call) ([]string, error) {
	balancers, err := g.describe(c.Context(), c.Region, c.Service, "DescribeLoadBalancers")
	if err != nil {
		return nil, err
	}
	var named []string
	for _, balancer := range balancers.texts("LoadBalancerArn") {
		listeners, err := g.describe(c.Context(), c.Region, c.Service, "DescribeListeners", "LoadBalancerArn", balancer)
		if err != nil {
			return nil, err
		}
		named = append(named, listeners.texts("TargetGroupArn")...)
		for _, listener := range listeners.texts("ListenerArn") {
			rules, err := g.describe(c.Context(), c.Region, c.Service, "DescribeRules", "ListenerArn", listener)
			if err != nil {
				return nil, err
			}
			named = append(named, rules.texts("TargetGroupArn")...)
		}
	}
	return named, nil
}

// elbError is Elastic Load Balancing's response to a call that it refuses. AWS: Elastic Load Balancing API Reference, "Common
// errors".
func elbError(code, message string) apiResponse {
	root := newElement("ErrorResponse",
		newElement("Error", text("Type", "Sender"), text("Code", code), text("Message", message)),
		text("RequestId", requestID()))
	root.Attributes = []xmlAttribute{{"xmlns", elbNamespace}}
	return apiResponse{Status: http.StatusBadRequest, Header: xmlHeader(), Body: root.encode()}
}
