package api

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// lines of a report: a run that ends, with a scenario of two cases, one of which follows a link and is found wrong by one of two checks.
const (
	begins   = `{"Initialize":{"seed":7,"schemathesis_version":"4"}}` + "\n"
	scenario = `{"ScenarioFinished":{"status":"failure","recorder":{"label":"Stateful tests","cases":{` +
		`"a":{"value":{"method":"POST","path":"/records"},"is_transition_applied":false},` +
		`"b":{"value":{"method":"get","path":"/records/{id}"},"parent_id":"a","is_transition_applied":true},` +
		`"unsent":{"value":{"method":"GET","path":"/records"}}},` +
		`"checks":{"a":[{"name":"ignored_auth","status":"success"}],"b":[{"name":"ignored_auth","status":"success"},` +
		`{"name":"status_code_conformance","status":"failure",` +
		`"failure_info":{"failure":{"type":"X","message":"Undocumented\n\nReceived: 418"}}}]},` +
		`"interactions":{"a":{"response":{"status_code":201}},"b":{"response":{"status_code":418}}}}}}` + "\n"
	ends = `{"EngineFinished":{"running_time":1}}` + "\n"
)

func TestRead(t *testing.T) {
	t.Run("a run", func(t *testing.T) {
		r, err := Read(strings.NewReader(begins + scenario + scenario + ends))
		if err != nil {
			t.Fatal(err)
		}
		if r.Seed != 7 || r.Cases != 4 || r.Chained != 2 || r.Checks["ignored_auth"] != 4 || r.Answers["POST /records"][201] != 2 {
			t.Errorf("got %+v", r)
		}
		want := Finding{"GET /records/{id}", "status_code_conformance", 418, "Undocumented Received: 418", 2}
		if !slices.Equal(r.Findings, []Finding{want}) {
			t.Errorf("got %v", r.Findings)
		}
	})
	for _, test := range []struct{ name, lines, want string }{
		{"a run that breaks off", begins + scenario, "did not come to its end"},
		{"nothing", "", "did not come to its end"},
		{"no JSON", begins + "x", "reading what Schemathesis reports"},
		{"an interrupted run", begins + `{"Interrupted":{"phase":"Fuzzing"}}` + ends, "was interrupted"},
		{
			"an operation for which no case can be made",
			begins + `{"NonFatalError":{"label":"POST /records","value":{"type":"InvalidSchema","message":"no pattern"}}}` + ends,
			"trying POST /records: InvalidSchema: no pattern",
		},
		{"a crash", `{"FatalError":{"exception":{"type":"KeyError","message":"'x'"}}}` + ends, "running Schemathesis: KeyError"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read(strings.NewReader(test.lines)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// report is one of a run that has tried everything and found one thing.
func report(findings ...Finding) Report {
	made := map[string]int{}
	for _, check := range checks {
		made[check] = 1
	}
	return Report{Cases: 2, Chained: 1, Checks: made, Findings: findings, Answers: map[string]map[int]int{
		"POST /records": {201: 1, 422: 3}, "GET /records": {410: 1},
	}}
}

func TestJudge(t *testing.T) {
	operations := []string{"GET /records", "POST /records"}
	found := Finding{Operation: "POST /records", Check: "positive_data_acceptance", Status: 422, Times: 1}
	row := Accepted{Operation: "POST /records", Check: "positive_data_acceptance", Status: 422, Reason: "for a test"}
	for _, test := range []struct {
		name   string
		table  []Accepted
		report Report
		change func(*Report)
		want   string // part of the error; nothing: there is none
	}{
		{"what is accepted passes", []Accepted{row}, report(found), nil, ""},
		{"a finding that is not accepted fails", nil, report(found), nil, "new: POST /records answers 422, which positive_data_acceptance"},
		{
			"another check's is not accepted", []Accepted{{Operation: "POST /records", Check: "ignored_auth", Status: 422}}, report(found), nil,
			"new: POST /records",
		},
		{
			"another status's is not accepted", []Accepted{{Operation: "POST /records", Check: "positive_data_acceptance", Status: 400}},
			report(found), nil,
			"new: POST /records",
		},
		{"a row that nothing needs fails", []Accepted{row}, report(), nil, "accepted and not found: POST /records answers 422"},
		{
			"a row that some seeds need may be there for nothing", []Accepted{{Operation: "POST /records", Check: "ignored_auth", Status: 200,
				Sometimes: true}},
			report(), nil, "",
		},
		{
			"an operation that never succeeds fails", nil, report(), func(r *Report) { r.Answers["POST /records"] = map[int]int{401: 9} },
			"POST /records never succeeded, only map[401:9]",
		},
		{"a check that is off fails", nil, report(), func(r *Report) { delete(r.Checks, "use_after_free") },
			"the check use_after_free was not made"},
		{"a run without chains fails", nil, report(), func(r *Report) { r.Chained = 0 }, "no request followed a link"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change(&test.report)
			}
			err := test.report.Judge(test.table, operations)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	operations, err := Operations("../..")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Accepted]bool{}
	for _, row := range Table {
		if row.Reason == "" || !slices.Contains(operations, row.Operation) || !slices.Contains(checks, row.Check) {
			t.Errorf("%+v has no reason, no operation of the document or no check", row)
		}
		key := row
		key.Reason = ""
		if seen[key] {
			t.Errorf("%+v is there twice", row)
		}
		seen[key] = true
	}
	for _, operation := range neverSucceed {
		if !slices.Contains(operations, operation) {
			t.Errorf("the document has no %s", operation)
		}
	}
}

func TestSees(t *testing.T) {
	planted := []Fault{{Operation: "GET /healthz", Check: "not_a_server_error", What: "it fails"}}
	for _, test := range []struct {
		name  string
		found Finding
		seen  bool
	}{
		{"by its check in its operation", Finding{Operation: "GET /healthz", Check: "not_a_server_error", Status: 500}, true},
		{"by another check alone", Finding{Operation: "GET /healthz", Check: "ignored_auth", Status: 500}, false},
		{"in another operation alone", Finding{Operation: "GET /readyz", Check: "not_a_server_error", Status: 500}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := report(test.found).Sees(planted)
			if (err == nil) != test.seen || err != nil && !strings.Contains(err.Error(), "not_a_server_error does not see that it fails") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("each check has a fault that it must see", func(t *testing.T) {
		has := map[string]bool{}
		for _, fault := range Planted {
			has[fault.Check] = true
		}
		if got := slices.Sorted(maps.Keys(has)); !slices.Equal(got, slices.Sorted(slices.Values(checks))) {
			t.Errorf("there are faults for %v, want %v", got, checks)
		}
	})
}
