package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Finding is an answer that does not pass a check.
type Finding struct {
	// Operation is what was asked, as "POST /records".
	Operation string
	// Check is Schemathesis's name of what was looked at.
	Check string
	// Status is the answer's.
	Status int
	// Message is the check's words, the first time; Times is how often it was found.
	Message string
	Times   int
}

func (f Finding) String() string {
	return fmt.Sprintf("%s answers %d, which %s finds wrong (%d times): %s", f.Operation, f.Status, f.Check, f.Times, f.Message)
}

// Report is what a run has done and found.
type Report struct {
	Seed uint32
	// Cases is how many requests were sent, Chained how many of them followed a link of an answer.
	Cases, Chained int
	// Answers are the statuses that each operation has answered with, Checks how often each check was made.
	Answers map[string]map[int]int
	Checks  map[string]int
	// Findings are sorted; of one operation, check and status there is one.
	Findings []Finding
}

// event is a line of Schemathesis's report, as far as it is read here.
type event struct {
	Initialize       *struct{ Seed uint32 }
	ScenarioFinished *struct{ Recorder recorder }
	NonFatalError    *struct {
		Label string
		Value struct{ Type, Message string }
	}
	FatalError *struct {
		Exception struct{ Type, Message string }
	}
	Interrupted    *struct{}
	EngineFinished *struct{}
}

// recorder has the cases of a scenario, their answers and what was checked in them, each by the case's id.
type recorder struct {
	Cases map[string]struct {
		Value     struct{ Method, Path string }
		Applied   bool `json:"is_transition_applied"`
		HasParent any  `json:"parent_id"`
	}
	Checks map[string][]struct {
		Name    string
		Status  string
		Failure struct {
			Failure struct{ Message string }
		} `json:"failure_info"`
	}
	Interactions map[string]struct {
		Response *struct {
			Status int `json:"status_code"`
		}
	}
}

// failed is a check's status when it has found something.
const failed = "failure"

// Read reads a report, one JSON document a line. A run that did not come to its end, or that could not make cases of an operation, is an
// error: it would have found less.
func Read(lines io.Reader) (Report, error) {
	r := Report{Answers: map[string]map[int]int{}, Checks: map[string]int{}}
	found := map[Finding]*Finding{}
	ended := false
	var faults []error
	decoder := json.NewDecoder(lines)
	for {
		var one event
		err := decoder.Decode(&one)
		if err == io.EOF {
			break
		}
		if err != nil {
			return r, fmt.Errorf("reading what Schemathesis reports: %w", err)
		}
		switch {
		case one.Initialize != nil:
			r.Seed = one.Initialize.Seed
		case one.ScenarioFinished != nil:
			r.add(one.ScenarioFinished.Recorder, found)
		case one.NonFatalError != nil:
			e := one.NonFatalError
			faults = append(faults, fmt.Errorf("trying %s: %s: %s", e.Label, e.Value.Type, e.Value.Message))
		case one.FatalError != nil:
			faults = append(faults, fmt.Errorf("running Schemathesis: %s: %s", one.FatalError.Exception.Type, one.FatalError.Exception.Message))
		case one.Interrupted != nil:
			faults = append(faults, errors.New("the run was interrupted"))
		case one.EngineFinished != nil:
			ended = true
		}
	}
	if !ended {
		faults = append(faults, errors.New("the run did not come to its end"))
	}
	for _, one := range found {
		r.Findings = append(r.Findings, *one)
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Status, b.Status))
	})
	return r, errors.Join(faults...)
}

// add adds a scenario's cases.
func (r *Report) add(scenario recorder, found map[Finding]*Finding) {
	for id, one := range scenario.Cases {
		answer := scenario.Interactions[id].Response
		if answer == nil { // It was made and not sent.
			continue
		}
		r.Cases++
		if one.Applied {
			r.Chained++
		}
		operation := strings.ToUpper(one.Value.Method) + " " + one.Value.Path
		if r.Answers[operation] == nil {
			r.Answers[operation] = map[int]int{}
		}
		r.Answers[operation][answer.Status]++
		for _, check := range scenario.Checks[id] {
			r.Checks[check.Name]++
			if check.Status != failed {
				continue
			}
			key := Finding{Operation: operation, Check: check.Name, Status: answer.Status}
			if found[key] == nil {
				first := key
				first.Message = strings.Join(strings.Fields(check.Failure.Failure.Message), " ")
				found[key] = &first
			}
			found[key].Times++
		}
	}
}
