package staterepair

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	groupKind  = "aws:cloudwatch/logGroup:LogGroup"
	secretKind = "aws:secretsmanager/secret:Secret"

	stackURN    = prefix + "pulumi:pulumi:Stack::data-global-dev"
	outerURN    = prefix + "warmstandby:database:Global::records"
	innerURN    = prefix + "warmstandby:database:Global$warmstandby:database:Member::primary"
	providerURN = prefix + "pulumi:providers:aws::aws-primary"
)

// step is one of a plan.
func step(op, urn, rest string) string {
	return `{"op": "` + op + `", "urn": "` + urn + `", "newState": {"urn": "` + urn + `"` + rest + `}}`
}

// planOf is a plan of a first deployment: the stack, two components, a provider, a key, and further steps.
func planOf(further ...string) string {
	steps := append([]string{
		step("create", stackURN, `, "custom": false, "type": "pulumi:pulumi:Stack", "sourcePosition": "main.go#1"`),
		step(
			"create",
			providerURN,
			`, "custom": true, "type": "pulumi:providers:aws", "parent": "`+stackURN+`", "inputs": {"region": "us-east-1", "version": "6.83.2"}`,
		),
		step("create", outerURN, `, "custom": false, "type": "warmstandby:database:Global", "parent": "`+stackURN+`"`),
		step("create", innerURN, `, "custom": false, "type": "warmstandby:database:Member", "parent": "`+outerURN+`"`),
		step(
			"create",
			prefix+"aws:kms/key:Key::new",
			`, "custom": true, "type": "aws:kms/key:Key", "parent": "`+innerURN+`", "provider": "`+providerURN+"::"+unknown+`"`,
		),
		`{"op": "delete", "urn": "` + prefix + `aws:kms/key:Key::old", "oldState": {}}`,
	}, further...)
	return `{"steps": [` + strings.Join(steps, ",") + `]}`
}

// planned is a step for a resource in the inner component, whose key is unknown.
func planned(op, kind, name string) string {
	return step(
		op,
		prefix+kind+"::"+name,
		`, "custom": true, "type": "`+kind+`", "parent": "`+innerURN+`", "protect": true, "provider": "`+providerURN+"::"+unknown+`",
		"dependencies": ["`+prefix+`aws:kms/key:Key::new"], "propertyDependencies": {"kmsKeyId": ["`+prefix+`aws:kms/key:Key::new"]},
		"inputs": {"name": "`+name+`", "kmsKeyId": "`+unknown+`",
			"replicas": [{"kmsKeyId": "`+unknown+`"}], "retentionInDays": 12345678901234567890}`,
	)
}

// keeper is a [Keeper] that has some resources by name.
type keeper struct {
	has      map[string]Kept
	fault    error
	asked    []string
	restored []string
}

func (k *keeper) Keeps(kind string) bool { return kind == groupKind || kind == secretKind }

func (k *keeper) Kept(_ context.Context, region, kind string, in map[string]any) (Kept, error) {
	name := inputs(in).text("name")
	k.asked = append(k.asked, region+" "+kind+" "+name)
	return k.has[name], k.fault
}

// scheduled has a secret's deletion called off.
func (k *keeper) scheduled(name, environment string) Kept {
	return Kept{ID: "id-" + name, Environment: environment, Restore: func(context.Context) error {
		k.restored = append(k.restored, name)
		return nil
	}}
}

// stated are a state's resources by URN, in order.
func stated(t *testing.T, state []byte) (urns []string, resources map[string]map[string]any) {
	t.Helper()
	var document struct {
		Version    int
		Deployment struct {
			Manifest  map[string]string
			Resources []map[string]any
		}
	}
	if err := decode(state, &document); err != nil {
		t.Fatalf("reading %s: %v", state, err)
	}
	if document.Version != 3 || document.Deployment.Manifest["magic"] != "x" {
		t.Errorf("the state is no longer what it was beside its resources: %s", state)
	}
	resources = map[string]map[string]any{}
	for _, resource := range document.Deployment.Resources {
		urns, resources[text(resource, "urn")] = append(urns, text(resource, "urn")), resource
	}
	return urns, resources
}

const emptied = `{"version": 3, "deployment": {"manifest": {"magic": "x"}, "metadata": {}}}`

