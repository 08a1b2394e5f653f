package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
)

// defaultBus is the bus of a call without a bus name. AWS: Amazon EventBridge API Reference, PutPermission, EventBusName.
const defaultBus = "default"

// busPolicyHandler keeps the policies that were put as whole documents, by region and bus name. The emulator keeps the
// policies that consist of single statements only.
type busPolicyHandler struct{ policies *table[string] }

// permission is the input of PutPermission and RemovePermission.
type permission struct {
	EventBusName         string
	Policy               string               `json:",omitempty"` // a whole document; the fields of a single statement are then empty
	StatementId          string               `json:",omitempty"`
	Action, Principal    string               `json:",omitempty"`
	Condition            *permissionCondition `json:",omitempty"`
	RemoveAllPermissions bool                 `json:",omitempty"`
}

// permissionCondition limits a statement to an organization. AWS: Amazon EventBridge API Reference, Condition.
type permissionCondition struct{ Type, Key, Value string }

// busPolicyTable is the name of the table, and of its file.
const busPolicyTable = "event-bus-policies"

// BusPolicies is the file, in the folder of [Options], of the policies that were put as whole documents. The emulator reads it to
// judge who may put events on a bus.
func BusPolicies(folder string) string {
	return filepath.Join(folder, "gateway", busPolicyTable+".json")
}

func newBusPolicies(folder string) (Handler, error) {
	policies, err := openTable[string](folder, busPolicyTable)
	h := busPolicyHandler{policies}
	return Handler{
		Name: "event bus policies",
		AWS: "PutPermission with a Policy replaces the bus's policy by that document, and DescribeEventBus returns it; with a" +
			" StatementId it adds or replaces one statement. RemovePermission removes one statement, or all.",
		Source:  "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html",
		Matches: matchActions("events", "PutPermission", "RemovePermission", "DescribeEventBus", "ListEventBuses", "DeleteEventBus"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "DescribeEventBus":
				g.serveEditedJSON(w, c, func(bus jsonObject) error { return h.complete(c, bus) })
			case "ListEventBuses":
				g.serveEditedJSON(w, c, func(output jsonObject) error { return h.completeAll(c, output) })
			case "DeleteEventBus":
				h.delete(g, w, c)
			default:
				resp, err := h.changePolicy(g, c)
				g.respond(w, c, resp, err)
			}
		},
	}, err
}

// busKey is the table's key of a bus.
func busKey(c *Call, name string) string { return c.Region + "/" + name }

func (h busPolicyHandler) complete(c *Call, bus jsonObject) error {
	policy, ok := h.policies.get(busKey(c, bus.stringMember("Name")))
	if !ok {
		return nil
	}
	return bus.setMember("Policy", policy)
}

func (h busPolicyHandler) completeAll(c *Call, output jsonObject) error {
	var buses []jsonObject
	if err := json.Unmarshal(output["EventBuses"], &buses); err != nil {
		return fmt.Errorf("reading the event buses: %w", err)
	}
	for _, bus := range buses {
		if err := h.complete(c, bus); err != nil {
			return err
		}
	}
	return output.setMember("EventBuses", buses)
}

func (h busPolicyHandler) delete(g *Gateway, w http.ResponseWriter, c *Call) {
	var input struct{ Name string }
	if err := c.decodeInput(&input); err != nil {
		g.writeResponse(w, c, jsonError("SerializationException", err.Error()))
		return
	}
	g.serveEditedJSON(w, c, func(jsonObject) error { return h.policies.remove(busKey(c, input.Name)) })
}

// changePolicy serves PutPermission and RemovePermission.
func (h busPolicyHandler) changePolicy(g *Gateway, c *Call) (apiResponse, error) {
	input := permission{EventBusName: defaultBus}
	if err := c.decodeInput(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	described, err := g.callSibling(c, "DescribeEventBus", map[string]string{"Name": input.EventBusName})
	if err != nil || !described.ok() {
		return described, err // no such bus
	}
	key := busKey(c, input.EventBusName)
	policy, whole := h.policies.get(key)
	switch {
	case c.Action == "PutPermission" && input.Policy != "":
		return h.replacePolicy(g, c, input)
	case !whole:
		return g.callEmulator(c)
	case input.RemoveAllPermissions:
		return empty(h.policies.remove(key))
	}
	var bus struct{ Arn string }
	if err := json.Unmarshal(described.Body, &bus); err != nil {
		return apiResponse{}, fmt.Errorf("reading the event bus %s: %w", input.EventBusName, err)
	}
	changed, err := readPolicy(policy)
	if err != nil {
		return apiResponse{}, fmt.Errorf("reading the policy of the event bus %s: %w", input.EventBusName, err)
	}
	removed := changed.remove(input.StatementId)
	switch {
	case c.Action == "PutPermission":
		if err := changed.add(input, bus.Arn); err != nil {
			return apiResponse{}, err
		}
	case !removed:
		return jsonError("ResourceNotFoundException", "Statement with the provided id does not exist."), nil
	case len(changed.statements) == 0:
		return empty(h.policies.remove(key))
	}
	if policy, err = changed.text(); err != nil {
		return apiResponse{}, err
	}
	return empty(h.policies.update(key, func(kept *string) { *kept = policy }))
}

// replacePolicy replaces a policy by a whole document, and removes the emulator's statements.
func (h busPolicyHandler) replacePolicy(g *Gateway, c *Call, input permission) (apiResponse, error) {
	if _, err := readPolicy(input.Policy); err != nil {
		return jsonError("ValidationException", "The policy is not valid: "+err.Error()), nil
	}
	removed, err := g.callSibling(c, "RemovePermission", permission{EventBusName: input.EventBusName, RemoveAllPermissions: true})
	if err != nil || !removed.ok() {
		return removed, err
	}
	return empty(h.policies.update(busKey(c, input.EventBusName), func(kept *string) { *kept = input.Policy }))
}

// empty is the successful response without members, or the error.
func empty(err error) (apiResponse, error) {
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(struct{}{})
}
