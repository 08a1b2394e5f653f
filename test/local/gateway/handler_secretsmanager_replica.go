package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// managedSecretKey encrypts a secret or replica without a key of its own. AWS: AWS Secrets Manager API Reference,
// ReplicaRegionType, KmsKeyId.
const managedSecretKey = "alias/aws/secretsmanager"

// replicaStatus is the status of a secret's replication to one region. AWS: AWS Secrets Manager API Reference,
// ReplicationStatusType.
type replicaStatus struct {
	Region           string
	KmsKeyId         string          `json:",omitempty"`
	Status           string          // "InSync", "Failed"
	StatusMessage    string          `json:",omitempty"`
	LastAccessedDate json.RawMessage `json:",omitempty"`
}

// secretReplication has the input fields that the operations on replicas share.
type secretReplication struct {
	SecretId                    string
	AddReplicaRegions           []json.RawMessage
	ForceOverwriteReplicaSecret bool
}

// newSecretReplicas creates replicas together with their secret. The emulator can replicate an existing secret, keeps the
// replicas in step, and removes them (RemoveRegionsFromReplication, which launch.py adds).
func newSecretReplicas(string) (Handler, error) {
	return Handler{
		Name: "secret replicas",
		AWS: "CreateSecret with AddReplicaRegions makes a replica of the same name in each region; DescribeSecret lists them with" +
			" their keys; a secret that has replicas cannot be deleted.",
		Source: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html" +
			" https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
		Matches: matchActions("secretsmanager", "CreateSecret", "DescribeSecret", "DeleteSecret",
			"ReplicateSecretToRegions", "RemoveRegionsFromReplication"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateSecret":
				resp, err := createSecret(g, c)
				g.respond(w, c, resp, err)
			case "DeleteSecret":
				resp, err := deleteSecret(g, c)
				g.respond(w, c, resp, err)
			case "DescribeSecret":
				g.serveEditedJSON(w, c, func(secret jsonObject) error { return describeReplicas(c.Region, secret) })
			default:
				g.serveEditedJSON(w, c, func(output jsonObject) error {
					_, err := completeReplicas(output)
					return err
				})
			}
		},
	}, nil
}

// createSecret creates a secret and then its replicas. If a replica cannot be created, the secret is deleted and the call
// refused. AWS keeps the secret and reports the replica as Failed, which clients do not read after a creation.
func createSecret(g *Gateway, c *Call) (apiResponse, error) {
	var input secretReplication
	if err := c.decodeInput(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	created, err := g.callEmulator(c)
	if err != nil || !created.ok() || len(input.AddReplicaRegions) == 0 {
		return created, err
	}
	var secret struct{ ARN string }
	if err := json.Unmarshal(created.Body, &secret); err != nil {
		return apiResponse{}, fmt.Errorf("reading the new secret: %w", err)
	}
	input.SecretId = secret.ARN
	replicated, err := g.callSibling(c, "ReplicateSecretToRegions", input)
	if err == nil && replicated.ok() {
		return created.withEditedJSON(func(output jsonObject) error {
			output["ReplicationStatus"] = replicationOf(replicated)
			_, err := completeReplicas(output)
			return err
		})
	}
	undone, undoErr := g.callSibling(c, "DeleteSecret", map[string]any{"SecretId": secret.ARN, "ForceDeleteWithoutRecovery": true})
	if undoErr == nil && !undone.ok() {
		undoErr = fmt.Errorf("taking the secret %s back: %s", secret.ARN, undone.Body)
	}
	if err == nil {
		err = undoErr
	}
	return replicated, err
}

// replicationOf returns the member ReplicationStatus of a response, or nil.
func replicationOf(resp apiResponse) json.RawMessage {
	output := jsonObject{}
	if json.Unmarshal(resp.Body, &output) != nil {
		return nil
	}
	return output["ReplicationStatus"]
}

// describeReplicas completes the description of a primary secret that has replicas.
func describeReplicas(region string, secret jsonObject) error {
	replicas, err := completeReplicas(secret)
	if err != nil || len(replicas) == 0 {
		return err
	}
	return secret.setMember("PrimaryRegion", region)
}

// completeReplicas adds AWS's default key and message to the statuses in a response.
func completeReplicas(output jsonObject) ([]replicaStatus, error) {
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
	return replicas, output.setMember("ReplicationStatus", replicas)
}

// deleteSecret refuses to delete a secret that has replicas, with the error that Secrets Manager returns; its API Reference,
// DeleteSecret, documents the refusal and not the message.
func deleteSecret(g *Gateway, c *Call) (apiResponse, error) {
	var input secretReplication
	if err := c.decodeInput(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	described, err := g.callSibling(c, "DescribeSecret", map[string]string{"SecretId": input.SecretId})
	if err != nil {
		return apiResponse{}, err
	}
	var secret struct {
		ARN               string
		ReplicationStatus []replicaStatus
	}
	if described.ok() {
		if err := json.Unmarshal(described.Body, &secret); err != nil {
			return apiResponse{}, fmt.Errorf("reading the secret %s: %w", input.SecretId, err)
		}
	}
	if len(secret.ReplicationStatus) == 0 {
		return g.callEmulator(c)
	}
	var regions []string
	for _, replica := range secret.ReplicationStatus {
		regions = append(regions, replica.Region)
	}
	return jsonError("InvalidParameterException",
		fmt.Sprintf("You can't delete secret %s that still has replica regions [%s].", secret.ARN, strings.Join(regions, ", "))), nil
}