func TestWhatIsKeptIsAdoptedWithAllThatItLiesIn(t *testing.T) {
	k := &keeper{has: map[string]Kept{"group": {ID: "group", Environment: "dev"}}}
	k.has["secret"] = k.scheduled("secret", "dev")
	state, adopted, err := Adopt(
		t.Context(),
		[]byte(emptied),
		[]byte(planOf(planned("create", groupKind, "group"), planned("create", groupKind, "absent"),
			planned("create", secretKind, "secret"), planned("same", groupKind, "known"))),
		"dev",
		k,
	)
	if err != nil {
		t.Fatal(err)
	}
	group, secret := prefix+groupKind+"::group", prefix+secretKind+"::secret"
	if want := []string{group, secret}; !slices.Equal(adopted, want) {
		t.Errorf("adopted are %q, want %q", adopted, want)
	}
	if want := []string{
		"us-east-1 " + groupKind + " group",
		"us-east-1 " + groupKind + " absent",
		"us-east-1 " + secretKind + " secret",
	}; !slices.Equal(
		k.asked,
		want,
	) {
		t.Errorf("looked for are %q, want %q", k.asked, want)
	}
	if !slices.Equal(k.restored, []string{"secret"}) {
		t.Errorf("restored are %q, want the secret alone", k.restored)
	}
	urns, resources := stated(t, state)
	if want := []string{stackURN, outerURN, innerURN, providerURN, group, secret}; !slices.Equal(urns, want) {
		t.Fatalf("the state has %q, want %q", urns, want)
	}
	got := resources[group]
	provider := text(resources[providerURN], "id")
	if len(provider) != len(unknown) || provider == unknown {
		t.Errorf("the provider has the id %q, want a new UUID", provider)
	}
	if text(got, "id") != "group" || text(got, "provider") != providerURN+"::"+provider || text(got, "parent") != innerURN ||
		got["protect"] != true ||
		got["custom"] != true {
		t.Errorf("the adopted group is %v", got)
	}
	for _, absent := range []string{"outputs", "dependencies", "propertyDependencies"} {
		if got[absent] != nil {
			t.Errorf("the adopted group has %s %v: they may name what is not in the state", absent, got[absent])
		}
	}
	if fmt.Sprint(got["inputs"]) != "map[name:group retentionInDays:12345678901234567890]" {
		t.Errorf("the adopted group has the inputs %v, want those that are known", got["inputs"])
	}
	if resources[stackURN]["sourcePosition"] != nil || resources[innerURN]["custom"] != false {
		t.Errorf("the components are %v and %v", resources[stackURN], resources[innerURN])
	}
}

// What is kept is adopted into a state that has part of it already.
func TestAdoptIntoPartialState(t *testing.T) {
	k := &keeper{has: map[string]Kept{"group": {ID: "group", Environment: "dev"}}}
	exported := `{"version": 3, "deployment": {"manifest": {"magic": "x"}, "resources": [
		{"urn": "` + stackURN + `", "type": "pulumi:pulumi:Stack"},
		{"urn": "` + outerURN + `", "type": "warmstandby:database:Global", "parent": "` + stackURN + `"},
		{"urn": "` + providerURN + `", "id": "given", "type": "pulumi:providers:aws", "inputs": {"region": "eu-west-1"}}]}}`
	state, _, err := Adopt(t.Context(), []byte(exported), []byte(planOf(planned("create", groupKind, "group"))), "dev", k)
	if err != nil {
		t.Fatal(err)
	}
	urns, resources := stated(t, state)
	group := prefix + groupKind + "::group"
	if want := []string{stackURN, outerURN, providerURN, innerURN, group}; !slices.Equal(urns, want) {
		t.Errorf("the state has %q, want %q", urns, want)
	}
	if text(resources[group], "provider") != providerURN+"::given" || k.asked[0] != "eu-west-1 "+groupKind+" group" {
		t.Errorf("the group has the provider %v and was looked for in %q, want the state's", resources[group]["provider"], k.asked)
	}
}

