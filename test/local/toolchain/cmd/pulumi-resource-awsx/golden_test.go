package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/grpc/status"
)

// The recording was made from the official plugin v2.22.0. These of its fields are left out, each for its reason:
//   - acceptsecrets, acceptresources, aliasspecs: flags by which an SDK tells the engine what it understands; Go and
//     Node differ in them and no resource does.
//   - aliasUrns: the older form of aliases, which both leave empty.
//   - the invoke pulumi:pulumi:getResource: the Node SDK's way to find a passed provider's id, which the Go SDK takes
//     from the reference. It changes nothing.
//   - name and type in a resource reference: later SDKs repeat there what the URN says. That they agree is tested.
//   - the order of requests: both SDKs send them concurrently. What must be registered before what is tested instead.
//   - the component's registration when Construct fails: it is sent concurrently with the failure and may be lost, with
//     either plugin. That nothing else is registered is tested.
const nodeOnlyInvoke = "pulumi:pulumi:getResource"

// recordedCase is one Construct call of the recording.
type recordedCase struct {
	Args            map[string]any `json:"args"`
	Resources       []registration `json:"resources"`
	Invokes         []invocation   `json:"invokes"`
	RegisterOutputs []outputsOf    `json:"registerOutputs"`
	Result          struct {
		URN       string              `json:"urn"`
		State     map[string]any      `json:"state"`
		StateDeps map[string][]string `json:"stateDeps"`
		Error     string              `json:"error"`
	} `json:"result"`
}

func TestConstructRegistersWhatTheOfficialPluginRegistered(t *testing.T) {
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatalf("reading the recording: %v", err)
	}
	var cases map[string]recordedCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatalf("reading the recording: %v", err)
	}
	if len(cases) != 5 {
		t.Fatalf("the recording has %d cases, want 5", len(cases))
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			// One zone more than is used: only the first ones may be taken.
			e := &engine{zones: []any{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"}}
			response, err := construct(t, e, want.Args, nil)
			if want.Result.Error != "" {
				if got := status.Convert(err).Message(); err == nil || got != want.Result.Error {
					t.Errorf("error %q, want %q", got, want.Result.Error)
				}
				for _, r := range e.registered() {
					if r.Type != vpcToken {
						t.Errorf("registered %s before failing", r.URN)
					}
				}
				return
			}
			if err != nil {
				t.Fatalf("Construct: %v", err)
			}
			compareRegistrations(t, e.registered(), want.Resources)
			causesFirst(t, e.registered())
			want.Invokes = slices.DeleteFunc(want.Invokes, func(i invocation) bool { return i.Token == nodeOnlyInvoke })
			same(t, "invokes", append([]invocation{}, e.invocations...), want.Invokes)
			same(t, "registered outputs", e.outputs, want.RegisterOutputs)
			same(t, "urn", response.GetUrn(), want.Result.URN)
			state := response.GetState().AsMap()
			stripReferences(t, state)
			same(t, "state", state, want.Result.State)
			deps := map[string][]string{}
			for key, d := range response.GetStateDependencies() {
				deps[key] = sorted(d.GetUrns())
			}
			for key := range want.Result.StateDeps {
				want.Result.StateDeps[key] = sorted(want.Result.StateDeps[key])
			}
			same(t, "state dependencies", deps, want.Result.StateDeps)
		})
	}
}

// stripReferences takes name and type out of every resource reference in value, where they must repeat the URN.
func stripReferences(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			stripReferences(t, element)
		}
	case map[string]any:
		if v[resource.SigKey] == resource.ResourceReferenceSig {
			urn := resource.URN(v["urn"].(string))
			same(t, "name and type of the reference to "+string(urn), []any{v["name"], v["type"]}, []any{urn.Name(), urn.Type()})
			delete(v, "name")
			delete(v, "type")
			return
		}
		for _, element := range v {
			stripReferences(t, element)
		}
	}
}

// compareRegistrations compares every field of every resource, by URN.
func compareRegistrations(t *testing.T, got, want []registration) {
	t.Helper()
	byURN := map[string]registration{}
	for _, r := range got {
		if _, twice := byURN[r.URN]; twice {
			t.Errorf("registered twice: %s", r.URN)
		}
		byURN[r.URN] = r
	}
	for _, w := range want {
		g, found := byURN[w.URN]
		if !found {
			t.Errorf("not registered: %s", w.URN)
			continue
		}
		delete(byURN, w.URN)
		w.Deps = sorted(w.Deps)
		for key := range w.PropDeps {
			w.PropDeps[key] = sorted(w.PropDeps[key])
		}
		same(t, w.URN, g, w)
	}
	for urn := range byURN {
		t.Errorf("registered beyond the recording: %s", urn)
	}
}

// causesFirst requires each resource's parent and dependencies to have been registered before it.
func causesFirst(t *testing.T, registrations []registration) {
	t.Helper()
	seen := []string{stackURN}
	for _, r := range registrations {
		for _, cause := range append([]string{r.Parent}, r.Deps...) {
			if !slices.Contains(seen, cause) {
				t.Errorf("%s was registered before %s, on which it depends", r.URN, cause)
			}
		}
		seen = append(seen, r.URN)
	}
}

// same compares two values by their JSON, in which maps have one order.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatalf("encoding %s: %v", what, err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatalf("encoding %s: %v", what, err)
	}
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
