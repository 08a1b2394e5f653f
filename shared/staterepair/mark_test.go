package staterepair

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"warmstandby/test/support/invariant"
)

func TestEveryTypeThatAStackMayMakeHasARule(t *testing.T) {
	for token := range invariant.Types {
		if !Knows(token) {
			t.Errorf("%s has no rule in shared/staterepair/kinds.go", token)
		}
	}
	for token := range rules {
		if _, known := invariant.Types[token]; !known {
			t.Errorf("%s has a rule, and no stack makes it: remove it", token)
		}
	}
}

// fakeXML answers requests by their query's Action, or by their method and path, with XML or an error's code.
func fakeXML(t *testing.T, responses map[string]string) {
	t.Helper()
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		action := form.Get("Action")
		if action == "" {
			action = r.URL.Path
		}
		answer, has := responses[action]
		w.Header().Set("Content-Type", "text/xml")
		if code, fails := strings.CutPrefix(answer, "error "); fails || !has {
			w.WriteHeader(http.StatusForbidden)
			if strings.HasPrefix(action, "/") || action == "ListSubscriptionsByTopic" {
				fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>no: %s</Message></Error></ErrorResponse>`, code, action)
			} else {
				fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>no: %s</Message></Error></Errors></Response>`, code, action)
			}
			return
		}
		fmt.Fprint(w, answer)
	})
}

func zones(ids ...string) string {
	text := ""
	for _, id := range ids {
		text += `<HostedZone><Id>/hostedzone/` + id + `</Id><Name>example.test.</Name><CallerReference>x</CallerReference></HostedZone>`
	}
	return `<ListHostedZonesByNameResponse><HostedZones>` + text +
		`</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`
}

func zoneTag(environment string) string {
	return `<ListTagsForResourceResponse><ResourceTagSet><ResourceType>hostedzone</ResourceType><ResourceId>Z</ResourceId><Tags><Tag><Key>Environment</Key><Value>` +
		environment + `</Value></Tag></Tags></ResourceTagSet></ListTagsForResourceResponse>`
}

func ec2Tags(rows ...string) string {
	text := ""
	for _, row := range rows {
		id, tag, _ := strings.Cut(row, " ")
		key, value, _ := strings.Cut(tag, "=")
		text += `<item><resourceId>` + id + `</resourceId><key>` + key + `</key><value>` + value + `</value></item>`
	}
	return `<DescribeTagsResponse><tagSet>` + text + `</tagSet></DescribeTagsResponse>`
}

func TestOnlyWhatBearsTheEnvironmentsMarkIsAdopted(t *testing.T) {
	const (
		list    = "/2013-04-01/hostedzonesbyname"
		tags    = "/2013-04-01/tags/hostedzone/"
		zone    = "aws:route53/zone:Zone"
		eip     = "aws:ec2/eip:Eip"
		nat     = "aws:ec2/natGateway:NatGateway"
		sub     = "aws:sns/topicSubscription:TopicSubscription"
		members = `<member><SubscriptionArn>%s</SubscriptionArn><Protocol>email</Protocol><Endpoint>a@b.test</Endpoint></member>`
	)
	site := inputs{"name": "example.test"}
	address := inputs{"tags": map[string]any{"Name": "eip-primary-1-dev"}}
	gateway := inputs{"tags": map[string]any{"Name": "nat-primary-1-dev"}}
	mail := inputs{"topic": "arn:topic", "protocol": "email", "endpoint": "a@b.test"}
	gateways := func(state string) string {
		return `<DescribeNatGatewaysResponse><natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>` + state +
			`</state></item></natGatewaySet></DescribeNatGatewaysResponse>`
	}
	subscriptions := func(arn string) string {
		return `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>` + fmt.Sprintf(members, arn) +
			`</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`
	}
	for _, test := range []struct {
		name, kind string
		in         inputs
		responses  map[string]string
		want       string
		skipped    string // of the error that only skips
	}{
		{"a zone with the environment's tag", zone, site, map[string]string{list: zones("Z1"), tags + "Z1": zoneTag("dev")}, "Z1", ""},
		{"a zone of another environment", zone, site, map[string]string{list: zones("Z1"), tags + "Z1": zoneTag("prod")}, "", "Z1"},
		{
			"the environment's zone after a stranger's of the same name", zone, site,
			map[string]string{list: zones("Z1", "Z2"), tags + "Z1": zoneTag(""), tags + "Z2": zoneTag("dev")}, "Z2", "",
		},
		{
			"the environment's zone after one that forbids to be looked at", zone, site,
			map[string]string{list: zones("Z1", "Z2"), tags + "Z1": "error AccessDenied", tags + "Z2": zoneTag("dev")}, "Z2", "",
		},
		{"no zone of the name", zone, site, map[string]string{list: zones()}, "", ""},
		{"zones that must not be listed", zone, site, map[string]string{list: "error AccessDenied"}, "", "AccessDenied"},
		{
			"an address with the environment's tag", eip, address,
			map[string]string{"DescribeTags": ec2Tags("e-1 Name=eip-primary-1-dev", "e-1 Environment=dev")}, "e-1", "",
		},
		{
			"an address with the name alone", eip, address,
			map[string]string{"DescribeTags": ec2Tags("e-1 Name=eip-primary-1-dev", "e-2 Environment=dev")}, "", "e-1",
		},
		{
			"addresses that must not be listed", eip, address, map[string]string{"DescribeTags": "error UnauthorizedOperation"}, "",
			"UnauthorizedOperation",
		},
		{
			"a NAT gateway that stands", nat, gateway,
			map[string]string{
				"DescribeTags": ec2Tags("nat-1 Name=nat-primary-1-dev", "nat-1 Environment=dev"), "DescribeNatGateways": gateways("available"),
			},
			"nat-1", "",
		},
		{
			"a NAT gateway that is deleted and still shown", nat, gateway,
			map[string]string{
				"DescribeTags": ec2Tags("nat-1 Name=nat-primary-1-dev", "nat-1 Environment=dev"), "DescribeNatGateways": gateways("deleted"),
			},
			"", "",
		},
		{"a subscription that is confirmed", sub, mail, map[string]string{"ListSubscriptionsByTopic": subscriptions("arn:sub")}, "arn:sub", ""},
		{
			"a subscription that waits for its confirmation", sub, mail,
			map[string]string{"ListSubscriptionsByTopic": subscriptions("PendingConfirmation")}, "", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeXML(t, test.responses)
			got, err := (&AWS{Environment: "dev"}).Find(t.Context(), "us-east-1", test.kind, test.in)
			if got != test.want || (err != nil) != (test.skipped != "") {
				t.Fatalf("found is %q, %v, want %q", got, err, test.want)
			}
			if err != nil && (!skips(err) || !strings.Contains(err.Error(), test.skipped)) {
				t.Errorf("the error is %v, want one that skips and says %q", err, test.skipped)
			}
		})
	}
}

