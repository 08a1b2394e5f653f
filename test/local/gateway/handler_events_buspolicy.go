package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// defaultBus is the bus of a call that names none. AWS: Amazon EventBridge API Reference, PutPermission, EventBusName.
const defaultBus = "default"

// busPolicyGap keeps the policy of each bus to which a whole document was put, by region and name. A bus that has only
// single statements is the emulator's.
type busPolicyGap struct{ policies *table[string] }

// permission is the input of PutPermission and RemovePermission.
type permission struct {
	EventBusName         string
	Policy               string               `json:",omitempty"` // the whole document, instead of the statement below
	StatementId          string               `json:",omitempty"`
	Action, Principal    string               `json:",omitempty"`
	Condition            *permissionCondition `json:",omitempty"`
	RemoveAllPermissions bool                 `json:",omitempty"`
}

// permissionCondition limits a statement to an organization. AWS: Amazon EventBridge API Reference, Condition.
type permissionCondition struct{ Type, Key, Value string }

func newBusPolicies(folder string) (Gap, error) {
	policies, err := openTable[string](folder, "event-bus-policies")
	b := busPolicyGap{policies}
	return Gap{
		Name: "event bus policies",
		AWS: "PutPermission with a Policy replaces the bus's policy by that document, and DescribeEventBus returns it; with a" +
			" StatementId it adds or replaces one statement. RemovePermission removes one statement, or all.",
		Source:  "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html",
		Matches: operations("events", "PutPermission", "RemovePermission", "DescribeEventBus", "ListEventBuses", "DeleteEventBus"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "DescribeEventBus":
				g.editJSON(w, c, func(bus document) error { return b.complete(c, bus) })
			case "ListEventBuses":
				g.editJSON(w, c, func(output document) error { return b.completeAll(c, output) })
			case "DeleteEventBus":
				b.delete(g, w, c)
			default:
				a, err := b.change(g, c)
				g.respond(w, c, a, err)
			}
		},
	}, err
}

// busKey is the row of a bus.
func busKey(c *Call, name string) string { return c.Region + "/" + name }

func (b busPolicyGap) complete(c *Call, bus document) error {
	policy, ok := b.policies.get(busKey(c, bus.text("Name")))
	if !ok {
		return nil
	}
	return bus.set("Policy", policy)
}

func (b busPolicyGap) completeAll(c *Call, output document) error {
	var buses []document
	if err := json.Unmarshal(output["EventBuses"], &buses); err != nil {
		return fmt.Errorf("reading the event buses: %w", err)
	}
	for _, bus := range buses {
		if err := b.complete(c, bus); err != nil {
			return err
		}
	}
	return output.set("EventBuses", buses)
}

func (b busPolicyGap) delete(g *Gateway, w http.ResponseWriter, c *Call) {
	var input struct{ Name string }
	if err := c.input(&input); err != nil {
		g.send(w, c, jsonError("SerializationException", err.Error()))
		return
	}
	g.editJSON(w, c, func(document) error { return b.policies.remove(busKey(c, input.Name)) })
}

// change serves PutPermission and RemovePermission.
func (b busPolicyGap) change(g *Gateway, c *Call) (answer, error) {
	input := permission{EventBusName: defaultBus}
	if err := c.input(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	described, err := g.sibling(c, "DescribeEventBus", map[string]string{"Name": input.EventBusName})
	if err != nil || !described.ok() {
		return described, err // no such bus
	}
	key := busKey(c, input.EventBusName)
	policy, whole := b.policies.get(key)
	switch {
	case c.Action == "PutPermission" && input.Policy != "":
		return b.replace(g, c, input)
	case !whole:
		return g.ask(c)
	case input.RemoveAllPermissions:
		return empty(b.policies.remove(key))
	}
	var bus struct{ Arn string }
	if err := json.Unmarshal(described.Body, &bus); err != nil {
		return answer{}, fmt.Errorf("reading the event bus %s: %w", input.EventBusName, err)
	}
	changed, err := readPolicy(policy)
	if err != nil {
		return answer{}, fmt.Errorf("reading the policy of the event bus %s: %w", input.EventBusName, err)
	}
	removed := changed.remove(input.StatementId)
	switch {
	case c.Action == "PutPermission":
		if err := changed.add(input, bus.Arn); err != nil {
			return answer{}, err
		}
	case !removed:
		return jsonError("ResourceNotFoundException", "Statement with the provided id does not exist."), nil
	case len(changed.statements) == 0:
		return empty(b.policies.remove(key))
	}
	if policy, err = changed.text(); err != nil {
		return answer{}, err
	}
	return empty(b.policies.update(key, func(kept *string) { *kept = policy }))
}

// replace puts a whole document in place of what the gateway and the emulator have of a policy.
func (b busPolicyGap) replace(g *Gateway, c *Call, input permission) (answer, error) {
	if _, err := readPolicy(input.Policy); err != nil {
		return jsonError("ValidationException", "The policy is not valid: "+err.Error()), nil
	}
	removed, err := g.sibling(c, "RemovePermission", permission{EventBusName: input.EventBusName, RemoveAllPermissions: true})
	if err != nil || !removed.ok() {
		return removed, err
	}
	return empty(b.policies.update(busKey(c, input.EventBusName), func(kept *string) { *kept = input.Policy }))
}

// empty is the good answer without members, unless there was an error.
func empty(err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(struct{}{})
}
