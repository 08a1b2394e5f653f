package permissions

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// logAction is a row of the emulator's table of the ARNs on which actions of CloudWatch Logs are judged.
var logAction = regexp.MustCompile(`(?m)^    "(\w+)": OF_[A-Z]+,$`)

// TestLogActionsAreNamed holds the emulator's table to the calls: an action that it lacks would be judged on an ARN that AWS does not take.
func TestLogActionsAreNamed(t *testing.T) {
	content, err := os.ReadFile("../emulator/resources.py")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, row := range logAction.FindAllStringSubmatch(string(content), -1) {
		named["logs:"+row[1]] = true
	}
	if len(named) == 0 {
		t.Fatal("the emulator has no table of the actions of CloudWatch Logs")
	}
	calls := append(recorded(t), besideRecorded()...)
	for _, profile := range profiles {
		calls = append(calls, read(t, profile).table()...)
	}
	called := 0
	for _, one := range calls {
		if !strings.HasPrefix(one.action, "logs:") {
			continue
		}
		called++
		if !named[one.action] {
			t.Errorf("%s calls %s, which LOG_ACTIONS of test/local/emulator/resources.py lacks", one.principal, one.action)
		}
	}
	if called == 0 {
		t.Error("nobody calls CloudWatch Logs")
	}
}
