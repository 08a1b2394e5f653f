//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/invocation"
)

// The people of the platform, each with the documents of stacks/policies that its page gives a role.
const (
	deployer = "deployer"
	operator = "operator"
	observer = "observer" // an operator who also types what only looks, and smoke
	ci       = "ci"
)

var (
	deployersDocuments = []string{"deployer-read", "deployer-network", "deployer-data", "deployer-application", "deployer-firewall"}
	documentsOf        = map[string][]string{
		deployer: deployersDocuments,
		operator: {"operator"},
		observer: {"operator", "observer"},
		ci:       append(slices.Clone(deployersDocuments), "operator", "ci"),
	}
)

// people are the roles with which a platform's commands sign on the emulator, in the place of its administrator. A command has no
// permission but those of the documents, which the emulator enforces.
type people struct {
	roles map[string]string // ARNs

	mu       sync.Mutex
	sessions map[string]session
}

type session struct {
	credentials types.Credentials
	began       time.Time
}

// sessionAge is the age from which a session is replaced. One lasts an hour (AWS STS API Reference, AssumeRole, DurationSeconds), and no
// command of make takes longer than the rest.
const sessionAge = 20 * time.Minute

// withPeople gives the platform its people, as an administrator does before anybody deploys. On AWS the roles are the account's own
// matter, and commands have the shell's credentials.
func withPeople(t testing.TB, p *platform) *platform {
	t.Helper()
	if !target.emulator {
		return p
	}
	p.record(t)
	p.make(t, "local-up")
	made := &people{roles: map[string]string{}, sessions: map[string]session{}}
	documents := p.policies(t)
	for _, name := range slices.Sorted(maps.Keys(documentsOf)) {
		chosen := map[string]string{}
		for _, document := range documentsOf[name] {
			chosen[document] = documents[document]
		}
		made.roles[name] = p.role(t, name, chosen)
	}
	p.people = made
	return p
}

// policies returns the documents of stacks/policies for the environment, which its command makes.
func (p *platform) policies(t testing.TB) map[string]string {
	t.Helper()
	folder, err := filepath.Abs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	printed := require(shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
		Command: "go", WorkingDir: root, Logger: logger.Discard, Args: []string{
			"run", "./stacks/policies", "-account", emulatedAccount, "-environment", p.name, "-state", "pulumi-state", "-repository",
			"example/warmstandby", "-admission", "dev", "-folder", folder,
		},
	}))(t)
	documents := map[string]string{}
	for path := range strings.Lines(printed) {
		path = strings.TrimSpace(path)
		documents[strings.TrimSuffix(filepath.Base(path), ".json")] = string(require(os.ReadFile(path))(t))
	}
	return documents
}

// emulatedAccount is the id of the emulator's account.
const emulatedAccount = "000000000000"

// trust lets the account's administrator be anybody, which is how the tests are. The trust of CI's role is in ci-trust, which wants a
// token of GitHub's.
const trust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
	"Principal": {"AWS": "arn:aws:iam::` + emulatedAccount + `:root"}}]}`

// role makes a role with documents as managed policies, which is how the documents are meant to be attached, and returns its ARN. A
// platform that was kept has its roles.
func (p *platform) role(t testing.TB, name string, documents map[string]string) string {
	t.Helper()
	client := iam.NewFromConfig(p.aws(t, east))
	path := "/people/" + p.name + "/" // no sweep takes it for the environment's, whose roles have no path
	made, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(name + "." + p.name), Path: &path, AssumeRolePolicyDocument: aws.String(trust),
	})
	if exists := new(iamtypes.EntityAlreadyExistsException); errors.As(err, &exists) {
		return "arn:aws:iam::" + emulatedAccount + ":role" + path + name + "." + p.name
	}
	if err != nil {
		t.Fatalf("making the role of the %s: %v", name, err)
	}
	for document, text := range documents {
		policy, err := client.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
			PolicyName: aws.String(name + "." + document + "." + p.name), Path: &path, PolicyDocument: &text,
		})
		if err != nil {
			t.Fatalf("making the policy %s of the %s: %v", document, name, err)
		}
		if _, err := client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{
			RoleName: made.Role.RoleName, PolicyArn: policy.Policy.Arn,
		}); err != nil {
			t.Fatalf("attaching the policy %s to the role of the %s: %v", document, name, err)
		}
	}
	return aws.ToString(made.Role.Arn)
}

// as returns the platform with commands that sign as one of its people, whatever they do.
func (p *platform) as(person string) *platform {
	acting := *p
	acting.person = person
	return &acting
}

// asAdministrator returns the platform with commands that sign as the emulator's administrator.
func (p *platform) asAdministrator() *platform {
	acting := *p
	acting.people = nil
	return &acting
}

// observersGoals are the goals of make that need what the policy observer has beside an operator's.
var observersGoals = []string{"smoke", "notices", "live", "timeline"}

// personOf is who types a command of make: an operator those of the operator's command line, an observer what looks at the platform as it
// runs, and CI a destroy, which must be able to move the writer first. Everything else is a deployer's.
func (p *platform) personOf(arguments []string) string {
	if p.person != "" {
		return p.person
	}
	goal := slices.IndexFunc(arguments, func(word string) bool { return !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") })
	switch {
	case goal < 0:
	case arguments[goal] == "destroy":
		return ci
	case slices.Contains(observersGoals, arguments[goal]):
		return observer
	case slices.ContainsFunc(cli.Commands(), func(c cli.Command) bool { return invocation.Target(c.Name) == arguments[goal] }):
		return operator
	}
	return deployer
}

// environmentFor is the environment of a command of make: that of the tests, and the credentials of who types it.
func (p *platform) environmentFor(t testing.TB, arguments ...string) map[string]string {
	t.Helper()
	environment := p.makeEnvironment()
	if p.people == nil {
		return environment
	}
	credentials := p.credentials(t, p.personOf(arguments))
	environment["WARMSTANDBY_LOCAL_SESSION"] = "yes"
	environment["AWS_ACCESS_KEY_ID"] = aws.ToString(credentials.AccessKeyId)
	environment["AWS_SECRET_ACCESS_KEY"] = aws.ToString(credentials.SecretAccessKey)
	environment["AWS_SESSION_TOKEN"] = aws.ToString(credentials.SessionToken)
	return environment
}

// credentials returns a person's session, one that has lasted for less than sessionAge.
func (p *platform) credentials(t testing.TB, person string) types.Credentials {
	t.Helper()
	p.people.mu.Lock()
	defer p.people.mu.Unlock()
	if kept, ok := p.people.sessions[person]; ok && time.Since(kept.began) < sessionAge {
		return kept.credentials
	}
	began := time.Now()
	credentials, err := p.assume(t, p.people.roles[person])
	if err != nil {
		t.Fatalf("having a session of the %s: %v", person, err)
	}
	p.people.sessions[person] = session{credentials, began}
	return credentials
}

// assume returns a session of a role, from the region that answers first: the other one may be lost.
func (p *platform) assume(t testing.TB, role string) (types.Credentials, error) {
	t.Helper()
	const limit = 10 * time.Second // A lost region does not answer at all.
	var refused []error
	for _, region := range [...]string{west, east} {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit) // A clean-up comes after the test's own end.
		assumed, err := sts.NewFromConfig(p.aws(t, region)).AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: &role, RoleSessionName: aws.String("e2e"),
		})
		cancel()
		if err == nil {
			return *assumed.Credentials, nil
		}
		refused = append(refused, fmt.Errorf("%s: %w", region, err))
	}
	return types.Credentials{}, errors.Join(refused...)
}
