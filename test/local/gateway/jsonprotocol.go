package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

// targetHeader names the operation in the JSON protocol: "AWSEvents.PutEvents". Smithy: "AWS JSON 1.1 protocol", protocol
// behavior.
const targetHeader = "X-Amz-Target"

// jsonObject is a JSON object of which the gateway edits some members; the others stay as they are, to the byte.
type jsonObject map[string]json.RawMessage

// stringMember returns a member that is a string, or "".
func (d jsonObject) stringMember(name string) string {
	var value string
	if json.Unmarshal(d[name], &value) != nil {
		return ""
	}
	return value
}

// setMember sets a member.
func (d jsonObject) setMember(name string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	d[name] = encoded
	return nil
}

// decodeInput decodes the body of a JSON-protocol call and restores it for the emulator.
func (c *Call) decodeInput(into any) error {
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

// jsonResponse is a successful response of the JSON protocol.
func jsonResponse(output any) (apiResponse, error) {
	body, err := json.Marshal(output)
	if err != nil {
		return apiResponse{}, fmt.Errorf("encoding an answer: %w", err)
	}
	return apiResponse{Status: http.StatusOK, Header: jsonHeader(), Body: body}, nil
}

// jsonError is the JSON protocol's response to a call that is refused. Smithy: "AWS JSON 1.1 protocol", operation errors.
func jsonError(code, message string) apiResponse {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message}) // strings can always be encoded
	return apiResponse{Status: http.StatusBadRequest, Header: jsonHeader(), Body: body}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {requestID()}}
}

// callSibling calls another operation of the call's service in the emulator, in the call's region.
func (g *Gateway) callSibling(call *Call, action string, input any) (apiResponse, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return apiResponse{}, fmt.Errorf("encoding %s: %w", action, err)
	}
	request := call.Request.Clone(context.WithoutCancel(call.Context()))
	target := request.Header.Get(targetHeader)
	request.Header.Set(targetHeader, target[:strings.LastIndexByte(target, '.')+1]+action)
	other := &Call{Request: request, Region: call.Region, Service: call.Service, Action: action}
	other.setBody(body)
	return g.callEmulator(other)
}

// serveEditedJSON sends a call to the emulator, applies change to a successful response, and sends the result.
func (g *Gateway) serveEditedJSON(w http.ResponseWriter, call *Call, change func(jsonObject) error) {
	resp, err := g.callEmulator(call)
	if err == nil && resp.ok() {
		resp, err = resp.withEditedJSON(change)
	}
	g.respond(w, call, resp, err)
}

// withEditedJSON returns the response with its JSON changed.
func (resp apiResponse) withEditedJSON(change func(jsonObject) error) (apiResponse, error) {
	output := jsonObject{}
	if err := json.Unmarshal(resp.Body, &output); err != nil {
		return apiResponse{}, fmt.Errorf("reading an answer: %w", err)
	}
	if err := change(output); err != nil {
		return apiResponse{}, err
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(output); err != nil {
		return apiResponse{}, fmt.Errorf("encoding an answer: %w", err)
	}
	resp.Body = body.Bytes()
	return resp, nil
}

// respond sends a response, or a 503 when err is not nil.
func (g *Gateway) respond(w http.ResponseWriter, call *Call, resp apiResponse, err error) {
	if err != nil {
		g.respondUnavailable(w, call.Request, err)
		return
	}
	g.writeResponse(w, call, resp)
}

// callJSON calls an operation of the JSON protocol in the emulator, as "AWSEvents.PutEvents", for the gateway itself.
func (g *Gateway) callJSON(ctx context.Context, region, service, target string, input, output any) error {
	resp, err := g.sendJSON(ctx, region, service, target, nil, input)
	if err == nil {
		err = resp.decodeJSON(output)
	}
	if err != nil {
		return fmt.Errorf("%s in %s: %w", actionOfTarget(target), region, err)
	}
	return nil
}

// sendJSON sends a call of the gateway's own in AWS's JSON protocol to the emulator, with headers beside the protocol's. What the emulator
// refuses is no error.
func (g *Gateway) sendJSON(
	ctx context.Context, region, service, target string, header http.Header, input any,
) (apiResponse, error) {
	action := actionOfTarget(target)
	body, err := json.Marshal(input)
	if err != nil {
		return apiResponse{}, fmt.Errorf("encoding %s: %w", action, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return apiResponse{}, fmt.Errorf("calling %s: %w", action, err)
	}
	maps.Copy(request.Header, header)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set(targetHeader, target)
	signAs(request, region, service)
	call := &Call{Request: request, Region: region, Service: service, Action: action}
	call.setBody(body)
	return g.callEmulator(call)
}

// actionOfTarget is the operation that X-Amz-Target names.
func actionOfTarget(target string) string { return target[strings.LastIndexByte(target, '.')+1:] }

// decodeJSON reads an answer; a refusal is an error.
func (resp apiResponse) decodeJSON(output any) error {
	if !resp.ok() {
		return fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	return json.Unmarshal(resp.Body, output)
}
