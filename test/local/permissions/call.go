package permissions

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// call is a row of the table: what a principal asks of AWS.
type call struct {
	// principal is a role's name, a service's, such as events.amazonaws.com, or administrator.
	principal string
	action    string
	resource  string // an ARN, or * for an action that takes no narrower one
	context   map[string]any
	// page is the page of AWS's that says who makes the call, and with which context.
	page string
	// refused says why the call must not be allowed; empty: it must be.
	refused string
}

// administrator is a principal of the account that may do everything: what it is refused, a resource's policy refuses.
const administrator = "administrator"

var everything = json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)

func (c call) String() string {
	var context []string
	for _, key := range slices.Sorted(maps.Keys(c.context)) {
		context = append(context, fmt.Sprintf("%s=%v", key, c.context[key]))
	}
	return strings.TrimSpace(fmt.Sprintf("%s: %s on %s %s", c.principal, c.action, c.resource, strings.Join(context, ", ")))
}

// with returns the call in another context: the keys are added, or replaced.
func (c call) with(keys map[string]any) call {
	merged := maps.Clone(c.context)
	if merged == nil {
		merged = map[string]any{}
	}
	maps.Copy(merged, keys)
	c.context = merged
	return c
}

// without returns the call without a key of its context.
func (c call) without(key string) call {
	c.context = maps.Clone(c.context)
	delete(c.context, key)
	return c
}

// mustFail returns the call as one that must be refused, for the reason.
func (c call) mustFail(reason string) call {
	c.refused = reason
	return c
}

// bothMustAllow are the services of which a resource's own policy must allow a call, too: keys, by AWS KMS's rules (AWS KMS Developer
// Guide, "Key policies in AWS KMS"). For buses no page of AWS's says whether an identity's policy suffices once a bus has one; the
// table takes the stricter reading.
var bothMustAllow = []string{"kms", "events"}

// isService says whether a principal is a service of AWS.
func isService(principal string) bool { return strings.HasSuffix(principal, ".amazonaws.com") }

// documentsOf returns the policies that decide a call: the principal's own, and the resource's, which may be nil.
func (e *environment) documentsOf(c call) (identity []document, resource *document, err error) {
	for _, one := range e.documents() {
		switch {
		case one.role != "" && one.role == c.principal,
			one.trustOf != "" && c.action == "sts:AssumeRole" && roleARN(one.trustOf) == c.resource,
			one.resource != "" && one.resource == policyOf(c.resource):
		default:
			continue
		}
		if one.role != "" {
			identity = append(identity, one)
		} else {
			resource = &one
		}
	}
	switch {
	case c.principal == administrator:
		identity = []document{{id: "the administrator's policy", text: everything}}
	case isService(c.principal):
		if resource == nil {
			return nil, nil, fmt.Errorf("%v: the resource has no policy, and a service has no other", c)
		}
	case e.roles[c.principal] == nil:
		return nil, nil, fmt.Errorf("%v: the environment has no such role", c)
	}
	return identity, resource, nil
}

// evaluation returns the case of a call. Index returns the index of a document in the question.
func (c call) evaluation(identity []document, resource *document, index func(document) int) evaluation {
	asked := evaluation{
		Principal: "arn:aws:sts::" + account + ":assumed-role/" + c.principal + "/session", Service: isService(c.principal),
		Account: account, Action: c.action, Resource: c.resource, Context: c.context,
		Identity: []int{},
	}
	if asked.Context == nil {
		asked.Context = map[string]any{}
	}
	if asked.Service {
		asked.Principal = c.principal
	}
	if fields := strings.SplitN(c.resource, ":", 5); len(fields) == 5 {
		asked.Region = fields[3]
	}
	if requested, is := c.context["aws:RequestedRegion"].(string); is { // The resource may be of no region.
		asked.Region = requested
	}
	for _, one := range identity {
		asked.Identity = append(asked.Identity, index(one))
	}
	if resource != nil {
		policy := index(*resource)
		asked.Policy = &policy
		service, _, _ := strings.Cut(c.action, ":")
		asked.Required = slices.Contains(bothMustAllow, service)
	}
	return asked
}

// meets says whether a decision is what the row demands.
func (c call) meets(decision Decision) bool { return (decision == Allow) == (c.refused == "") }