// A creation whose answer was lost is taken up after the failure.
func TestAdoptLostCreation(t *testing.T) {
	const kind = "aws:iam/role:Role"
	role := func(environment string) string {
		return `<GetRoleResponse><GetRoleResult><Role><RoleName>role-a-dev</RoleName><Tags><member><Key>Environment</Key><Value>` +
			environment + `</Value></member></Tags></Role></GetRoleResult></GetRoleResponse>`
	}
	for _, test := range []struct {
		name, kind   string
		responses    map[string]string
		afterFailure bool
		in           inputs
		want         string
		skipped      int
	}{
		{"a role of this environment", kind, map[string]string{"GetRole": role("dev")}, true, inputs{"name": "role-a-dev"}, "role-a-dev", 0},
		{"a role of another environment", kind, map[string]string{"GetRole": role("prod")}, true, inputs{"name": "role-a-dev"}, "", 1},
		{"a role whose name is not known yet", kind, nil, true, inputs{"name": unknown}, "", 0},
		{"an update that has not failed", kind, nil, false, inputs{"name": "role-a-dev"}, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeXML(t, test.responses)
			keeper := &AWS{Environment: "dev", AfterFailure: test.afterFailure}
			if keeper.Keeps(test.kind) != test.afterFailure {
				t.Fatalf("it is looked for: %t, want %t", !test.afterFailure, test.afterFailure)
			}
			if !test.afterFailure {
				return
			}
			kept, err := keeper.Kept(t.Context(), "us-east-1", test.kind, test.in)
			if err != nil || kept.ID != test.want || len(keeper.Skipped) != test.skipped {
				t.Errorf("found is %+v, %v, skipped %q; want %q and %d", kept, err, keeper.Skipped, test.want, test.skipped)
			}
		})
	}
	for token := range lost {
		if !Knows(token) || keepers[token] != nil {
			t.Errorf("%s is looked for after a failure, and has no rule or two", token)
		}
	}
}

// What is a stranger's is named in one line and stops nothing.
func TestSkipForeign(t *testing.T) {
	for name, fault := range map[string]error{
		"a stranger's":               &ForeignError{IDs: []string{"Z1"}, Environment: "dev"},
		"one that forbids the look":  fmt.Errorf("reading:\n%w", &smithy.GenericAPIError{Code: "AccessDeniedException"}),
		"one that the walk may list": fmt.Errorf("reading: %w", &smithy.GenericAPIError{Code: "UnauthorizedOperation"}),
	} {
		t.Run(name, func(t *testing.T) {
			after, mended, err := Mend(t.Context(), []byte(state(operation("creating", "aws:sqs/queue:Queue", "one"))), &found{fault: fault})
			if err != nil || after == nil || len(mended.Skipped) != 1 || len(mended.Adopted) != 0 {
				t.Fatalf("%s, %+v, %v, want one skipped", after, mended, err)
			}
			if line := mended.Skipped[0]; !strings.Contains(line, "::one: ") || strings.Contains(line, "\n") {
				t.Errorf("the line is %q", line)
			}
		})
	}
	if skips(errors.New("no answer")) || skips(context.DeadlineExceeded) || skips(nil) {
		t.Error("what AWS has not answered is skipped")
	}
}

