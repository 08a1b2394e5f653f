package staterepair

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"warmstandby/shared/naming"
)

// unknown stands in a plan for what AWS has yet to answer, also for the id of a provider that is not made (Pulumi SDK for Go,
// plugin.UnknownStringValue).
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// Kept is what AWS has under the name of a resource that is about to be created.
type Kept struct {
	// ID is the one by which the provider imports it; none when AWS has nothing of that name.
	ID string
	// Environment is its tag Environment, and none when it has no such tag.
	Environment string
	// Removal is the command that removes it.
	Removal string
	// Restore calls its deletion off, where it is scheduled; else it is nil.
	Restore func(context.Context) error
}

// Keeper finds what a destroy has kept.
type Keeper interface {
	// Keeps says whether a destroy keeps resources of a type in some environments, so that creating one again is refused.
	Keeps(kind string) bool
	// Kept returns what AWS has under the name that a resource's inputs give it.
	Kept(ctx context.Context, region, kind string, inputs map[string]any) (Kept, error)
}

// Adopt finds what an earlier deployment of an environment has kept among what a plan would create, and writes it into the
// state, where the refresh that follows reads the rest and the update changes it in place. The plan is as `pulumi preview --json`
// prints it, the state as `pulumi stack export` does; the answer is as `pulumi stack import` reads it, and nil when nothing is
// kept. A resource of a wanted name that carries another environment's tag, or none, is never adopted: the error
// names each with what to do.
func Adopt(ctx context.Context, exported, plan []byte, environment string, keeper Keeper) (state []byte, adopted []string, err error) {
	a, err := newAdoption(exported, plan)
	if err != nil {
		return nil, nil, err
	}
	var faults []error
	var restores []func(context.Context) error
	for _, planned := range a.creates {
		urn, kind := text(planned, "urn"), text(planned, "type")
		if !keeper.Keeps(kind) {
			continue
		}
		kept, err := a.find(ctx, keeper, planned)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("looking for %s: %w", urn, err))
		case kept.ID == "" || has(a.known, kind, text(planned, "provider"), kept.ID):
		case kept.Environment != environment:
			faults = append(faults, foreign(urn, environment, kept))
		default:
			if kept.Restore != nil {
				restores = append(restores, kept.Restore)
			}
			if err := a.adopt(planned, kept.ID); err != nil {
				faults = append(faults, fmt.Errorf("adopting %s: %w", urn, err))
			}
			adopted = append(adopted, urn)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	if len(adopted) == 0 {
		return nil, nil, nil
	}
	for _, restore := range restores {
		if err := restore(ctx); err != nil {
			return nil, nil, err
		}
	}
	a.deployment["resources"] = a.resources
	state, err = json.Marshal(a.document)
	return state, adopted, err
}

// Destroyed says whether a stack was deployed once and has no resources now, by its state and by its history as
// `pulumi stack history --json` prints it. A stack that was never deployed has kept nothing, and one that stands has all it made.
func Destroyed(exported, history []byte) (bool, error) {
	var state struct {
		Deployment struct{ Resources []json.RawMessage }
	}
	if err := json.Unmarshal(exported, &state); err != nil {
		return false, fmt.Errorf("reading the state: %w", err)
	}
	var updates []json.RawMessage
	if err := json.Unmarshal(history, &updates); err != nil {
		return false, fmt.Errorf("reading the history: %w", err)
	}
	return len(state.Deployment.Resources) == 0 && len(updates) > 0, nil
}

// PlanFault returns why a plan failed: the errors that `pulumi preview --json` has printed, or the command's own error.
func PlanFault(printed []byte, failed error) error {
	var plan struct {
		Diagnostics []struct{ Message, Severity string }
	}
	if err := json.Unmarshal(printed, &plan); err != nil {
		return failed // It was no plan that failed.
	}
	var faults []error
	for _, diagnostic := range plan.Diagnostics {
		if diagnostic.Severity == "error" {
			faults = append(faults, errors.New(strings.TrimSpace(diagnostic.Message)))
		}
	}
	if len(faults) == 0 {
		return failed
	}
	return fmt.Errorf("planning the update: %w", errors.Join(faults...))
}

// foreign refuses what the update would meet and must not take.
func foreign(urn, environment string, kept Kept) error {
	whose := "has no tag " + naming.TagEnvironment
	if kept.Environment != "" {
		whose = "is of the environment " + kept.Environment + " by its tag " + naming.TagEnvironment
	}
	return fmt.Errorf(
		"%s cannot be created: AWS has %s, which %s. Remove it (%s), or set its tag %s to %s to have it adopted, or set another environmentSuffix",
		urn,
		kept.ID,
		whose,
		kept.Removal,
		naming.TagEnvironment,
		environment,
	)
}

// adoption is a state that what is kept is written into.
type adoption struct {
	document, deployment map[string]any
	resources            []any
	known                map[string]map[string]any // in the state, by URN
	planned              map[string]map[string]any // in the plan, by URN
	creates              []map[string]any          // in the plan's order
}

