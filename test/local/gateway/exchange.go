package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answerLimit bounds an answer that the gateway edits, in bytes. A Describe of a thousand resources is about 2 MB.
const answerLimit = 64 << 20

// answer is the emulator's whole answer to a call that the gateway edits or reads.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) ok() bool { return a.Status < http.StatusBadRequest }

// ask passes a call on and returns the emulator's answer.
func (g *Gateway) ask(call *Call) (answer, error) {
	request := call.Request.Clone(call.Context())
	request.RequestURI = ""
	request.URL.Scheme, request.URL.Host = g.emulator.Scheme, g.emulator.Host
	response, err := g.client.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("passing on %s: %w", call.operation(), err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer to %s: %w", call.operation(), err)
	}
	if len(body) > answerLimit {
		return answer{}, fmt.Errorf("reading the answer to %s: more than %d bytes", call.operation(), answerLimit)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// query asks the emulator a query-protocol question of the gateway's own.
func (g *Gateway) query(ctx context.Context, region, service string, form url.Values) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return answer{}, fmt.Errorf("asking for %s: %w", form.Get("Action"), err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
	call := &Call{Request: request, Region: region, Service: service, Action: form.Get("Action")}
	call.setForm(form)
	return g.ask(call)
}

// send makes the call's change durable and sends the answer.
func (g *Gateway) send(w http.ResponseWriter, call *Call, a answer) {
	if err := g.commit(call, a.Status); err != nil {
		g.unavailable(w, call.Request, err)
		return
	}
	for name, values := range a.Header {
		if name != "Content-Length" && name != "Connection" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.Status)
	if _, err := w.Write(a.Body); err != nil {
		g.log.Printf("answering %s: %v", call.operation(), err)
	}
}

// edit asks the emulator, lets change work on the XML of a good answer, and sends the result.
func (g *Gateway) edit(w http.ResponseWriter, call *Call, change func(*element) error) {
	a, err := g.ask(call)
	if err == nil && a.ok() {
		var root *element
		if root, err = parseXML(a.Body); err == nil {
			if err = change(root); err == nil {
				a.Body = root.document()
			}
		}
	}
	if err != nil {
		g.unavailable(w, call.Request, err)
		return
	}
	g.send(w, call, a)
}

// ec2Namespace is the XML namespace of EC2's answers. AWS: Amazon EC2 API Reference, "Making API requests".
const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// ec2Answer is a good answer to an EC2 operation.
func ec2Answer(action string, fields ...*element) answer {
	root := newElement(action+"Response", append([]*element{text("requestId", requestID())}, fields...)...)
	root.Attributes = []attribute{{"xmlns", ec2Namespace}}
	return answer{Status: http.StatusOK, Header: xmlHeader(), Body: root.document()}
}

// ec2Error is EC2's answer to a call that it refuses. AWS: Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API".
func ec2Error(code, message string) answer {
	root := newElement("Response",
		newElement("Errors", newElement("Error", text("Code", code), text("Message", message))),
		text("RequestID", requestID()))
	return answer{Status: http.StatusBadRequest, Header: xmlHeader(), Body: root.document()}
}

func xmlHeader() http.Header {
	return http.Header{"Content-Type": {"text/xml;charset=UTF-8"}}
}

// members returns a query-protocol list: Name.1, Name.2, up to the first gap.
func members(form url.Values, name string) []string {
	var values []string
	for i := 1; ; i++ {
		key := fmt.Sprintf("%s.%d", name, i)
		if !form.Has(key) {
			return values
		}
		values = append(values, form.Get(key))
	}
}

// boolean returns a query-protocol boolean, or absent when it is not there.
func boolean(form url.Values, name string, absent bool) bool {
	if !form.Has(name) {
		return absent
	}
	return strings.EqualFold(form.Get(name), "true")
}
