package gateway

import (
	"context"
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

// signAs gives a request of the gateway's own the credential scope of a region and service. The emulator verifies no
// signature.
func signAs(request *http.Request, region, service string) {
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
