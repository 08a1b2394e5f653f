// Package stateful finds resources with data in the output of `pulumi preview --json` that an update would replace or delete. A
// replacement of the same name does not have their data.
package stateful

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kinds are the types of resource with data, and what is lost with them.
var Kinds = map[string]string{
	"aws:backup/vault:Vault":                   "the recovery points in it",
	"aws:cloudwatch/eventArchive:EventArchive": "the events that are kept for replay",
	"aws:cloudwatch/eventBus:EventBus":         "its archive, and events until its rules are back",
	"aws:dynamodb/table:Table":                 "what the failover controller remembers of its moves",
	"aws:kms/key:Key":                          "everything that is encrypted with it",
	"aws:rds/cluster:Cluster":                  "the records",
	"aws:rds/clusterInstance:ClusterInstance":  "connections, and with a primary's only instance the service",
	"aws:rds/globalCluster:GlobalCluster":      "the records in both regions",
	"aws:route53/zone:Zone":                    "the name that users know: a new zone has other name servers",
	"aws:s3/bucketV2:BucketV2":                 "the objects in it",
	"aws:secretsmanager/secret:Secret":         "the master user's password",
	"aws:sqs/queue:Queue":                      "the messages in it",
}

// Exception is a replacement or deletion that reviewers have permitted.
type Exception struct {
	// Resource is the end of the resource's URN, type and name: aws:s3/bucketV2:BucketV2::bucket-assets.
	Resource string
	// Reason is why the loss is acceptable.
	Reason string
}

// Loss is a resource that an update would replace or delete.
type Loss struct {
	URN, Type, Operation string
	// Reasons are the properties whose change requires the replacement.
	Reasons []string
}

// String describes the loss and its reasons.
func (l Loss) String() string {
	because := ""
	if len(l.Reasons) > 0 {
		because = " because of " + strings.Join(l.Reasons, ", ")
	}
	return fmt.Sprintf("%s of %s%s: lost is %s", l.Operation, l.URN, because, Kinds[l.Type])
}

// destructiveOperations are the operations that remove a resource. A replacement has three steps; this is the one that names
// it. Pulumi: apitype.OpType.
var destructiveOperations = []string{"delete", "replace"}

// Find returns the losses in a preview that no exception permits. It skips lines before the preview's JSON, such as make's. An
// exception without a reason is an error, and so is a preview without steps, which would pass as one without losses.
func Find(preview []byte, allowed []Exception) ([]Loss, error) {
	for _, one := range allowed {
		if one.Resource == "" || one.Reason == "" {
			return nil, fmt.Errorf("the exception %+v wants a resource and a reason", one)
		}
	}
	begin := slices.Index(preview, '{')
	if begin < 0 {
		return nil, errors.New("reading the preview: it has no JSON")
	}
	var parsed struct {
		Steps []struct {
			Op             string
			URN            string
			OldState       struct{ Type string }
			ReplaceReasons []string
		}
	}
	if err := json.Unmarshal(preview[begin:], &parsed); err != nil {
		return nil, fmt.Errorf("reading the preview: %w", err)
	}
	if len(parsed.Steps) == 0 {
		return nil, errors.New("the preview has no steps: not even the stack's own")
	}
	var losses []Loss
	for _, step := range parsed.Steps {
		kind := step.OldState.Type
		if _, holds := Kinds[kind]; !holds || !slices.Contains(destructiveOperations, step.Op) {
			continue
		}
		if slices.ContainsFunc(allowed, func(one Exception) bool { return strings.HasSuffix(step.URN, one.Resource) }) {
			continue
		}
		losses = append(losses, Loss{step.URN, kind, step.Op, step.ReplaceReasons})
	}
	return losses, nil
}