func newAdoption(exported, plan []byte) (*adoption, error) {
	a := &adoption{planned: map[string]map[string]any{}}
	if err := decode(exported, &a.document); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var steps struct {
		Steps []struct {
			Op       string         `json:"op"`
			NewState map[string]any `json:"newState"`
		} `json:"steps"`
	}
	if err := decode(plan, &steps); err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if a.deployment, _ = a.document["deployment"].(map[string]any); a.deployment == nil {
		return nil, errors.New("reading the state: it has no deployment")
	}
	a.resources, _ = a.deployment["resources"].([]any)
	a.known = byURN(a.resources)
	for _, step := range steps.Steps {
		if step.NewState == nil {
			continue // What is deleted has none.
		}
		a.planned[text(step.NewState, "urn")] = step.NewState
		if step.Op == "create" {
			a.creates = append(a.creates, step.NewState)
		}
	}
	return a, nil
}

// find asks the keeper, in the region of the resource's provider, which may be planned itself.
func (a *adoption) find(ctx context.Context, keeper Keeper, planned map[string]any) (Kept, error) {
	urn, _ := splitReference(text(planned, "provider"))
	provider := a.known[urn]
	if provider == nil {
		provider = a.planned[urn]
	}
	settings, _ := provider["inputs"].(map[string]any)
	region := text(settings, "region")
	if region == "" {
		return Kept{}, fmt.Errorf("its provider %q names no region", text(planned, "provider"))
	}
	inputs, _ := planned["inputs"].(map[string]any)
	return keeper.Kept(ctx, region, text(planned, "type"), inputs)
}

// adopt adds a planned resource to the state, after all that it lies in and its provider: a state holds what a resource names
// before the resource.
func (a *adoption) adopt(planned map[string]any, id string) error {
	if err := a.addComponents(text(planned, "parent")); err != nil {
		return err
	}
	provider, err := a.addProvider(text(planned, "provider"))
	if err != nil {
		return err
	}
	resource := pick(planned, "urn", "type", "parent", "protect")
	// No outputs: the provider then reads all of it, as of an import.
	resource["custom"], resource["id"], resource["provider"] = true, id, provider
	inputs, _ := planned["inputs"].(map[string]any)
	resource["inputs"] = knownOf(inputs)
	a.add(resource)
	return nil
}

// addComponents adds a component with all that it lies in, where the state has none of it yet.
func (a *adoption) addComponents(urn string) error {
	var path []map[string]any
	for urn != "" && a.known[urn] == nil {
		component := a.planned[urn]
		if component == nil || component["custom"] == true || len(path) > len(a.planned) {
			return fmt.Errorf("neither the state nor the plan has its component %s", urn)
		}
		path = append(path, pick(component, "urn", "type", "parent", "custom"))
		urn = text(component, "parent")
	}
	for _, component := range slices.Backward(path) {
		a.add(component)
	}
	return nil
}

// addProvider adds a provider that is not in the state, with an id as the engine gives it one, and returns the reference to it.
func (a *adoption) addProvider(reference string) (string, error) {
	urn, _ := splitReference(reference)
	provider := a.known[urn]
	if provider == nil {
		planned := a.planned[urn]
		if planned == nil {
			return "", fmt.Errorf("neither the state nor the plan has its provider %q", reference)
		}
		if err := a.addComponents(text(planned, "parent")); err != nil {
			return "", err
		}
		provider = pick(planned, "urn", "type", "parent", "custom", "inputs", "additionalSecretOutputs")
		provider["id"], provider["outputs"] = newID(), planned["inputs"]
		a.add(provider)
	}
	return urn + "::" + text(provider, "id"), nil
}

func (a *adoption) add(resource map[string]any) {
	a.resources = append(a.resources, resource)
	a.known[text(resource, "urn")] = resource
}

// newID is a random one in the form of a UUID.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // It never fails (crypto/rand).
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// splitReference takes a provider's reference, urn::id, apart; a URN has :: in it, too.
func splitReference(reference string) (urn, id string) {
	end := max(0, strings.LastIndex(reference, "::"))
	return reference[:end], strings.TrimPrefix(reference[end:], "::")
}

// knownOf returns the inputs that hold nothing unknown.
func knownOf(inputs map[string]any) map[string]any {
	known := map[string]any{}
	for key, value := range inputs {
		if encoded, err := json.Marshal(value); err == nil && !bytes.Contains(encoded, []byte(unknown)) {
			known[key] = value
		}
	}
	return known
}

// pick returns what a resource has of some keys.
func pick(resource map[string]any, keys ...string) map[string]any {
	picked := map[string]any{}
	for _, key := range keys {
		if value, has := resource[key]; has {
			picked[key] = value
		}
	}
	return picked
}

func text(object map[string]any, key string) string { return inputs(object).text(key) }

// decode reads JSON in which a port or a size comes back as it was.
func decode(content []byte, into any) error {
	numbers := json.NewDecoder(bytes.NewReader(content))
	numbers.UseNumber()
	return numbers.Decode(into)
}
