package gateway

import (
	"encoding/json"
	"fmt"
)

// newEventsInUse refuses to delete a rule that has targets and a bus that has rules. The emulator deletes them with what they have.
func newEventsInUse(string) (Handler, error) {
	return Handler{
		Name:    "event buses and rules in use",
		AWS:     "A rule is not deleted while it has targets, nor an event bus while it has rules.",
		Source:  "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html",
		Matches: matchActions("events", "DeleteRule", "DeleteEventBus"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			var input struct{ Name, EventBusName string }
			if err := c.decodeInput(&input); err != nil {
				refusal := jsonError("SerializationException", err.Error())
				return &refusal, nil
			}
			list, member, message := "ListTargetsByRule", "Targets", "Rule can't be deleted since it has targets."
			question := map[string]any{"Rule": input.Name, "Limit": 1}
			if input.EventBusName != "" {
				question["EventBusName"] = input.EventBusName
			}
			if c.Action == "DeleteEventBus" {
				list, member, message = "ListRules", "Rules", "EventBus can't be deleted since it has rules."
				question = map[string]any{"EventBusName": input.Name, "Limit": 1}
			}
			used, err := g.listsAny(c, list, member, question)
			if err != nil || !used {
				return nil, err
			}
			refusal := jsonError("ValidationException", message)
			return &refusal, nil
		},
	}, nil
}

// listsAny says whether a List of the call's service has any items. Of what is not there it has none.
func (g *Gateway) listsAny(c *Call, action, member string, input any) (bool, error) {
	resp, err := g.callSibling(c, action, input)
	if err != nil || !resp.ok() {
		return false, err
	}
	output, items := jsonObject{}, []json.RawMessage{}
	if err := json.Unmarshal(resp.Body, &output); err != nil {
		return false, fmt.Errorf("reading the answer to %s: %w", action, err)
	}
	if err := json.Unmarshal(output[member], &items); err != nil {
		return false, fmt.Errorf("reading %s of the answer to %s: %w", member, action, err)
	}
	return len(items) > 0, nil
}
