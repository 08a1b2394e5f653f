package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// webACLHandler completes AWS WAF: the logging of a web ACL, and that one in use stays. The emulator keeps web ACLs and associations.
type webACLHandler struct {
	loggings *table[json.RawMessage] // by the web ACL's ARN, as put
}

// webACLChanges are the operations after which another rate limit may stand before a load balancer: see firewall.go.
var webACLChanges = []string{"AssociateWebACL", "DisassociateWebACL", "UpdateWebACL", "DeleteWebACL"}

func newWebACLs(folder string) (Handler, error) {
	loggings, err := openTable[json.RawMessage](folder, "wafv2-loggings")
	h := &webACLHandler{loggings}
	serving := map[string]backupOperation{
		"PutLoggingConfiguration": h.putLogging, "GetLoggingConfiguration": h.getLogging,
		"DeleteLoggingConfiguration": h.deleteLogging, "ListLoggingConfigurations": h.listLoggings,
	}
	return Handler{
		Name: "AWS WAF's web ACLs",
		AWS: "A web ACL has at most one logging configuration, whose log group's name begins with aws-waf-logs-. A web ACL that stands" +
			" before a load balancer is not deleted.",
		Source: "https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html," +
			" https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html",
		Matches: func(c *Call) bool {
			return c.Service == "wafv2" && (serving[c.Action] != nil || slices.Contains(webACLChanges, c.Action))
		},
		Refuse: h.refuse,
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			serve := serving[c.Action]
			if serve == nil {
				serve = func(g *Gateway, c *Call) (apiResponse, error) {
					defer g.firewalls.forget()
					return g.callEmulator(c)
				}
			}
			resp, err := serve(g, c)
			g.respond(w, c, resp, err)
		},
	}, err
}

// refuse refuses to delete a web ACL that is associated with a resource. AWS: AWS WAF V2 API Reference, DeleteWebACL,
// WAFAssociatedItemException.
func (h *webACLHandler) refuse(g *Gateway, c *Call) (*apiResponse, error) {
	if c.Action != "DeleteWebACL" {
		return nil, nil
	}
	var input struct{ ID, Name, Scope string }
	if err := c.decodeInput(&input); err != nil {
		return nil, err
	}
	var described struct{ WebACL struct{ ARN string } }
	resp, err := g.callSibling(c, "GetWebACL", map[string]string{"Id": input.ID, "Name": input.Name, "Scope": input.Scope})
	if err != nil || !resp.ok() {
		return nil, err // the emulator says that there is none
	}
	if err := json.Unmarshal(resp.Body, &described); err != nil {
		return nil, fmt.Errorf("reading web ACL %s: %w", input.Name, err)
	}
	var listed struct{ ResourceArns []string }
	resp, err = g.callSibling(c, "ListResourcesForWebACL", map[string]string{"WebACLArn": described.WebACL.ARN})
	if err == nil {
		err = json.Unmarshal(resp.Body, &listed)
	}
	if err != nil {
		return nil, fmt.Errorf("listing what web ACL %s stands before: %w", input.Name, err)
	}
	if len(listed.ResourceArns) > 0 {
		refused := jsonError("WAFAssociatedItemException", "AWS WAF couldn’t perform the operation because your resource is being used by"+
			" another resource or it’s associated with another resource.")
		return &refused, nil
	}
	return nil, h.loggings.remove(described.WebACL.ARN)
}

// logged is a web ACL's ARN, in a logging configuration or in the request for one.
type logged struct {
	ResourceArn           string
	LogDestinationConfigs []string
}

// putLogging serves PutLoggingConfiguration. AWS: AWS WAF V2 API Reference, LoggingConfiguration, LogDestinationConfigs: one, whose name
// begins with aws-waf-logs-.
func (h *webACLHandler) putLogging(g *Gateway, c *Call) (apiResponse, error) {
	var input struct{ LoggingConfiguration json.RawMessage }
	if err := c.decodeInput(&input); err != nil {
		return apiResponse{}, err
	}
	var of logged
	if err := json.Unmarshal(input.LoggingConfiguration, &of); err != nil {
		return jsonError("WAFInvalidParameterException", "The logging configuration cannot be read."), nil
	}
	if len(of.LogDestinationConfigs) != 1 || !strings.Contains(of.LogDestinationConfigs[0], ":aws-waf-logs-") {
		return jsonError("WAFInvalidParameterException", "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other"+
			" information separated by colons or slashes., field: LOG_DESTINATION, parameter: "+strings.Join(of.LogDestinationConfigs, ", ")), nil
	}
	if resp, err := g.callSibling(c, "ListResourcesForWebACL", map[string]string{"WebACLArn": of.ResourceArn}); err != nil || !resp.ok() {
		return resp, err // there is no such web ACL
	}
	if err := h.loggings.update(of.ResourceArn, func(row *json.RawMessage) { *row = input.LoggingConfiguration }); err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{"LoggingConfiguration": input.LoggingConfiguration})
}

// find returns the logging configuration that a request names, or AWS's refusal.
func (h *webACLHandler) find(c *Call) (arn string, found json.RawMessage, refused *apiResponse, err error) {
	var of logged
	if err := c.decodeInput(&of); err != nil {
		return "", nil, nil, err
	}
	found, ok := h.loggings.get(of.ResourceArn)
	if !ok {
		resp := jsonError("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
		refused = &resp
	}
	return of.ResourceArn, found, refused, nil
}

func (h *webACLHandler) getLogging(_ *Gateway, c *Call) (apiResponse, error) {
	_, found, refused, err := h.find(c)
	if err != nil {
		return apiResponse{}, err
	}
	if refused != nil {
		return *refused, nil
	}
	return jsonResponse(map[string]any{"LoggingConfiguration": found})
}

func (h *webACLHandler) deleteLogging(_ *Gateway, c *Call) (apiResponse, error) {
	arn, _, refused, err := h.find(c)
	if err != nil {
		return apiResponse{}, err
	}
	if refused != nil {
		return *refused, nil
	}
	if err := h.loggings.remove(arn); err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{})
}

func (h *webACLHandler) listLoggings(_ *Gateway, c *Call) (apiResponse, error) {
	listed := []json.RawMessage{}
	for _, one := range h.loggings.sorted(func(a, b json.RawMessage) int { return strings.Compare(string(a), string(b)) }) {
		var of logged
		if err := json.Unmarshal(one, &of); err != nil {
			return apiResponse{}, fmt.Errorf("reading a logging configuration: %w", err)
		}
		if regionOf(of.ResourceArn) == c.Region {
			listed = append(listed, one)
		}
	}
	return jsonResponse(map[string]any{"LoggingConfigurations": listed})
}
