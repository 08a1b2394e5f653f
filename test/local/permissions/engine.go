// Package permissions holds the platform's policies to a table of the calls that its parts make on AWS: each call is allowed, each
// action of each policy is needed by a call, and what must be refused is refused.
//
// The policies are those that the stacks deploy with each profile (testdata/deployed, which the stacks' own tests write). They are
// evaluated by MiniStack's IAM engine, the emulator's own: this package has no engine.
package permissions

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/tools"
)

//go:embed engine.py
var enginePy string

// Decision is the engine's answer to a call.
type Decision string

// The decisions. A denial is explicit, by a statement, or implicit, because nothing allows.
const (
	Allow        Decision = "Allow"
	Deny         Decision = "Deny"
	ImplicitDeny Decision = "ImplicitDeny"
)

// question is what the engine is asked.
type question struct {
	Documents []json.RawMessage `json:"documents"`
	Cases     []evaluation      `json:"cases"`
}

// evaluation is one case of a question. The policies are indexes of the question's documents.
type evaluation struct {
	Principal string         `json:"principal"` // an ARN, or the name of a service
	Service   bool           `json:"service"`   // the principal is a service of AWS
	Account   string         `json:"account"`   // the principal's, and the resource's
	Action    string         `json:"action"`
	Resource  string         `json:"resource"`
	Region    string         `json:"region"`
	Context   map[string]any `json:"context"`
	Identity  []int          `json:"identity"`
	Policy    *int           `json:"policy"`   // the resource's own; nil: it has none
	Required  bool           `json:"required"` // the resource's policy must allow, too, as that of a KMS key
}

// add returns the index of a document, which is added.
func (q *question) add(document json.RawMessage) int {
	q.Documents = append(q.Documents, document)
	return len(q.Documents) - 1
}

// replaced returns the case with another document in the place of one; uses says whether that one decides the case at all.
func (e evaluation) replaced(document, replacement int) (changed evaluation, uses bool) {
	changed = e
	if e.Policy != nil && *e.Policy == document {
		changed.Policy, uses = &replacement, true
	}
	if at := slices.Index(e.Identity, document); at >= 0 {
		changed.Identity, uses = slices.Clone(e.Identity), true
		changed.Identity[at] = replacement
	}
	return changed, uses
}

// judge returns the engine's decision on each case of the question.
func (q *question) judge(ctx context.Context) ([]Decision, error) {
	cache, err := tools.CacheDir()
	if err != nil {
		return nil, err
	}
	installed, err := emulator.Install(ctx, cache, func(string) func() { return func() {} })
	if err != nil {
		return nil, err
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("encoding the calls for the engine: %w", err)
	}
	var faults bytes.Buffer
	command := exec.CommandContext(ctx, installed.Python, "-c", enginePy)
	command.Stdin, command.Stderr = bytes.NewReader(asked), &faults
	answer, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("running the engine: %w: %s", err, strings.TrimSpace(faults.String()))
	}
	var decisions []Decision
	if err := json.Unmarshal(answer, &decisions); err != nil {
		return nil, fmt.Errorf("reading the engine's answer: %w", err)
	}
	if len(decisions) != len(q.Cases) {
		return nil, fmt.Errorf("the engine decided %d of %d calls", len(decisions), len(q.Cases))
	}
	return decisions, nil
}
