package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	busAnswer   = `{"Name":"records","Arn":"arn:aws-us-gov:events:us-east-1:111122223333:event-bus/records","CreationTime":1.5}`
	forwarders  = `{"Version":"2012-10-17","Statement":[{"Sid":"forwarders","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*"}]}`
	oneNotAList = `{"Version":"2012-10-17","Statement":{"Sid":"forwarders","Effect":"Allow"}}`
)

// buses is an emulator that knows the bus records and notes the operations that it gets.
func buses(got *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get(targetHeader), ".")
		body, _ := io.ReadAll(r.Body)
		*got = append(*got, action+" "+string(body))
		switch {
		case action == "DescribeEventBus" && strings.Contains(string(body), `"records"`):
			io.WriteString(w, busAnswer)
		case action == "DescribeEventBus":
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
		case action == "ListEventBuses":
			io.WriteString(w, `{"EventBuses":[{"Name":"default"},`+busAnswer+`],"NextToken":"more"}`)
		case action == "ListRules":
			io.WriteString(w, `{"Rules":[]}`)
		default:
			io.WriteString(w, `{}`)
		}
	}
}

// policyOf returns a bus's policy as described, and "" when it has none.
func policyOf(t *testing.T, f *fake, region string) string {
	t.Helper()
	_, body := f.json(region, "events", "AWSEvents.DescribeEventBus", `{"Name":"records"}`)
	var bus struct {
		Policy       string
		CreationTime float64
	}
	if err := json.Unmarshal([]byte(body), &bus); err != nil || bus.CreationTime != 1.5 {
		t.Fatalf("the described bus is %s (%v)", body, err)
	}
	return bus.Policy
}

