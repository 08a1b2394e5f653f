package encryption

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// build builds a key named data in each region; change sets what is the same in both.
func build(t *testing.T, change func(*KeyArgs)) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		for name, in := range map[string]region.Region{"primary": pair.Primary, "standby": pair.Standby} {
			args := KeyArgs{Region: in, Purpose: "data", Description: "Data of the " + string(in.Role) + " region"}
			change(&args)
			key, err := NewKey(ctx, name, args, in.Component()...)
			if err != nil {
				return err
			}
			ctx.Export(name, key.ARN)
		}
		return nil
	})
}

func unchanged(*KeyArgs) {}

var homes = map[string]string{
	"primary": "us-east-1", "aws-primary": "us-east-1", "standby": "us-west-2", "aws-secondary": "us-west-2",
}

func rules(protection bool) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix:     "blue",
		Roles:      map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
		Protection: protection,
		Home:       func(name string) string { return homes[name] },
	}
}

func TestRules(t *testing.T) {
	pulumitest.Check(t, build(t, unchanged), rules(false))
	pulumitest.Check(t, build(t, func(args *KeyArgs) { args.Protection = true }), rules(true))
}

// Each region has a key of its own, which rotates.
func TestKey(t *testing.T) {
	recording := build(t, unchanged)
	for name, role := range map[string]string{"primary": "primary", "standby": "secondary"} {
		key := recording.Get(t, "aws:kms/key:Key", "data-"+role)
		alias := recording.Get(t, "aws:kms/alias:Alias", "data-"+role)
		for _, test := range []struct {
			what      string
			got, want any
		}{
			{"rotation", key.Input("enableKeyRotation"), true},
			{"description", key.Input("description"), "Data of the " + role + " region"},
			{"multi-region setting", key.Input("multiRegion"), nil},
			{"alias", alias.Input("name"), "alias/key-data-" + role + "-blue"},
			{"alias's key", alias.Input("targetKeyId"), key.Outputs["keyId"].StringValue()},
			{"ARN", recording.Outputs[resource.PropertyKey(name)].StringValue(), key.Outputs["arn"].StringValue()},
			{"region", recording.Region(key), homes[name]},
		} {
			if test.got != test.want {
				t.Errorf("the %s key has the %s %v, want %v", role, test.what, test.got, test.want)
			}
		}
	}
}

func statements(t *testing.T, recording *pulumitest.Recording, role string) []pulumitest.Statement {
	t.Helper()
	text := recording.Get(t, "aws:kms/key:Key", "data-"+role).Text("policy")
	return pulumitest.Statements(t, text)
}

// The account alone is allowed.
func TestPolicyWithoutLogGroups(t *testing.T) {
	got := statements(t, build(t, unchanged), "secondary")
	want := []pulumitest.Statement{{
		Sid: "EnableIAMPolicies", Effect: "Allow", Principal: map[string][]string{"AWS": {"arn:aws:iam::111122223333:root"}},
		Action: []string{"kms:*"}, Resource: []string{"*"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the statements are %+v, want %+v", got, want)
	}
}

// CloudWatch Logs is allowed for the ARNs of the named groups alone.
func TestPolicyWithLogGroups(t *testing.T) {
	recording := build(t, func(args *KeyArgs) { args.LogGroups = []string{"logs-a-blue", "/aws/rds/cluster/b/postgresql"} })
	for role, in := range map[string]string{"primary": "us-east-1", "secondary": "us-west-2"} {
		all := statements(t, recording, role)
		if len(all) != 2 {
			t.Fatalf("the policy of the %s key has %d statements, want two", role, len(all))
		}
		logs := all[1]
		if want := map[string][]string{"Service": {"logs." + in + ".amazonaws.com"}}; !reflect.DeepEqual(logs.Principal, want) {
			t.Errorf("the %s key admits %v, want %v", role, logs.Principal, want)
		}
		prefix := "arn:aws:logs:" + in + ":111122223333:log-group:"
		want := map[string]map[string][]string{"ArnEquals": {
			"kms:EncryptionContext:aws:logs:arn": {prefix + "logs-a-blue", prefix + "/aws/rds/cluster/b/postgresql"},
		}}
		if !reflect.DeepEqual(logs.Condition, want) {
			t.Errorf("the %s key is for logs under %v, want %v", role, logs.Condition, want)
		}
	}
}

// CloudWatch is allowed in AWS's documented form, which has no condition: one on a key that CloudWatch does not send would mute
// every alarm.
func TestPolicyWithAlarmTopics(t *testing.T) {
	recording := build(t, func(args *KeyArgs) { args.AlarmTopics = true })
	for _, role := range []string{"primary", "secondary"} {
		all := statements(t, recording, role)
		want := []pulumitest.Statement{
			{
				Sid: "AllowCloudWatchAlarms", Effect: "Allow",
				Principal: map[string][]string{"Service": {"cloudwatch.amazonaws.com"}},
				Action:    []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: []string{"*"},
			},
			{
				Sid: "AllowEventBridgeRules", Effect: "Allow",
				Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
				Action:    []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: []string{"*"},
			},
		}
		if !reflect.DeepEqual(all[1:], want) {
			t.Errorf("the %s key admits\n%+v, want\n%+v", role, all[1:], want)
		}
	}
}

// documented are the condition keys that AWS's documentation promises in the calls of each service that uses a key in its own
// name: CloudWatch Logs passes the group's ARN as the encryption context (CloudWatch Logs User Guide, "Encrypt log data in
// CloudWatch Logs using AWS KMS"), CloudWatch passes nothing (Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys
// and costs").
var documented = map[string][]string{
	"logs.us-east-1.amazonaws.com": {"kms:EncryptionContext:aws:logs:arn"},
	"cloudwatch.amazonaws.com":     nil,
	"events.amazonaws.com":         nil,
}

// A service is denied by a condition on a key that it does not send. KMS accepts a policy with the principal "*", and the key is
// then public.
func TestPolicyConditions(t *testing.T) {
	recording := build(t, func(args *KeyArgs) { args.LogGroups, args.AlarmTopics = []string{"logs-a-blue"}, true })
	for _, each := range statements(t, recording, "primary") {
		for kind, principals := range each.Principal {
			if slices.Contains(principals, "*") {
				t.Errorf("statement %s admits every %s principal", each.Sid, kind)
			}
		}
		var conditions []string
		for _, keys := range each.Condition {
			conditions = slices.AppendSeq(conditions, maps.Keys(keys))
		}
		for _, service := range each.Principal["Service"] {
			want, known := documented[service]
			if slices.Sort(conditions); !known || !slices.Equal(conditions, want) {
				t.Errorf("statement %s admits %s by the conditions %q, want those that AWS documents for it, %q",
					each.Sid, service, conditions, want)
			}
		}
	}
}
