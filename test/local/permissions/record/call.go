package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// recorded is a line that the emulator has recorded: a call that was allowed (test/local/emulator/recording.py).
type recorded struct {
	Principal string            `json:"principal"` // the role's name
	Action    string            `json:"action"`
	Resource  string            `json:"resource"` // an ARN, or *
	Region    string            `json:"region"`
	Context   map[string]string `json:"context"`
}

// What stands for the account and the environment: AWS reserves the account for documentation.
const (
	emulated    = "000000000000"
	account     = "111122223333"
	environment = "dev"
)

// ids are patterns of ids that AWS chooses, and what stands for them.
var ids = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "00000000-0000-0000-0000-000000000000"},
	{regexp.MustCompile(`/[0-9a-f]{16,}\b`), "/1"},               // of load balancers, their listeners and target groups
	{regexp.MustCompile(`(secret:[\w-]+-)\w{6}$`), "${1}AbCdEf"}, // the end of a secret's ARN
	{regexp.MustCompile(`(:::hostedzone/)\w+`), "${1}Z1"},
	{regexp.MustCompile(`(:::change/)\w+`), "${1}C1"},
	{regexp.MustCompile(`(-snapshot:rds:[\w-]+-20)[\d-]+$`), "${1}26-11-29-02-00-00"},
	{regexp.MustCompile(`\b20\d{6}t\d{6}\b`), "20261129t020000"}, // in the name of a final snapshot
}

// of returns the call with the account, the environment and ids replaced.
func (r recorded) of(name string) recorded {
	replace := func(text string) string {
		return strings.ReplaceAll(strings.ReplaceAll(text, emulated, account), name, environment)
	}
	r.Principal, r.Resource = replace(r.Principal), replace(r.Resource)
	// A plan that tests restores has a name without hyphens.
	r.Resource = strings.ReplaceAll(r.Resource, strings.ReplaceAll(name, "-", "_"), environment)
	for _, id := range ids {
		r.Resource = id.pattern.ReplaceAllString(r.Resource, id.instead)
	}
	r.Context = maps.Clone(r.Context)
	for key, value := range r.Context {
		r.Context[key] = replace(value)
	}
	return r
}

// principals are who has the roles that are recorded, by a part of the role's name at its beginning. Other roles are services'.
var principals = []struct{ role, principal string }{
	{"deployer.", "deployer"}, {"operator.", "operator"}, {"ci.", ci}, {"role-app-", "application"}, {"role-failover-", "controller"},
}

const ci = "ci"

// looks begin the names of actions that look at something. Those of data, and of buckets, are about what they name.
var (
	looks = regexp.MustCompile(`:(Describe|List|Get)`)
	named = regexp.MustCompile(`^(s3|dynamodb:GetItem|secretsmanager:GetSecretValue|ssm:GetParameter)`)
)

// known returns the calls of the recording that a recorded one is: several for EC2, of which the emulator records no resource.
func (r recorded) known(people owners) ([]group, error) {
	at := slices.IndexFunc(principals, func(one struct{ role, principal string }) bool { return strings.HasPrefix(r.Principal, one.role) })
	if at < 0 {
		return nil, nil
	}
	call := group{Principal: principals[at].principal, Action: r.Action, Resources: []string{r.Resource}}
	if call.Principal == ci {
		call.Principal = people.of(r.Action)
	}
	service, action, _ := strings.Cut(r.Action, ":")
	switch {
	case looks.MatchString(r.Action) && !named.MatchString(r.Action):
		call.Resources = []string{"*"}
	case service == "ec2":
		made, err := ec2Calls(call.Principal, action, r.Region)
		if err != nil {
			return nil, err
		}
		return made, nil
	default:
		if len(r.Context) > 0 {
			call.Context = r.Context
		}
	}
	calls := []group{call}
	if tags := tagsOnCreation[r.Action]; tags.action != "" && strings.Contains(r.Resource, tags.kind) && r.Context[requestTag] != "" {
		calls = append(calls, group{Principal: call.Principal, Action: tags.action, Resources: call.Resources, Context: call.Context})
	}
	return calls, nil
}
