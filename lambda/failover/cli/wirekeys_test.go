package cli_test

import (
	"encoding/json"
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/readiness"
)

// Programs read the output of --json, and a deployed controller's readiness report has the same checks in DynamoDB.
func TestWireKeys(t *testing.T) {
	result := cli.Result{
		Command: "preflight", Environment: "test", ExitCode: cli.Refused, Message: "no",
		Checks: []readiness.Check{{Name: "idle", Passed: true, Detail: "nothing is under way", Unknown: true}}, Next: []string{"status"},
	}
	const want = `{"command":"preflight","environment":"test","exitCode":3,"says":"no",` +
		`"checks":[{"name":"idle","good":true,"says":"nothing is under way","unknown":true}],"next":["status"]}`
	t.Run("a result is encoded under the keys that programs read", func(t *testing.T) {
		got, err := json.Marshal(result)
		if err != nil || string(got) != want {
			t.Errorf("the result is encoded as\n%s (%v), want\n%s", got, err, want)
		}
	})
}
