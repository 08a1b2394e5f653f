package gateway

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"warmstandby/test/local/fault"
)

// iamRegion is the region that requests to IAM are signed for. AWS: AWS General Reference, "IAM endpoints".
const iamRegion = "us-east-1"

// newFreshRoles refuses targets whose role is younger than the fault [fault.Propagation] says.
func newFreshRoles(string) (Handler, error) {
	return Handler{
		Name: "targets of roles that were just made",
		AWS: "A role is known to EventBridge some seconds after it was made; until then a target that names it may be refused. Under the" +
			" fault propagation it is.",
		Source:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html",
		Matches: matchActions("events", "PutTargets"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			slow, has := g.faults.Find(c.Region, fault.Propagation)
			if !has {
				return nil, nil
			}
			var input struct{ Targets []struct{ RoleArn string } }
			if err := c.decodeInput(&input); err != nil {
				refusal := jsonError("SerializationException", err.Error())
				return &refusal, nil
			}
			for _, target := range input.Targets {
				fresh, err := g.youngerThan(c, target.RoleArn, slow.Delay)
				if err != nil || fresh {
					refusal := jsonError("ValidationException",
						fmt.Sprintf("Provided role '%s' cannot be assumed by principal 'events.amazonaws.com'.", target.RoleArn))
					return &refusal, err
				}
			}
			return nil, nil
		},
	}, nil
}

// youngerThan says whether a role was made less than an age ago. No role is not.
func (g *Gateway) youngerThan(c *Call, role string, age time.Duration) (bool, error) {
	name := role[strings.LastIndexByte(role, '/')+1:]
	if name == "" {
		return false, nil
	}
	resp, err := g.queryEmulator(c.Context(), iamRegion, "iam", url.Values{
		"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {name},
	})
	if err != nil || !resp.ok() {
		return false, err
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return false, err
	}
	made, err := time.Parse(time.RFC3339, root.findText("GetRoleResult", "Role", "CreateDate"))
	if err != nil {
		return false, fmt.Errorf("reading when role %s was made: %w", name, err)
	}
	return time.Since(made) < age, nil
}