func putPolicy(t *testing.T, f *fake, policy string) (status int, body string) {
	t.Helper()
	input, err := json.Marshal(permission{EventBusName: "records", Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	return f.json("us-east-1", "events", "AWSEvents.PutPermission", string(input))
}

func TestABusPolicyIsDescribedAsPut(t *testing.T) {
	var got []string
	folder := t.TempDir()
	first := newFake(t, folder, buses(&got))
	if status, body := putPolicy(t, first, forwarders); status != http.StatusOK || first.saves.Load() != 1 {
		t.Fatalf("putting it: %d %s, %d saves", status, body, first.saves.Load())
	}
	f := newFake(t, folder, buses(&got))
	if policy := policyOf(t, f, "us-east-1"); policy != forwarders {
		t.Errorf("the policy is %s, want it as put", policy)
	}
	if policy := policyOf(t, f, "us-west-2"); policy != "" {
		t.Errorf("the bus of the same name in the other region has the policy %s", policy)
	}
	_, listed := f.json("us-east-1", "events", "AWSEvents.ListEventBuses", `{}`)
	if strings.Count(listed, `"Policy"`) != 1 || !strings.Contains(listed, `"NextToken":"more"`) {
		t.Errorf("want the policy of one bus in the list, and the rest of the answer: %s", listed)
	}
	for _, call := range got {
		if strings.HasPrefix(call, "PutPermission") {
			t.Errorf("the emulator got %s, of which it would make a statement of its own", call)
		}
	}
	f.json("us-east-1", "events", "AWSEvents.DeleteEventBus", `{"Name":"records"}`)
	if policy := policyOf(t, f, "us-east-1"); policy != "" {
		t.Errorf("a new bus of the name has the policy of the old one: %s", policy)
	}
}

func TestAPolicyChangesStatementByStatement(t *testing.T) {
	for name, test := range map[string]struct {
		policy, action, input string
		status                int
		has, lacks            string // in the policy afterwards
	}{
		"a new one is added": {
			forwarders, "PutPermission", `{"EventBusName":"records","StatementId":"b","Action":"events:PutEvents","Principal":"444455556666"}`,
			http.StatusOK, `"AWS":"arn:aws-us-gov:iam::444455556666:root"`, "",
		},
		"one for an organization is added": {
			forwarders, "PutPermission", `{"EventBusName":"records","StatementId":"b","Action":"events:PutEvents","Principal":"*",` +
				`"Condition":{"Type":"StringEquals","Key":"aws:PrincipalOrgID","Value":"o-1"}}`,
			http.StatusOK, `"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, "",
		},
		"one of the same id is replaced": {
			forwarders, "PutPermission", `{"EventBusName":"records","StatementId":"forwarders","Action":"events:PutRule","Principal":"*"}`,
			http.StatusOK, "events:PutRule", "events:PutEvents",
		},
		"one that is no list is replaced": {
			oneNotAList, "PutPermission", `{"EventBusName":"records","StatementId":"forwarders","Action":"events:PutRule","Principal":"*"}`,
			http.StatusOK, `"Statement":[{`, "},{",
		},
		"the last one is removed": {
			forwarders, "RemovePermission", `{"EventBusName":"records","StatementId":"forwarders"}`, http.StatusOK, "", "Statement",
		},
		"all are removed": {
			forwarders, "RemovePermission", `{"EventBusName":"records","RemoveAllPermissions":true}`, http.StatusOK, "", "Statement",
		},
		"one that is not there stays so": {
			forwarders, "RemovePermission", `{"EventBusName":"records","StatementId":"b"}`, http.StatusBadRequest, "forwarders", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			f := newFake(t, t.TempDir(), buses(&got))
			putPolicy(t, f, test.policy)
			if status, body := f.json("us-east-1", "events", "AWSEvents."+test.action, test.input); status != test.status {
				t.Errorf("%s: %d %s, want %d", test.action, status, body, test.status)
			}
			policy := policyOf(t, f, "us-east-1")
			if !strings.Contains(policy, test.has) || test.lacks != "" && strings.Contains(policy, test.lacks) {
				t.Errorf("the policy is %s; want %q in it and not %q", policy, test.has, test.lacks)
			}
		})
	}
}

func TestSingleStatementsAreTheEmulators(t *testing.T) {
	var got []string
	f := newFake(t, t.TempDir(), buses(&got))
	const input = `{"EventBusName":"records","StatementId":"a","Action":"events:PutEvents","Principal":"*"}`
	f.json("us-east-1", "events", "AWSEvents.PutPermission", input)
	if got[len(got)-1] != "PutPermission "+input {
		t.Errorf("the emulator got %q, want the call as it came", got)
	}
	putPolicy(t, f, forwarders)
	if got[len(got)-1] != `RemovePermission {"EventBusName":"records","RemoveAllPermissions":true}` {
		t.Errorf("the emulator got %q, want it to forget its statements when a document replaces them", got)
	}
}

func TestAPolicyThatCannotBeIsRefused(t *testing.T) {
	var got []string
	f := newFake(t, t.TempDir(), buses(&got))
	for name, input := range map[string]string{
		"no JSON":             `{"EventBusName":"records","Policy":"{"}`,
		"no statement":        `{"EventBusName":"records","Policy":"{\"Version\":\"2012-10-17\"}"}`,
		"a bus that is not":   `{"EventBusName":"others","Policy":"{\"Statement\":[]}"}`,
		"a call without JSON": `{`,
	} {
		if status, body := f.json(
			"us-east-1", "events", "AWSEvents.PutPermission", input,
		); status != http.StatusBadRequest || !strings.Contains(body, "__type") {
			t.Errorf("%s: %d %s, want a refusal", name, status, body)
		}
	}
	if policy := policyOf(t, f, "us-east-1"); policy != "" || f.saves.Load() != 0 {
		t.Errorf("a refused policy was kept: %q, %d saves", policy, f.saves.Load())
	}
}

func FuzzReadPolicy(f *testing.F) {
	for _, seed := range []string{forwarders, oneNotAList, `{}`, `{"Statement":[]}`, `{"Statement":null}`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		p, err := readPolicy(content)
		if err != nil {
			return
		}
		if err := p.add(permission{StatementId: "new", Principal: "*", Action: "events:PutEvents"}, busAnswer); err != nil {
			t.Fatal(err)
		}
		written, err := p.text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := readPolicy(written)
		if err != nil || len(again.statements) != len(p.statements) || !again.remove("new") {
			t.Errorf("%q with a statement more reads back as %q (%v)", content, written, err)
		}
	})
}
