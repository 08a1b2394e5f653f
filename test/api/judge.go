package api

import (
	"errors"
	"fmt"
	"slices"
)

// Accepted is a finding that is none of the API's faults, and why.
type Accepted struct {
	Operation, Check string
	Status           int
	Reason           string
	// Sometimes is whether some seeds alone find it, so that a run may do without the row.
	Sometimes bool
}

func (a Accepted) covers(f Finding) bool {
	return a.Operation == f.Operation && a.Check == f.Check && a.Status == f.Status
}

// checks are Schemathesis's that are made, all but two: make bench has response times, and lambda/app/test/http/tenants.test.js asks for
// each operation's objects as somebody else (object_level_authorization).
var checks = []string{
	"not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance",
	"negative_data_rejection", "positive_data_acceptance", "missing_required_header", "unsupported_method", "allow_header_conformance",
	"use_after_free", "ensure_resource_availability", "ignored_auth",
}

// Judge compares what was found with the table. The error has a line for each finding that is not accepted, each row that nothing needs,
// each operation that never succeeded, each check that was not made, and one for a run without chains.
func (r Report) Judge(table []Accepted, operations []string) error {
	var faults []error
	for _, finding := range r.Findings {
		if !slices.ContainsFunc(table, func(a Accepted) bool { return a.covers(finding) }) {
			faults = append(faults, fmt.Errorf("new: %s", finding))
		}
	}
	for _, row := range table {
		if !row.Sometimes && !slices.ContainsFunc(r.Findings, row.covers) {
			faults = append(faults, fmt.Errorf("accepted and not found: %s answers %d, %s: take the row out of test/api/accepted.go",
				row.Operation, row.Status, row.Check))
		}
	}
	for _, operation := range operations {
		if !r.succeeded(operation) && !slices.Contains(neverSucceed, operation) {
			faults = append(faults, fmt.Errorf("%s never succeeded, only %v: what it does was not seen", operation, r.Answers[operation]))
		}
	}
	for _, check := range checks {
		if r.Checks[check] == 0 {
			faults = append(faults, fmt.Errorf("the check %s was not made", check))
		}
	}
	if r.Chained == 0 {
		faults = append(faults, errors.New("no request followed a link"))
	}
	return errors.Join(faults...)
}

// succeeded reports whether an operation has had an answer of 2xx.
func (r Report) succeeded(operation string) bool {
	for status := range r.Answers[operation] {
		if status >= 200 && status < 300 {
			return true
		}
	}
	return false
}

// Sees returns an error with each planted fault that the run did not find.
func (r Report) Sees(planted []Fault) error {
	var faults []error
	for _, fault := range planted {
		seen := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Operation == fault.Operation && f.Check == fault.Check })
		if !seen {
			faults = append(faults, fmt.Errorf("%s does not see that %s (%s; answers %v): the check or the proxy is broken",
				fault.Check, fault.What, fault.Operation, r.Answers[fault.Operation]))
		}
	}
	return errors.Join(faults...)
}