// What the state has under another name is not adopted again.
func TestAdoptKnownResource(t *testing.T) {
	const group = "aws:cloudwatch/logGroup:LogGroup"
	pending := operation("creating", group, "old") + "," + operation("creating", group, "new")
	_, mended, err := Mend(t.Context(), []byte(state(pending)), &found{ids: map[string]string{"old": "id-1", "new": "id-1"}})
	if err != nil || len(mended.Adopted) != 1 || len(mended.Dropped) != 1 {
		t.Errorf("mended are %+v, %v, want one adopted and one dropped", mended, err)
	}
	k := &keeper{has: map[string]Kept{"old": {ID: "id-1", Environment: "dev"}, "new": {ID: "id-1", Environment: "dev"}}}
	plan := planOf(planned("create", groupKind, "old"), planned("create", groupKind, "new"))
	if _, adopted, err := Adopt(t.Context(), []byte(emptied), []byte(plan), "dev", k); err != nil || len(adopted) != 1 {
		t.Errorf("adopted are %q, %v, want one", adopted, err)
	}
}

func TestATableIsTakenUpByTheEnvironmentsTag(t *testing.T) {
	for name, test := range map[string]struct {
		responses answers
		want      string
		skips     bool
	}{
		"of this environment": {
			answers{
				"DescribeTable":      {body: `{"Table": {"TableArn": "arn:table"}}`},
				"ListTagsOfResource": {body: `{"Tags": [{"Key": "Environment", "Value": "dev"}]}`},
			},
			"table-a-dev", false,
		},
		"without tags": {
			answers{"DescribeTable": {body: `{"Table": {"TableArn": "arn:table"}}`}, "ListTagsOfResource": {body: `{}`}}, "", true,
		},
		"forbidden": {answers{"DescribeTable": {code: "AccessDeniedException"}}, "", true},
		"none":      {answers{"DescribeTable": {code: "ResourceNotFoundException"}}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			fakeAWS(t, test.responses)
			got, err := (&AWS{Environment: "dev"}).Find(t.Context(), "us-east-1", "aws:dynamodb/table:Table", inputs{"name": "table-a-dev"})
			if got != test.want || skips(err) != test.skips || err != nil && !test.skips {
				t.Errorf("found is %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// A key is found by its description and the environment's tag.
func TestFindKey(t *testing.T) {
	type response = struct{ body, code string }
	list := response{body: `{"Keys": [{"KeyId": "key-1"}], "Truncated": false}`}
	describe := func(state, description string) response {
		return response{body: `{"KeyMetadata": {"KeyState": "` + state + `", "Description": "` + description + `"}}`}
	}
	tags := func(environment string) response {
		return response{body: `{"Tags": [{"TagKey": "Environment", "TagValue": "` + environment + `"}]}`}
	}
	none := response{body: `{"Aliases": []}`}
	one := response{body: `{"Aliases": [{"AliasName": "alias/a"}]}`}
	ours := describe("Enabled", "data")
	denied, slow := response{code: "AccessDeniedException"}, response{code: "ThrottledForever"}
	for name, test := range map[string]struct {
		describe, tags, aliases response
		want                    string
		fails                   bool
	}{
		"of this environment":                  {ours, tags("dev"), none, "key-1", false},
		"of another environment":               {ours, tags("prod"), none, "", false},
		"with another description":             {describe("Enabled", "logs"), tags("dev"), none, "", false},
		"that is to be deleted":                {describe("PendingDeletion", "data"), tags("dev"), none, "", false},
		"with an alias":                        {ours, tags("dev"), one, "", false},
		"that must not be described":           {denied, tags("dev"), none, "", false},
		"whose tags must not be read":          {ours, denied, none, "", false},
		"whose aliases must not be read":       {ours, tags("dev"), denied, "", false},
		"that AWS does not describe":           {slow, tags("dev"), none, "", true},
		"whose tags AWS does not answer":       {ours, slow, none, "", true},
		"whose aliases AWS does not answer to": {ours, tags("dev"), slow, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			fakeAWS(t, answers{"ListKeys": list, "DescribeKey": test.describe, "ListResourceTags": test.tags, "ListAliases": test.aliases})
			got, err := (&AWS{Environment: "dev"}).Find(t.Context(), "us-east-1", "aws:kms/key:Key", inputs{"description": "data"})
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("found is %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
