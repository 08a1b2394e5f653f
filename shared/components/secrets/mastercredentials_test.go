package secrets

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	randomFunction = "aws:secretsmanager/getRandomPassword:getRandomPassword"
	name           = "secret-database-blue"
	// generated contains characters that JSON escapes.
	generated = `p&<"\w1`
)

// build builds the master secret in an environment whose Secrets Manager generates the password, and exports all of it.
func build(t *testing.T, protection bool, password string, opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	answer := func(string, resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{"id": resource.NewProperty("random"), "randomPassword": resource.NewProperty(password)}, nil
	}
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		master, err := NewMasterCredentials(ctx, "master", MasterCredentialsArgs{
			Regions: pair, Protection: protection,
			PrimaryKeyARN: pulumi.String("key-east"), StandbyKeyARN: pulumi.String("key-west"),
		})
		if err != nil {
			return err
		}
		ctx.Export("name", pulumi.String(master.Name))
		ctx.Export("primaryArn", master.PrimaryARN)
		ctx.Export("standbyArn", master.StandbyARN)
		ctx.Export("password", master.Password)
		return nil
	}, append([]pulumitest.Option{pulumitest.Answer(randomFunction, answer)}, opts...)...)
}

func mustBuild(t *testing.T, protection bool) *pulumitest.Recording {
	t.Helper()
	recording, err := build(t, protection, generated)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func TestRules(t *testing.T) {
	homes := map[string]string{"master": "us-east-1", "aws-primary": "us-east-1", "aws-secondary": "us-west-2"}
	for _, protection := range []bool{false, true} {
		pulumitest.Check(t, mustBuild(t, protection), pulumitest.Rules{
			Suffix:     "blue",
			Roles:      map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
			Protection: protection,
			Home:       func(name string) string { return homes[name] },
		})
	}
}

// The secret is replicated under the same name, encrypted by the other region's key.
func TestReplica(t *testing.T) {
	recording := mustBuild(t, false)
	secret := recording.Get(t, "aws:secretsmanager/secret:Secret", name)
	replicas, _ := secret.Input("replicas").([]any)
	if len(replicas) != 1 || !maps.Equal(replicas[0].(map[string]any), map[string]any{"region": "us-west-2", "kmsKeyId": "key-west"}) {
		t.Errorf("the replicas are %v, want one in us-west-2 with its key", replicas)
	}
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"name", secret.Input("name"), name},
		{"key", secret.Input("kmsKeyId"), "key-east"},
		{"overwriting of an existing replica", secret.Input("forceOverwriteReplicaSecret"), true},
		{"name in the outputs", recording.Outputs["name"].StringValue(), name},
		{"primary ARN", recording.Outputs["primaryArn"].StringValue(), "arn:aws:secretsmanager:us-east-1:111122223333:secret-" + name},
		{"standby ARN", recording.Outputs["standbyArn"].StringValue(), "arn:aws:secretsmanager:us-west-2:111122223333:secret-" + name},
	} {
		if test.got != test.want {
			t.Errorf("the secret has the %s %v, want %v", test.what, test.got, test.want)
		}
	}
}

// The value is the user name and the generated password, and no host.
func TestValue(t *testing.T) {
	recording := mustBuild(t, false)
	version := recording.Get(t, "aws:secretsmanager/secretVersion:SecretVersion", name)
	value := version.Inputs["secretString"]
	if !value.IsSecret() {
		t.Fatalf("the value is given in plain text")
	}
	var parsed map[string]string
	if err := json.Unmarshal([]byte(value.SecretValue().Element.StringValue()), &parsed); err != nil {
		t.Fatalf("the value is no JSON: %v", err)
	}
	if want := map[string]string{"username": Username, "password": generated}; !maps.Equal(parsed, want) {
		t.Errorf("the value has the keys %v, want %v", slices.Sorted(maps.Keys(parsed)), slices.Sorted(maps.Keys(want)))
	}
	if got := version.Input("secretId"); got != "secret-"+name {
		t.Errorf("the value is that of %v, want the secret", got)
	}
}

