package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// targetHeader names the operation of the JSON protocol: "AWSEvents.PutEvents".
// Smithy: "AWS JSON 1.1 protocol", protocol behavior.
const targetHeader = "X-Amz-Target"

// document is a JSON object of which the gateway edits some members; the others stay as they are, to the byte.
type document map[string]json.RawMessage

// text returns a member that is a string, or "".
func (d document) text(name string) string {
	var value string
	if json.Unmarshal(d[name], &value) != nil {
		return ""
	}
	return value
}

// set puts a member.
func (d document) set(name string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	d[name] = encoded
	return nil
}

// input reads the body of a JSON-protocol call and puts it back.
func (c *Call) input(into any) error {
	body, err := io.ReadAll(io.LimitReader(c.Body, formLimit+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.operation(), err)
	}
	if len(body) > formLimit {
		return fmt.Errorf("reading %s: more than %d bytes", c.operation(), formLimit)
	}
	c.setBody(body)
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading %s: %w", c.operation(), err)
	}
	return nil
}

// jsonAnswer is a good answer of the JSON protocol.
func jsonAnswer(output any) (answer, error) {
	body, err := json.Marshal(output)
	if err != nil {
		return answer{}, fmt.Errorf("encoding an answer: %w", err)
	}
	return answer{Status: http.StatusOK, Header: jsonHeader(), Body: body}, nil
}

// jsonError is the JSON protocol's answer to a call that is refused. Smithy: "AWS JSON 1.1 protocol", operation errors.
func jsonError(code, message string) answer {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message}) // strings can always be encoded
	return answer{Status: http.StatusBadRequest, Header: jsonHeader(), Body: body}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {requestID()}}
}

// sibling asks the emulator for another operation of the call's service, in the call's region.
func (g *Gateway) sibling(call *Call, action string, input any) (answer, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return answer{}, fmt.Errorf("encoding %s: %w", action, err)
	}
	request := call.Request.Clone(context.WithoutCancel(call.Context()))
	target := request.Header.Get(targetHeader)
	request.Header.Set(targetHeader, target[:strings.LastIndexByte(target, '.')+1]+action)
	other := &Call{Request: request, Region: call.Region, Service: call.Service, Action: action}
	other.setBody(body)
	return g.ask(other)
}

// editJSON asks the emulator, lets change work on a good answer, and sends the result.
func (g *Gateway) editJSON(w http.ResponseWriter, call *Call, change func(document) error) {
	a, err := g.ask(call)
	if err == nil && a.ok() {
		a, err = a.edited(change)
	}
	g.respond(w, call, a, err)
}

// edited returns the answer with its JSON changed.
func (a answer) edited(change func(document) error) (answer, error) {
	output := document{}
	if err := json.Unmarshal(a.Body, &output); err != nil {
		return answer{}, fmt.Errorf("reading an answer: %w", err)
	}
	if err := change(output); err != nil {
		return answer{}, err
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(output); err != nil {
		return answer{}, fmt.Errorf("encoding an answer: %w", err)
	}
	a.Body = body.Bytes()
	return a, nil
}

// respond sends an answer, or a 503 when there is an error instead.
func (g *Gateway) respond(w http.ResponseWriter, call *Call, a answer, err error) {
	if err != nil {
		g.unavailable(w, call.Request, err)
		return
	}
	g.send(w, call, a)
}
