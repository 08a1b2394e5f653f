package api

import (
	"encoding/json"
	"net/http"
)

// Fault is what the proxy spoils, and the check that must see it.
type Fault struct {
	// Operation is the one whose answers are spoiled and found wrong, What is what is wrong then.
	Operation, Check, What string
	// admits gives each request of the operation a token that the API admits.
	admits bool
	spoil  func(*answer)
}

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// Planted are the faults, at least one for each check. Each is of an operation of its own where two would hide each other.
var Planted = []Fault{
	{
		Operation: "GET /healthz", Check: "not_a_server_error", What: "it fails",
		spoil: func(a *answer) {
			a.replace(http.StatusInternalServerError, problemType,
				`{"type":"urn:warmstandby:problem:internal","title":"","status":500,"instance":"1"}`)
		},
	},
	{
		Operation: "DELETE /records/{id}", Check: "status_code_conformance", What: "a record that is not there has a status of its own",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusNotFound {
				a.become(http.StatusTeapot)
			}
		},
	},
	{
		Operation: "DELETE /records/{id}/document", Check: "content_type_conformance", What: "an error is a page",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusNotFound {
				a.replace(a.StatusCode, "text/html", "<h1>404 Not Found</h1>")
			}
		},
	},
	{
		Operation: "POST /records", Check: "response_headers_conformance", What: "a record's creation has no request id",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusCreated {
				a.Header.Del("X-Request-Id")
			}
		},
	},
	{
		Operation: "POST /records", Check: "response_schema_conformance", What: "a record that is created has no version",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusCreated {
				a.remove("version")
			}
		},
	},
	{
		Operation: "PUT /records/{id}/document", Check: "negative_data_rejection", What: "a body that is not valid is taken",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusUnprocessableEntity {
				a.replace(http.StatusOK, jsonType, `{"url":"https://s3.example/","method":"PUT","headers":{},"expiresAt":"2030-01-01T00:00:00Z"}`)
			}
		},
	},
	{
		Operation: "POST /records/search", Check: "positive_data_acceptance", What: "a search that is valid is refused",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusOK {
				a.replace(http.StatusBadRequest, problemType,
					`{"type":"urn:warmstandby:problem:malformed-request","title":"","status":400,"instance":"1"}`)
			}
		},
	},
	{
		Operation: "PUT /records/{id}", Check: "missing_required_header", What: "a change without If-Match is made",
		spoil: func(a *answer) {
			if a.Request.Header.Get("If-Match") == "" && (a.StatusCode == http.StatusPreconditionRequired || a.StatusCode == http.StatusBadRequest) {
				a.replace(http.StatusOK, jsonType, `{"id":"00000000-0000-4000-8000-000000000000","patient":"p","content":{},"version":1,`+
					`"createdAt":"2030-01-01T00:00:00Z","updatedAt":"2030-01-01T00:00:00Z"}`)
			}
		},
	},
	{
		Operation: "PATCH /readyz", Check: "unsupported_method", What: "a method that the document has not is served",
		spoil: func(a *answer) { a.replace(http.StatusOK, jsonType, "{}") },
	},
	{
		Operation: "OPTIONS /records", Check: "allow_header_conformance", What: "methods are named that there are not",
		spoil: func(a *answer) { a.Header.Set("Allow", "GET, PATCH") },
	},
	{
		Operation: "GET /records/{id}", Check: "use_after_free", What: "a deleted record is still there",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusNotFound && a.created != nil {
				a.replace(http.StatusOK, jsonType, string(a.created))
				a.Header.Set("ETag", `"1-00000000000000000000000000000000"`)
			}
		},
	},
	{
		Operation: "GET /records/{id}/document", Check: "ensure_resource_availability", What: "a record that was created is not there",
		spoil: func(a *answer) {
			if a.StatusCode == http.StatusOK {
				a.replace(http.StatusNotFound, problemType, `{"type":"urn:warmstandby:problem:not-found","title":"","status":404,"instance":"1"}`)
			}
		},
	},
	{Operation: "GET /records/{id}/versions", Check: "ignored_auth", What: "no token is needed", admits: true},
}

// remove takes a member out of a body.
func (a *answer) remove(member string) {
	var content map[string]json.RawMessage
	if json.Unmarshal(a.body, &content) != nil {
		return
	}
	delete(content, member)
	if text, err := json.Marshal(content); err == nil {
		a.body = text
	}
}
