package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
	body, err := readAnswer(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer to %s: %w", call.operation(), err)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// readAnswer reads a body to its end and closes it.
func readAnswer(from io.ReadCloser) ([]byte, error) {
	defer from.Close()
	body, err := io.ReadAll(io.LimitReader(from, answerLimit+1))
	if err == nil && len(body) > answerLimit {
		err = fmt.Errorf("it has more than %d bytes", answerLimit)
	}
	return body, err
}

// query asks the emulator a query-protocol question of the gateway's own.
func (g *Gateway) query(ctx context.Context, region, service string, form url.Values) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return answer{}, fmt.Errorf("asking for %s: %w", form.Get("Action"), err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	signAs(request, region, service)
	call := &Call{Request: request, Region: region, Service: service, Action: form.Get("Action")}
	call.setForm(form)
	return g.ask(call)
}

// signAs gives a request of the gateway's own a region and service; the emulator checks no signature.
func signAs(request *http.Request, region, service string) {
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
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
	a, err := g.edited(call, change)
	if err != nil {
		g.unavailable(w, call.Request, err)
		return
	}
	g.send(w, call, a)
}

// edited asks the emulator and lets change work on the XML of a good answer.
func (g *Gateway) edited(call *Call, change func(*element) error) (answer, error) {
	a, err := g.ask(call)
	if err != nil || !a.ok() {
		return a, err
	}
	root, err := parseXML(a.Body)
	if err != nil {
		return answer{}, err
	}
	if err := change(root); err != nil {
		return answer{}, err
	}
	a.Body = root.document()
	return a, nil
}

// describe asks the emulator for a list of EC2's, completes each item and sends those that the query's filters let through.
func (g *Gateway) describe(w http.ResponseWriter, call *Call, known fields, list string, complete func(item *element)) {
	filters, refused := newFilters(call.Form, known)
	if refused != nil {
		g.send(w, call, *refused)
		return
	}
	g.edit(w, call, func(root *element) error {
		for _, item := range root.items(list) {
			complete(item)
		}
		apply(filters, root.child(list))
		return nil
	})
}
