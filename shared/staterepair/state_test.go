package staterepair

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

const prefix = "urn:pulumi:dev::data-global::"

// state is an export with a provider, a key, and these pending operations.
func state(pending string) string {
	return `{"version": 3, "deployment": {"manifest": {"magic": "x"}, "resources": [
		{"urn": "` + prefix + `pulumi:providers:aws::aws-primary", "custom": true, "id": "1",
			"type": "pulumi:providers:aws", "inputs": {"region": "us-east-1"}},
		{"urn": "` + prefix + `aws:kms/key:Key::known", "custom": true, "id": "k",
			"type": "aws:kms/key:Key", "inputs": {"deletionWindowInDays": 7, "big": 12345678901234567890}}
	], "pending_operations": [` + pending + `]}}`
}

// operation is a pending one of a resource.
func operation(doing, kind, name string) string {
	return `{"type": "` + doing + `", "resource": {"urn": "` + prefix + kind + "::" + name + `", "custom": true, "type": "` + kind +
		`", "inputs": {"name": "` + name + `"}, "outputs": {}, "provider": "` + prefix + `pulumi:providers:aws::aws-primary::1"}}`
}

// found is a Finder that knows ids by names and has been asked for some.
type found struct {
	ids   map[string]string
	fault error
	asked []string
}

func (f *found) Find(_ context.Context, region, kind string, inputs map[string]any) (string, error) {
	name, _ := inputs["name"].(string)
	f.asked = append(f.asked, region+" "+kind+" "+name)
	return f.ids[name], f.fault
}

// What was being created is adopted where it is and forgotten where it is not.
func TestMendPendingCreation(t *testing.T) {
	const group = "aws:cloudwatch/logGroup:LogGroup"
	finder := &found{ids: map[string]string{"there": "id-1"}}
	text, mended, err := Mend(t.Context(), []byte(state(strings.Join([]string{
		operation("creating", group, "there"), operation("creating", group, "missing"), operation("updating", group, "updated"),
		operation("deleting", "aws:kms/key:Key", "known"), operation("creating", "aws:kms/key:Key", "known"),
		operation("creating", "pulumi:providers:aws", "aws-secondary"),
	}, ","))), finder)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{prefix + group + "::there"}; !slices.Equal(mended.Adopted, want) {
		t.Errorf("adopted are %q, want %q", mended.Adopted, want)
	}
	if len(mended.Dropped) != 5 {
		t.Errorf("dropped are %q, want the other five", mended.Dropped)
	}
	if want := []string{"us-east-1 " + group + " there", "us-east-1 " + group + " missing"}; !slices.Equal(finder.asked, want) {
		t.Errorf("looked for are %q, want %q", finder.asked, want)
	}
	var after struct {
		Version    int
		Deployment struct {
			Manifest          map[string]string
			Resources         []map[string]json.RawMessage
			PendingOperations []any `json:"pending_operations"`
		}
	}
	if err := json.Unmarshal(text, &after); err != nil {
		t.Fatal(err)
	}
	if after.Version != 3 || after.Deployment.Manifest["magic"] != "x" || after.Deployment.PendingOperations != nil ||
		len(after.Deployment.Resources) != 3 {
		t.Fatalf("the state is %s", text)
	}
	last := after.Deployment.Resources[2]
	if _, has := last["outputs"]; has || string(last["id"]) != `"id-1"` || !strings.Contains(string(last["inputs"]), "there") {
		t.Errorf("the adopted resource is %s", last)
	}
	if !strings.Contains(string(text), "12345678901234567890") {
		t.Errorf("a number is not what it was: %s", text)
	}
}

func TestAStateWithNothingPendingIsLeftAlone(t *testing.T) {
	for _, text := range []string{state(""), `{"version": 3, "deployment": {}}`, `{"version": 3}`} {
		if after, mended, err := Mend(
			t.Context(),
			[]byte(text),
			&found{},
		); after != nil || err != nil || mended.Adopted != nil ||
			mended.Dropped != nil {
			t.Errorf("%s becomes %s, %+v, %v", text, after, mended, err)
		}
	}
}

// What cannot be looked for is named and nothing is forgotten.
func TestMendFindError(t *testing.T) {
	pending := operation("creating", "aws:sqs/queue:Queue", "one") + "," + operation("creating", "aws:sqs/queue:Queue", "two")
	after, _, err := Mend(t.Context(), []byte(state(pending)), &found{fault: errors.New("no answer")})
	if after != nil || err == nil || !strings.Contains(err.Error(), "::one: no answer") || !strings.Contains(err.Error(), "::two: no answer") {
		t.Errorf("%s, %v, want an error that names both", after, err)
	}
	for name, text := range map[string]string{
		"another provider":  strings.ReplaceAll(state(pending), "aws-primary::1", "aws-third::1"),
		"no provider":       strings.ReplaceAll(state(pending), prefix+"pulumi:providers:aws::aws-primary::1", ""),
		"half of the state": state(pending)[:100],
	} {
		if after, _, err := Mend(t.Context(), []byte(text), &found{}); after != nil || err == nil {
			t.Errorf("%s: %s, %v, want an error", name, after, err)
		}
	}
}

func FuzzMendAnswersOrRefuses(f *testing.F) {
	f.Add(state(operation("creating", "aws:sqs/queue:Queue", "one")))
	f.Add(`{"deployment": {"pending_operations": [1], "resources": [2]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		after, mended, err := Mend(t.Context(), []byte(text), &found{ids: map[string]string{"one": "1"}})
		if err != nil && after != nil || err == nil && after != nil && !json.Valid(after) {
			t.Errorf("%q becomes %s, %+v, %v", text, after, mended, err)
		}
	})
}
