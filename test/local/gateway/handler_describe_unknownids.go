package gateway

import (
	"fmt"
	"net/http"
	"slices"
)

// describedByID is a Describe in which AWS refuses an id or a name that it does not know. The emulator answers it with a list that
// lacks it.
type describedByID struct {
	service, action string
	param           string // the list of ids in the query
	field           string // has the id in each item of the answer
	refusal         func(id string) apiResponse
}

var describesByID = []describedByID{
	{"ec2", "DescribeRouteTables", "RouteTableId", "routeTableId", func(id string) apiResponse {
		return ec2Error("InvalidRouteTableID.NotFound", fmt.Sprintf("The routeTable ID '%s' does not exist", id))
	}},
	{"elasticloadbalancing", "DescribeTargetGroups", "Names.member", "TargetGroupName", unknownTargetGroup},
	{"elasticloadbalancing", "DescribeTargetGroups", "TargetGroupArns.member", "TargetGroupArn", unknownTargetGroup},
}

func unknownTargetGroup(string) apiResponse {
	return elbError("TargetGroupNotFound", "One or more target groups not found")
}

// matches says whether a call is this Describe with ids. What a filter leaves out is known to AWS all the same.
func (d describedByID) matches(c *Call) bool {
	return c.Service == d.service && c.Action == d.action && c.Form.Has(d.param+".1") && !c.Form.Has("Filter.1.Name")
}

// newUnknownIDs refuses ids that the emulator does not know.
func newUnknownIDs(string) (Handler, error) {
	of := func(c *Call) int {
		return slices.IndexFunc(describesByID, func(d describedByID) bool { return d.matches(c) })
	}
	return Handler{
		Name:           "unknown ids",
		AWS:            "A Describe that names a route table or a target group that is not there is refused, and no empty list.",
		Source:         "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
		Matches:        func(c *Call) bool { return of(c) >= 0 },
		EmulatorJudges: true,
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			g.serveUnless(w, c, func(answer apiResponse) (apiResponse, error) { return describesByID[of(c)].refuseUnknown(c, answer) })
		},
	}, nil
}

// refuseUnknown returns the emulator's answer if it has everything that the call names, and else AWS's refusal.
func (d describedByID) refuseUnknown(c *Call, answer apiResponse) (apiResponse, error) {
	root, err := parseXML(answer.Body)
	if err != nil {
		return apiResponse{}, err
	}
	known := root.texts(d.field)
	for _, id := range listParam(c.Form, d.param) {
		if !slices.Contains(known, id) {
			return d.refusal(id), nil
		}
	}
	return answer, nil
}
