package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// managedSecretKey encrypts a secret, and a replica, that was given no key.
// AWS: AWS Secrets Manager API Reference, ReplicaRegionType, KmsKeyId.
const managedSecretKey = "alias/aws/secretsmanager"

// replicaStatus is how a secret's replication to one region stands.
// AWS: AWS Secrets Manager API Reference, ReplicationStatusType.
type replicaStatus struct {
	Region           string
	KmsKeyId         string          `json:",omitempty"`
	Status           string          // "InSync", "Failed"
	StatusMessage    string          `json:",omitempty"`
	LastAccessedDate json.RawMessage `json:",omitempty"`
}

// secretReplication is what the operations that name replicas have in common.
type secretReplication struct {
	SecretId                    string
	AddReplicaRegions           []json.RawMessage
	ForceOverwriteReplicaSecret bool
}

// newSecretReplicas makes replicas with their secret. The emulator makes them of a secret that it has, keeps them in step,
// and takes them away (RemoveRegionsFromReplication, which launch.py adds).
func newSecretReplicas(string) (Gap, error) {
	return Gap{
		Name: "secret replicas",
		AWS: "CreateSecret with AddReplicaRegions makes a replica of the same name in each region; DescribeSecret lists them with" +
			" their keys; a secret that has replicas cannot be deleted.",
		Source: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html" +
			" https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
		Matches: operations("secretsmanager", "CreateSecret", "DescribeSecret", "DeleteSecret",
			"ReplicateSecretToRegions", "RemoveRegionsFromReplication"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateSecret":
				a, err := createSecret(g, c)
				g.respond(w, c, a, err)
			case "DeleteSecret":
				a, err := deleteSecret(g, c)
				g.respond(w, c, a, err)
			case "DescribeSecret":
				g.editJSON(w, c, func(secret document) error { return describeReplicas(c.Region, secret) })
			default:
				g.editJSON(w, c, func(output document) error {
					_, err := completeReplicas(output)
					return err
				})
			}
		},
	}, nil
}

// createSecret makes a secret and then its replicas. When a replica cannot be made the secret is taken back and the call
// refused: AWS keeps the secret and reports the replica as Failed, which its clients do not look at after a creation.
func createSecret(g *Gateway, c *Call) (answer, error) {
	var input secretReplication
	if err := c.input(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	created, err := g.ask(c)
	if err != nil || !created.ok() || len(input.AddReplicaRegions) == 0 {
		return created, err
	}
	var secret struct{ ARN string }
	if err := json.Unmarshal(created.Body, &secret); err != nil {
		return answer{}, fmt.Errorf("reading the new secret: %w", err)
	}
	input.SecretId = secret.ARN
	replicated, err := g.sibling(c, "ReplicateSecretToRegions", input)
	if err == nil && replicated.ok() {
		return created.edited(func(output document) error {
			output["ReplicationStatus"] = replicationOf(replicated)
			_, err := completeReplicas(output)
			return err
		})
	}
	undone, undoErr := g.sibling(c, "DeleteSecret", map[string]any{"SecretId": secret.ARN, "ForceDeleteWithoutRecovery": true})
	if undoErr == nil && !undone.ok() {
		undoErr = fmt.Errorf("taking the secret %s back: %s", secret.ARN, undone.Body)
	}
	if err == nil {
		err = undoErr
	}
	return replicated, err
}

// replicationOf returns the member ReplicationStatus of an answer, or nothing.
func replicationOf(a answer) json.RawMessage {
	output := document{}
	if json.Unmarshal(a.Body, &output) != nil {
		return nil
	}
	return output["ReplicationStatus"]
}

// describeReplicas completes a description of a primary secret that has replicas.
func describeReplicas(region string, secret document) error {
	replicas, err := completeReplicas(secret)
	if err != nil || len(replicas) == 0 {
		return err
	}
	return secret.set("PrimaryRegion", region)
}

// completeReplicas puts the statuses of an answer in AWS's words.
func completeReplicas(output document) ([]replicaStatus, error) {
	if output["ReplicationStatus"] == nil {
		return nil, nil
	}
	var replicas []replicaStatus
	if err := json.Unmarshal(output["ReplicationStatus"], &replicas); err != nil {
		return nil, fmt.Errorf("reading a secret's replicas: %w", err)
	}
	for i := range replicas {
		if replicas[i].KmsKeyId == "" {
			replicas[i].KmsKeyId = managedSecretKey
		}
		if replicas[i].Status == "InSync" {
			replicas[i].StatusMessage = "Replication succeeded"
		}
	}
	return replicas, output.set("ReplicationStatus", replicas)
}

// deleteSecret refuses to delete a secret that has replicas, in the words that Secrets Manager is seen to use: its API
// Reference, DeleteSecret, says that it refuses and not how.
func deleteSecret(g *Gateway, c *Call) (answer, error) {
	var input secretReplication
	if err := c.input(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	described, err := g.sibling(c, "DescribeSecret", map[string]string{"SecretId": input.SecretId})
	if err != nil {
		return answer{}, err
	}
	var secret struct {
		ARN               string
		ReplicationStatus []replicaStatus
	}
	if described.ok() {
		if err := json.Unmarshal(described.Body, &secret); err != nil {
			return answer{}, fmt.Errorf("reading the secret %s: %w", input.SecretId, err)
		}
	}
	if len(secret.ReplicationStatus) == 0 {
		return g.ask(c)
	}
	var regions []string
	for _, replica := range secret.ReplicationStatus {
		regions = append(regions, replica.Region)
	}
	return jsonError("InvalidParameterException",
		fmt.Sprintf("You can't delete secret %s that still has replica regions [%s].", secret.ARN, strings.Join(regions, ", "))), nil
}
