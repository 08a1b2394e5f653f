// Package staterepair repairs the state of a stack whose update was interrupted, because its engine was killed or its machine failed.
//
// Before the engine creates a resource it records a pending operation. An engine that is killed before AWS responds leaves only that
// record. The resource may exist in AWS: the next update would be refused because it exists, or would make a second one that nobody
// removes. So the package searches for the resource of each pending operation by its name or its tags, and writes what it finds into
// the state. The refresh that follows reads the other properties.
package staterepair

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Finder finds what a pending operation has made.
type Finder interface {
	// Find returns the id by which the provider imports a resource, as its documentation has it under "Import", and "" when there
	// is none, or none that would make a second creation fail. The inputs are the resource's own.
	Find(ctx context.Context, region, kind string, inputs map[string]any) (id string, err error)
}

// Mended is what became of the pending operations, each by its URN.
type Mended struct {
	// Adopted are in AWS and, with Mend's answer, in the state.
	Adopted []string
	// Dropped are not in AWS, or were changes of what the state has anyway.
	Dropped []string
	// Skipped are forgotten, each with the reason in one line: what AWS has is another's, or AWS refuses to be asked.
	Skipped []string
}

// Mend takes a state as `pulumi stack export` prints it and returns it without pending operations, as `pulumi stack import`
// reads it. With none pending the answer is nil. The error names every resource whose search failed.
func Mend(ctx context.Context, exported []byte, finder Finder) (state []byte, mended Mended, err error) {
	var document map[string]any
	if err := decode(exported, &document); err != nil {
		return nil, mended, fmt.Errorf("reading the state: %w", err)
	}
	deployment, _ := document["deployment"].(map[string]any)
	pending, _ := deployment["pending_operations"].([]any)
	if len(pending) == 0 {
		return nil, mended, nil
	}
	resources, _ := deployment["resources"].([]any)
	known := byURN(resources)
	var faults []error
	for _, one := range pending {
		operation, _ := one.(map[string]any)
		resource, _ := operation["resource"].(map[string]any)
		urn, _ := resource["urn"].(string)
		if _, has := known[urn]; has || operation["type"] != "creating" {
			mended.Dropped = append(mended.Dropped, urn)
			continue
		}
		id, err := find(ctx, finder, known, resource)
		switch {
		case skips(err):
			mended.Skipped = append(mended.Skipped, urn+": "+inOneLine(err))
		case err != nil:
			faults = append(faults, fmt.Errorf("looking for %s: %w", urn, err))
		case id == "" || has(known, text(resource, "type"), text(resource, "provider"), id):
			mended.Dropped = append(mended.Dropped, urn)
		default:
			resource["id"] = id
			delete(resource, "outputs") // None: the provider then reads all of it, as of an import.
			resources, known[urn] = append(resources, resource), resource
			mended.Adopted = append(mended.Adopted, urn)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, Mended{}, err
	}
	delete(deployment, "pending_operations")
	deployment["resources"] = resources
	state, err = json.Marshal(document)
	return state, mended, err
}

// skips says whether an error is of what belongs to a stranger or forbids to be looked at, which must not stop an update.
func skips(err error) bool {
	var foreign *ForeignError
	return errors.As(err, &foreign) || denied(err)
}

// inOneLine is an error's text without line breaks.
func inOneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// has says whether a state knows an id of a type under another URN, as of a resource that was renamed in the program. Were it adopted,
// the old one's deletion would take it.
func has(known map[string]map[string]any, kind, provider, id string) bool {
	of, _ := splitReference(provider)
	for _, resource := range known {
		if other, _ := splitReference(text(resource, "provider")); other == of && text(resource, "type") == kind && text(resource, "id") == id {
			return true
		}
	}
	return false
}

func byURN(resources []any) map[string]map[string]any {
	known := map[string]map[string]any{}
	for _, one := range resources {
		resource, _ := one.(map[string]any)
		urn, _ := resource["urn"].(string)
		known[urn] = resource
	}
	return known
}

// find asks the finder, in the region of the resource's provider. What is no resource of AWS is never adopted: a provider lives in
// the state alone.
func find(ctx context.Context, finder Finder, known map[string]map[string]any, resource map[string]any) (string, error) {
	kind, _ := resource["type"].(string)
	if !strings.HasPrefix(kind, "aws:") {
		return "", nil
	}
	// urn::id, where the URN has :: in it, too.
	reference, _ := resource["provider"].(string)
	end := strings.LastIndex(reference, "::")
	if end < 0 {
		return "", fmt.Errorf("it has no provider, but %q", reference)
	}
	settings, _ := known[reference[:end]]["inputs"].(map[string]any)
	region, _ := settings["region"].(string)
	if region == "" {
		return "", fmt.Errorf("its provider %s names no region", reference)
	}
	inputs, _ := resource["inputs"].(map[string]any)
	return finder.Find(ctx, region, kind, inputs)
}