// Each run generates a password: without the ignored change the second run would change the database's.
func TestValueIsNotRotated(t *testing.T) {
	version := mustBuild(t, false).Get(t, "aws:secretsmanager/secretVersion:SecretVersion", name)
	if got := version.Request.GetIgnoreChanges(); !slices.Equal(got, []string{"secretString"}) {
		t.Errorf("the ignored changes are %q, want the value", got)
	}
}

// The password is marked secret, and no resource has it in plain text.
func TestPasswordIsSecret(t *testing.T) {
	recording := mustBuild(t, false)
	password := recording.Outputs["password"]
	if !password.IsSecret() || password.SecretValue().Element.StringValue() != generated {
		t.Errorf("the password in the outputs is %v, want the generated one as a secret", password.TypeString())
	}
	for _, registered := range recording.Resources {
		for key, value := range registered.Inputs {
			if !value.ContainsSecrets() && strings.Contains(value.String(), generated) {
				t.Errorf("%s %s has the password in %s", registered.Type, registered.Name, key)
			}
		}
	}
}

// The password is one that RDS takes.
func TestPasswordRules(t *testing.T) {
	var calls []pulumitest.Call
	for _, call := range mustBuild(t, false).Calls {
		if call.Token == randomFunction {
			calls = append(calls, call)
		}
	}
	if len(calls) != 1 || calls[0].Region != "us-east-1" {
		t.Fatalf("the questions for a password are %+v, want one to us-east-1", calls)
	}
	excluded := calls[0].Args["excludeCharacters"].StringValue()
	for _, refused := range `/@" ` {
		if !strings.ContainsRune(excluded, refused) {
			t.Errorf("the password may hold %q, which RDS refuses", refused)
		}
	}
	if length := calls[0].Args["passwordLength"].NumberValue(); length < 32 || length > 99 {
		t.Errorf("the password has %v characters, want 32 to the 99 that RDS takes", length)
	}
	if !calls[0].Args["requireEachIncludedType"].BoolValue() {
		t.Error("the password may lack a type of character")
	}
}

// A secret without a password is refused, and the error does not contain its value.
func TestPasswordOf(t *testing.T) {
	tests := []struct {
		name, value string
		want        string // nothing: refused
	}{
		{"the password is found beside other keys", `{"username": "u", "password": "w", "host": "h"}`, "w"},
		{"a value that is no JSON is refused", "hunter2", ""},
		{"a value without a password is refused", `{"username": "hunter2"}`, ""},
		{"an empty password is refused", `{"username": "hunter2", "password": ""}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := passwordOf(&test.value)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("passwordOf = %q, %v; want %q", got, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the value: %v", err)
			}
		})
	}
	if got, err := passwordOf(nil); got != "" || err == nil {
		t.Errorf("of a secret without a text the password is %q, %v; want an error", got, err)
	}
}

func FuzzPasswordOf(f *testing.F) {
	f.Add(`{"username": "u", "password": "w"}`)
	f.Add(`{"password": 1}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, value string) {
		got, err := passwordOf(&value)
		if (got == "") != (err != nil) {
			t.Errorf("passwordOf = %q, %v; want either a password or an error", got, err)
		}
	})
}

// An account that generates no password is an error, and no value is written.
func TestGenerationFails(t *testing.T) {
	recording, err := build(t, false, generated, pulumitest.Answer(randomFunction,
		func(string, resource.PropertyMap) (resource.PropertyMap, error) { return nil, errors.New("denied") }))
	if err == nil || !strings.Contains(err.Error(), "generating the password of secret "+name) {
		t.Errorf("the error is %v, want one that names the secret", err)
	}
	if versions := recording.OfType("aws:secretsmanager/secretVersion:SecretVersion"); len(versions) != 0 {
		t.Error("a value was written nevertheless")
	}
}
