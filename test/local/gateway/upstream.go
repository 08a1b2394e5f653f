package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxResponseSize bounds a response that the gateway edits, in bytes. A Describe of a thousand resources is about 2 MB.
const maxResponseSize = 64 << 20

// apiResponse is a whole response to an API call, the emulator's or the gateway's own.
type apiResponse struct {
	Status int
	Header http.Header
	Body   []byte
}

func (resp apiResponse) ok() bool { return resp.Status < http.StatusBadRequest }

// callEmulator sends a call to the emulator and returns its response.
func (g *Gateway) callEmulator(call *Call) (apiResponse, error) {
	request := call.Request.Clone(call.Context())
	request.RequestURI = ""
	request.URL.Scheme, request.URL.Host = g.emulator.Scheme, g.emulator.Host
	response, err := g.client.Do(request)
	if err != nil {
		return apiResponse{}, fmt.Errorf("passing on %s: %w", call.operation(), err)
	}
	body, err := readBody(response.Body)
	if err != nil {
		return apiResponse{}, fmt.Errorf("reading the answer to %s: %w", call.operation(), err)
	}
	return apiResponse{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// readBody reads a body to its end and closes it. One of more than maxResponseSize is an error.
func readBody(from io.ReadCloser) ([]byte, error) {
	defer from.Close()
	body, err := io.ReadAll(io.LimitReader(from, maxResponseSize+1))
	if err == nil && len(body) > maxResponseSize {
		err = fmt.Errorf("it has more than %d bytes", maxResponseSize)
	}
	return body, err
}

// queryEmulator sends a query-protocol call of the gateway's own to the emulator.
func (g *Gateway) queryEmulator(ctx context.Context, region, service string, form url.Values) (apiResponse, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return apiResponse{}, fmt.Errorf("asking for %s: %w", form.Get("Action"), err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	signAs(request, region, service)
	call := &Call{Request: request, Region: region, Service: service, Action: form.Get("Action")}
	call.setForm(form)
	return g.callEmulator(call)
}

// describeRDS sends a query of RDS's to the emulator and returns its answer.
func (g *Gateway) describeRDS(ctx context.Context, region string, form url.Values) (*xmlElement, error) {
	form.Set("Version", "2014-10-31")
	resp, err := g.queryEmulator(ctx, region, "rds", form)
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", form.Get("Action"), region, err)
	}
	return parseXML(resp.Body)
}

// describe returns the gateway's own answer to a query-protocol Describe, given with its fields as Key, value, Key, value, as a
// client would get it: what handlers add is in it.
func (g *Gateway) describe(ctx context.Context, region, service, action string, fields ...string) (*xmlElement, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.emulator.String()+"/", nil)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", action, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	signAs(request, region, service)
	call := &Call{Request: request, Region: region, Service: service, Action: action}
	form := url.Values{"Action": {action}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	call.setForm(form)
	var answer responseBuffer
	if !g.dispatch(&answer, call) {
		if answer.apiResponse, err = g.callEmulator(call); err != nil {
			return nil, err
		}
	}
	if !answer.ok() {
		return nil, fmt.Errorf("%s in %s: %d %s", call.operation(), region, answer.Status, answer.Body)
	}
	return parseXML(answer.Body)
}

// responseBuffer keeps an answer of the gateway to itself.
type responseBuffer struct{ apiResponse }

// Header returns the headers, which can be set.
func (b *responseBuffer) Header() http.Header {
	if b.apiResponse.Header == nil {
		b.apiResponse.Header = http.Header{}
	}
	return b.apiResponse.Header
}

// WriteHeader keeps the status.
func (b *responseBuffer) WriteHeader(status int) { b.Status = status }

func (b *responseBuffer) Write(part []byte) (int, error) {
	if b.Status == 0 {
		b.Status = http.StatusOK
	}
	b.Body = append(b.Body, part...)
	return len(part), nil
}

// getJSON decodes the emulator's answer to a GET of a REST-JSON service; found is false when what the path names is not there.
func (g *Gateway) getJSON(ctx context.Context, region, service, path string, into any) (found bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.emulator.String()+path, nil)
	if err != nil {
		return false, fmt.Errorf("asking %s for %s: %w", service, path, err)
	}
	signAs(request, region, service)
	resp, err := g.callEmulator(&Call{Request: request, Region: region, Service: service})
	if err == nil && resp.Status == http.StatusNotFound {
		return false, nil
	}
	if err == nil && !resp.ok() {
		err = fmt.Errorf("%d %s", resp.Status, resp.Body)
	}
	if err != nil {
		return false, fmt.Errorf("asking %s in %s for %s: %w", service, region, path, err)
	}
	if err := json.Unmarshal(resp.Body, into); err != nil {
		return false, fmt.Errorf("reading the answer of %s to %s: %w", service, path, err)
	}
	return true, nil
}

// signAs gives a request of the gateway's own the credential scope of a region and service, and the key of the root user, whose
// signature the emulator does not verify. It counts as one by TLS, as AWS's services send it: policies deny any other to the root user,
// too.
func signAs(request *http.Request, region, service string) {
	request.Header.Set(protoHeader, "https")
	request.Header.Set(
		"Authorization",
		fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service),
	)
}

// writeResponse makes the call's change durable and sends the response.
func (g *Gateway) writeResponse(w http.ResponseWriter, call *Call, resp apiResponse) {
	if err := g.commitChange(call, resp.Status); err != nil {
		g.respondUnavailable(w, call.Request, err)
		return
	}
	for name, values := range resp.Header {
		if name != "Content-Length" && name != "Connection" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(resp.Status)
	if _, err := w.Write(resp.Body); err != nil {
		g.log.Printf("answering %s: %v", call.operation(), err)
	}
}

// serveEdited sends a call to the emulator, applies change to the XML of a successful response, and sends the result.
func (g *Gateway) serveEdited(w http.ResponseWriter, call *Call, change func(*xmlElement) error) {
	resp, err := g.callAndEdit(call, change)
	if err != nil {
		g.respondUnavailable(w, call.Request, err)
		return
	}
	g.writeResponse(w, call, resp)
}

// serveUnless sends a call to the emulator, and of a successful response what replace returns: the response, or AWS's refusal.
func (g *Gateway) serveUnless(w http.ResponseWriter, call *Call, replace func(apiResponse) (apiResponse, error)) {
	resp, err := g.callEmulator(call)
	if err == nil && resp.ok() {
		resp, err = replace(resp)
	}
	if err != nil {
		g.respondUnavailable(w, call.Request, err)
		return
	}
	g.writeResponse(w, call, resp)
}

// callAndEdit sends a call to the emulator and applies change to the XML of a successful response.
func (g *Gateway) callAndEdit(call *Call, change func(*xmlElement) error) (apiResponse, error) {
	resp, err := g.callEmulator(call)
	if err != nil || !resp.ok() {
		return resp, err
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return apiResponse{}, err
	}
	if err := change(root); err != nil {
		return apiResponse{}, err
	}
	resp.Body = root.encode()
	return resp, nil
}

// serveDescribe serves an EC2 Describe operation: it completes each item of the emulator's list and applies the query's
// filters.
func (g *Gateway) serveDescribe(w http.ResponseWriter, call *Call, known filterPaths, list string, complete func(item *xmlElement)) {
	filters, refused := parseFilters(call.Form, known)
	if refused != nil {
		g.writeResponse(w, call, *refused)
		return
	}
	g.serveEdited(w, call, func(root *xmlElement) error {
		for _, item := range root.items(list) {
			complete(item)
		}
		applyFilters(filters, root.child(list))
		return nil
	})
}
