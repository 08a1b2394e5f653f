package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// secrets is an emulator that makes the secret app, describes it with the replicas given, as JSON, and answers
// ReplicateSecretToRegions with the status and those replicas. It notes what it gets.
func secrets(got *[]string, status int, replicas string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get(targetHeader), ".")
		body, _ := io.ReadAll(r.Body)
		*got = append(*got, action+" "+string(body))
		if action == "ReplicateSecretToRegions" && status != http.StatusOK {
			w.WriteHeader(status)
			io.WriteString(w, `{"__type":"ResourceExistsException"}`)
			return
		}
		replication := ""
		if replicas != "" && action != "CreateSecret" {
			replication = `,"ReplicationStatus":` + replicas
		}
		io.WriteString(w, `{"ARN":"arn:app","Name":"app","CreatedDate":1700000000`+replication+`}`)
	}
}

const (
	inSync    = `[{"Region":"us-west-2","Status":"InSync","StatusMessage":"a stub"}]`
	withKey   = `[{"Region":"us-west-2","KmsKeyId":"arn:key","Status":"InSync"},{"Region":"eu-west-1","Status":"Failed","StatusMessage":"why"}]`
	newSecret = `{"Name":"app","SecretString":"s","AddReplicaRegions":[{"Region":"us-west-2","KmsKeyId":"arn:key"}],"ForceOverwriteReplicaSecret":true}`
)

func TestANewSecretIsReplicated(t *testing.T) {
	var got []string
	f := newFake(t, t.TempDir(), secrets(&got, http.StatusOK, inSync))
	status, body := f.json("us-east-1", "secretsmanager", "secretsmanager.CreateSecret", newSecret)
	if status != http.StatusOK || f.saves.Load() != 1 {
		t.Errorf("making it: %d %s, %d saves", status, body, f.saves.Load())
	}
	wantParts(t, body, `"Name":"app"`, `"Region":"us-west-2"`, `"Status":"InSync"`)
	want := `ReplicateSecretToRegions {"SecretId":"arn:app","AddReplicaRegions":[{"Region":"us-west-2","KmsKeyId":"arn:key"}],"ForceOverwriteReplicaSecret":true}`
	if len(got) != 2 || got[1] != want {
		t.Errorf("the emulator got %q, want the secret and then %s", got, want)
	}
}

func TestANewSecretWithoutReplicasIsOnlyMade(t *testing.T) {
	var got []string
	f := newFake(t, t.TempDir(), secrets(&got, http.StatusOK, ""))
	const input = `{"Name":"app","SecretString":"s"}`
	_, body := f.json("us-east-1", "secretsmanager", "secretsmanager.CreateSecret", input)
	if len(got) != 1 || got[0] != "CreateSecret "+input || strings.Contains(body, "ReplicationStatus") {
		t.Errorf("the emulator got %q and the answer is %s", got, body)
	}
}

func TestASecretThatCannotBeReplicatedIsTakenBack(t *testing.T) {
	var got []string
	f := newFake(t, t.TempDir(), secrets(&got, http.StatusBadRequest, ""))
	status, body := f.json("us-east-1", "secretsmanager", "secretsmanager.CreateSecret", newSecret)
	if status != http.StatusBadRequest || !strings.Contains(body, "ResourceExistsException") {
		t.Errorf("making it: %d %s, want the refusal of the replica", status, body)
	}
	if last := got[len(got)-1]; last != `DeleteSecret {"ForceDeleteWithoutRecovery":true,"SecretId":"arn:app"}` {
		t.Errorf("the emulator got %q last, want the deletion of what was made", last)
	}
}

func TestReplicasAreDescribedAsAWSDoes(t *testing.T) {
	for name, test := range map[string]struct {
		replicas string
		want     []replicaStatus
		primary  string
	}{
		"none": {"", nil, ""},
		"one without a key": {
			inSync, []replicaStatus{{Region: "us-west-2", KmsKeyId: managedSecretKey, Status: "InSync", StatusMessage: "Replication succeeded"}},
			"us-east-1",
		},
		"a key, and one failing": {
			withKey,
			[]replicaStatus{
				{Region: "us-west-2", KmsKeyId: "arn:key", Status: "InSync", StatusMessage: "Replication succeeded"},
				{Region: "eu-west-1", KmsKeyId: managedSecretKey, Status: "Failed", StatusMessage: "why"},
			},
			"us-east-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			f := newFake(t, t.TempDir(), secrets(&got, http.StatusOK, test.replicas))
			_, body := f.json("us-east-1", "secretsmanager", "secretsmanager.DescribeSecret", `{"SecretId":"app"}`)
			var secret struct {
				CreatedDate       json.Number
				PrimaryRegion     string
				ReplicationStatus []replicaStatus
			}
			if err := json.Unmarshal([]byte(body), &secret); err != nil {
				t.Fatal(err)
			}
			described, err := json.Marshal(secret.ReplicationStatus)
			if err != nil {
				t.Fatal(err)
			}
			want, err := json.Marshal(test.want)
			if err != nil {
				t.Fatal(err)
			}
			if string(described) != string(want) || secret.PrimaryRegion != test.primary || secret.CreatedDate != "1700000000" {
				t.Errorf("described as %s, want the replicas %s and the primary region %q", body, want, test.primary)
			}
		})
	}
}

func TestASecretWithReplicasIsNotDeleted(t *testing.T) {
	for name, test := range map[string]struct {
		replicas string
		status   int
	}{
		"it has replicas": {withKey, http.StatusBadRequest},
		"it has none":     {"", http.StatusOK},
	} {
		var got []string
		f := newFake(t, t.TempDir(), secrets(&got, http.StatusOK, test.replicas))
		status, body := f.json("us-east-1", "secretsmanager", "secretsmanager.DeleteSecret", `{"SecretId":"app"}`)
		deleted := strings.HasPrefix(got[len(got)-1], "DeleteSecret")
		if status != test.status || deleted != (test.status == http.StatusOK) {
			t.Errorf("%s: %d %s, deleted %t", name, status, body, deleted)
		}
		if test.status == http.StatusBadRequest {
			wantParts(t, body, `"__type":"InvalidParameterException"`, "delete secret arn:", "[us-west-2, eu-west-1].")
		}
	}
}