func TestWhatIsAnothersIsNamedAndNothingIsAdopted(t *testing.T) {
	k := &keeper{has: map[string]Kept{
		"theirs":  {ID: "arn:theirs", Environment: "prod", Removal: "aws logs delete-log-group"},
		"nobodys": {ID: "nobodys", Removal: "aws logs delete-log-group"},
	}}
	k.has["ours"] = k.scheduled("ours", "dev")
	state, adopted, err := Adopt(t.Context(), []byte(emptied), []byte(planOf(planned("create", secretKind, "ours"),
		planned("create", groupKind, "theirs"), planned("create", groupKind, "nobodys"))), "dev", k)
	if state != nil || adopted != nil || len(k.restored) != 0 {
		t.Errorf("adopted are %q into %s, restored %q; want nothing", adopted, state, k.restored)
	}
	for _, want := range []string{
		groupKind + "::theirs cannot be created: AWS has arn:theirs, which is of the environment prod by its tag Environment. " +
			"Remove it (aws logs delete-log-group)",
		groupKind + "::nobodys cannot be created: AWS has nobodys, which has no tag Environment.", "set its tag Environment to dev",
		"another environmentSuffix",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
}

func TestWhereNothingIsKeptTheStateIsLeftAlone(t *testing.T) {
	for name, plan := range map[string]string{
		"a plan that creates nothing of a kind that is kept": planOf(),
		"a plan whose resources are not in AWS":              planOf(planned("create", groupKind, "group")),
		"a plan that changes nothing":                        `{"steps": []}`,
		"a plan without steps":                               `{}`,
	} {
		if state, adopted, err := Adopt(
			t.Context(),
			[]byte(emptied),
			[]byte(plan),
			"dev",
			&keeper{},
		); state != nil || adopted != nil ||
			err != nil {
			t.Errorf("%s: %s, %q, %v, want nothing", name, state, adopted, err)
		}
	}
}

func TestWhatCannotBeAdoptedIsNamed(t *testing.T) {
	one := planOf(planned("create", groupKind, "group"))
	ours := map[string]Kept{"group": {ID: "group", Environment: "dev"}}
	failing := map[string]Kept{
		"group": {ID: "group", Environment: "dev", Restore: func(context.Context) error { return errors.New("no restoring") }},
	}
	for name, test := range map[string]struct {
		exported, plan, says string
		keeper               *keeper
	}{
		"no state":                 {`{`, one, "reading the state", &keeper{}},
		"a state of no deployment": {`{"version": 3}`, one, "has no deployment", &keeper{}},
		"no plan":                  {emptied, `[`, "reading the plan", &keeper{}},
		"AWS does not answer":      {emptied, one, groupKind + "::group: no answer", &keeper{fault: errors.New("no answer")}},
		"a provider that is nowhere": {
			emptied, strings.ReplaceAll(one, providerURN+"::"+unknown, prefix+"pulumi:providers:aws::other::1"), "names no region",
			&keeper{has: ours},
		},
		"a provider without a region": {emptied, strings.ReplaceAll(one, `"region"`, `"other"`), "names no region", &keeper{has: ours}},
		"a component that is nowhere": {
			emptied, strings.ReplaceAll(one, `"parent": "`+outerURN, `"parent": "urn:other`), "has its component urn:other", &keeper{has: ours},
		},
		"a component that lies in itself": {
			emptied, strings.ReplaceAll(one, `"parent": "`+outerURN, `"parent": "`+innerURN), "has its component " + innerURN, &keeper{has: ours},
		},
		"a deletion that is not called off": {emptied, one, "no restoring", &keeper{has: failing}},
	} {
		if state, _, err := Adopt(
			t.Context(),
			[]byte(test.exported),
			[]byte(test.plan),
			"dev",
			test.keeper,
		); state != nil || err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %s, %v, want an error that says %q", name, state, err, test.says)
		}
	}
}

// A stack that was destroyed has a history and no resources.
func TestDestroyed(t *testing.T) {
	const standing, once = `{"deployment": {"resources": [{}]}}`, `[{"kind": "destroy"}]`
	for name, test := range map[string]struct {
		exported, history string
		want              bool
	}{
		"one that was destroyed":      {emptied, once, true},
		"one that stands":             {standing, once, false},
		"one that was never deployed": {emptied, `[]`, false},
		"one of no history":           {standing, `[]`, false},
	} {
		if got, err := Destroyed([]byte(test.exported), []byte(test.history)); got != test.want || err != nil {
			t.Errorf("%s: %t, %v, want %t", name, got, err, test.want)
		}
	}
	for name, of := range map[string][2]string{"no state": {`{`, once}, "no history": {emptied, `{`}} {
		if got, err := Destroyed([]byte(of[0]), []byte(of[1])); got || err == nil {
			t.Errorf("%s: %t, %v, want an error", name, got, err)
		}
	}
}

func TestAPlanThatFailsSaysWhy(t *testing.T) {
	failed := errors.New("exit status 255")
	for name, test := range map[string]struct{ printed, want string }{
		"errors": {
			`{"steps": [], "diagnostics": [{"severity": "error", "message": "no\n"}, {"severity": "warning", "message": "hm"}, {"severity": "error", "message": "never"}]}`,
			"planning the update: no\nnever",
		},
		"warnings only": {`{"diagnostics": [{"severity": "warning", "message": "hm"}]}`, "exit status 255"},
		"no plan":       {`error: no stack`, "exit status 255"},
	} {
		if got := PlanFault([]byte(test.printed), failed); got.Error() != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A state that is imported names nothing that does not stand before it.
func FuzzAdoptAnswersOrRefuses(f *testing.F) {
	f.Add(emptied, planOf(planned("create", groupKind, "group")))
	f.Add(
		`{"deployment": {"resources": [1, {"urn": "a"}]}}`,
		`{"steps": [{"op": "create", "newState": {"urn": "a", "parent": "a", "type": "`+groupKind+`"}}]}`,
	)
	f.Add(`{"deployment": 1}`, `{"steps": [{"op": "create"}, 1]}`)
	f.Fuzz(func(t *testing.T, exported, plan string) {
		k := &keeper{has: map[string]Kept{"group": {ID: "group", Environment: "dev"}}}
		state, adopted, err := Adopt(t.Context(), []byte(exported), []byte(plan), "dev", k)
		if err != nil && state != nil || (state == nil) != (len(adopted) == 0) {
			t.Fatalf("%q and %q become %s, %q, %v", exported, plan, state, adopted, err)
		}
		if state != nil && !json.Valid(state) {
			t.Errorf("%q and %q become %s", exported, plan, state)
		}
	})
}

func FuzzPlanFaultIsAnError(f *testing.F) {
	f.Add(`{"diagnostics": [{"severity": "error", "message": "no"}]}`)
	f.Fuzz(func(t *testing.T, printed string) {
		if PlanFault([]byte(printed), errors.New("failed")) == nil {
			t.Errorf("%q is no error", printed)
		}
	})
}
