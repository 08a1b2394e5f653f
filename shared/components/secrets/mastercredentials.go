// Package secrets builds the secrets that both regions read.
//
// A secret has one name in both regions, so that a program reads it from the Secrets Manager of its own region and depends on
// no other.
package secrets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	masterCredentialsType = "warmstandby:secrets:Master"

	// Username is the database's first user. RDS reserves admin and rdsadmin (Amazon RDS API, CreateDBCluster).
	Username = "platform"

	// passwordLength is less than half of the 99 characters that RDS takes (Amazon RDS API, CreateDBCluster, MasterUserPassword).
	// 40 characters of some 90 have more than 250 bits.
	passwordLength = 40
	// excludedCharacters begins with the three that RDS refuses in a password, and the space, which it refuses elsewhere (same
	// source). Quotes and backslashes are excluded for the shells and connection strings that an operator pastes the password
	// into.
	excludedCharacters = `/@" '\` + "`"

	// noRecoveryDays deletes a secret at once, so that an environment of the same name can be built again.
	noRecoveryDays = 0
	// maxRecoveryDays is the longest recovery window (AWS Secrets Manager API, DeleteSecret, RecoveryWindowInDays).
	maxRecoveryDays = 30
)

// MasterCredentialsArgs are the inputs of the master credentials.
type MasterCredentialsArgs struct {
	// Regions hold the secret: it is written in the primary and replicated to the standby.
	Regions region.Pair
	// PrimaryKeyARN and StandbyKeyARN are the regions' keys, which encrypt it.
	PrimaryKeyARN, StandbyKeyARN pulumi.StringInput
	// Protection keeps the secret recoverable for the longest time after a destroy. Without it a destroyed secret is gone.
	Protection bool
}

// MasterCredentials is the user name and the password that the database is created with, as the JSON object
// {"username","password"}. It has no host: the endpoint is no secret and changes.
type MasterCredentials struct {
	pulumi.ResourceState

	// Name is the secret's, the same in both regions.
	Name string
	// PrimaryARN and StandbyARN are its ARNs in the regions.
	PrimaryARN, StandbyARN pulumi.StringOutput
	// Password is the secret's password, marked secret. The engine knows it only after the secret is written.
	Password pulumi.StringOutput
}

// NewMasterCredentials generates a password once and stores it in both regions.
//
// RDS cannot manage the password itself: a global database does not support that (Amazon Aurora User Guide, "Password
// management with Amazon Aurora and AWS Secrets Manager", limitations).
func NewMasterCredentials(
	ctx *pulumi.Context, name string, args MasterCredentialsArgs, opts ...pulumi.ResourceOption,
) (*MasterCredentials, error) {
	master := &MasterCredentials{}
	if err := ctx.RegisterComponentResource(masterCredentialsType, name, master, args.Regions.Primary.Component(opts...)...); err != nil {
		return nil, fmt.Errorf("registering master secret %s: %w", name, err)
	}
	var err error
	if master.Name, err = args.Regions.Named(naming.Secret, "database"); err != nil {
		return nil, err
	}
	recoveryDays := noRecoveryDays
	if args.Protection {
		recoveryDays = maxRecoveryDays
	}
	primary, standby := args.Regions.Primary, args.Regions.Standby
	secret, err := secretsmanager.NewSecret(ctx, master.Name, &secretsmanager.SecretArgs{
		Name:        pulumi.String(master.Name),
		Description: pulumi.String("Master user of the global database"),
		KmsKeyId:    args.PrimaryKeyARN.ToStringOutput().ToStringPtrOutput(),
		// A replica that an interrupted destroy left behind has the same name and would refuse the new one.
		ForceOverwriteReplicaSecret: pulumi.Bool(true),
		RecoveryWindowInDays:        pulumi.Int(recoveryDays),
		Replicas: secretsmanager.SecretReplicaArray{secretsmanager.SecretReplicaArgs{
			Region: pulumi.String(standby.Name), KmsKeyId: args.StandbyKeyARN.ToStringOutput().ToStringPtrOutput(),
		}},
	}, primary.Durable(master, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building secret %s: %w", master.Name, err)
	}
	version, err := master.newVersion(ctx, primary, secret)
	if err != nil {
		return nil, err
	}
	master.PrimaryARN = secret.Arn
	// A replica's ARN differs in the region alone (AWS Secrets Manager User Guide, "Replicate secrets across Regions").
	master.StandbyARN = secret.Arn.ApplyT(func(arn string) string {
		return strings.Replace(arn, ":"+primary.Name+":", ":"+standby.Name+":", 1)
	}).(pulumi.StringOutput)
	master.Password = pulumi.ToSecret(version.SecretString.ApplyT(passwordOf)).(pulumi.StringOutput)
	return master, ctx.RegisterResourceOutputs(master, pulumi.Map{
		"name": pulumi.String(master.Name), "primaryArn": master.PrimaryARN, "standbyArn": master.StandbyARN,
	})
}

// newVersion writes the value. Each run generates a password, and the first run's is kept, because later changes of the value
// are ignored.
func (m *MasterCredentials) newVersion(
	ctx *pulumi.Context, in region.Region, secret *secretsmanager.Secret,
) (*secretsmanager.SecretVersion, error) {
	generated, err := secretsmanager.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordArgs{
		PasswordLength:          pulumi.IntRef(passwordLength),
		ExcludeCharacters:       pulumi.StringRef(excludedCharacters),
		RequireEachIncludedType: pulumi.BoolRef(true),
	}, pulumi.Parent(m))
	if err != nil {
		return nil, fmt.Errorf("generating the password of secret %s: %w", m.Name, err)
	}
	value, err := json.Marshal(credentials{Username: Username, Password: generated.RandomPassword})
	if err != nil {
		return nil, fmt.Errorf("encoding the value of secret %s: %w", m.Name, err)
	}
	version, err := secretsmanager.NewSecretVersion(ctx, m.Name, &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: pulumi.ToSecret(pulumi.String(string(value))).(pulumi.StringOutput).ToStringPtrOutput(),
	}, in.Child(m, pulumi.IgnoreChanges([]string{"secretString"}))...)
	if err != nil {
		return nil, fmt.Errorf("writing secret %s: %w", m.Name, err)
	}
	return version, nil
}

// credentials is the secret's value, with the keys that AWS's own tools read (AWS Secrets Manager User Guide, "JSON structure
// of AWS Secrets Manager secrets").
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// passwordOf returns the password of a secret's value. Its errors do not contain the value.
func passwordOf(value *string) (string, error) {
	var parsed credentials
	if value == nil || json.Unmarshal([]byte(*value), &parsed) != nil || parsed.Password == "" {
		return "", errors.New(`reading the master secret: its value is no JSON object with a "password": correct it in Secrets Manager`)
	}
	return parsed.Password, nil
}
