package invariant

import (
	"reflect"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	const export = `{"deployment": {"resources": [
		{"urn": "urn:pulumi:dev::data::pulumi:pulumi:Stack::data-dev", "type": "pulumi:pulumi:Stack"},
		{"urn": "urn:pulumi:dev::data::pulumi:providers:aws::west", "type": "pulumi:providers:aws", "custom": true,
		 "inputs": {"region": "us-west-2"}},
		{"urn": "urn:pulumi:dev::data::a:b:C::part", "type": "a:b:C"},
		{"urn": "urn:pulumi:dev::data::a:b:C$aws:sqs/queue:Queue::q::1", "type": "aws:sqs/queue:Queue", "custom": true,
		 "provider": "urn:pulumi:dev::data::pulumi:providers:aws::west::id", "inputs": {"name": "n"}, "outputs": {"arn": "a"}}]}}`
	got, err := Read([]byte(export))
	if err != nil {
		t.Fatal(err)
	}
	want := []Resource{{
		Type: "aws:sqs/queue:Queue", Name: "q::1", Stack: "data", Region: "us-west-2",
		Inputs: Properties{"name": "n"}, Outputs: Properties{"arn": "a"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the resources are %+v, want %+v", got, want)
	}
}

func TestReadRefusals(t *testing.T) {
	tests := []struct{ name, export, want string }{
		{name: "no JSON", export: `{`, want: "reading a stack's exported state: "},
		{
			name:   "a resource whose provider is missing",
			export: `{"deployment": {"resources": [{"urn": "urn:pulumi:dev::data::t::n", "type": "t", "custom": true, "provider": "p::id"}]}}`,
			want:   `its provider "p::id" is not in the state`,
		},
		{
			name:   "a resource without a URN",
			export: `{"deployment": {"resources": [{"urn": "u", "type": "t", "custom": true}]}}`,
			want:   `"u" is no URN`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read([]byte(test.export)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one that contains %q", err, test.want)
			}
		})
	}
}

func TestGet(t *testing.T) {
	properties := Properties{"a": map[string]any{"b": []any{"x", map[string]any{"c": true}}}, "t": "text"}
	for path, want := range map[string]any{
		"t": "text", "a.b.0": "x", "a.b.1.c": true,
		"a.b.2": nil, "a.b.-1": nil, "a.b.first": nil, "t.u": nil, "none.of.all": nil,
	} {
		if got := properties.Get(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"deployment": {"resources": [{"urn": "urn:pulumi:dev::data::t::n", "type": "t", "custom": true, "provider": "p::id"}]}}`))
	f.Fuzz(func(t *testing.T, export []byte) {
		resources, err := Read(export)
		if err != nil && resources != nil {
			t.Errorf("it returns %d resources with the error %v", len(resources), err)
		}
	})
}
