package main

import (
	"strings"
	"testing"
)

// A fault that means nothing or reaches nobody is refused.
func TestFaultRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no region": {[]string{"fault", "--kind", "slow"}, "is no region"},
		"an unknown kind": {
			[]string{"fault", "--region", "us-east-1", "--kind", "gone"},
			"app-down, db-down, split, isolated, replication-stalled, denied, backup-failing, backup-silent",
		},
		"a denial of nothing": {[]string{"fault", "--region", "us-east-1", "--kind", "denied"}, "is no action"},
		"an action of what denies none": {
			[]string{"fault", "--region", "us-east-1", "--kind", "slow", "--action", "rds:CreateDBInstance"}, "an action is for kind denied",
		},
		"a fault of what is down": {[]string{"fault", "--region", "us-east-1", "--kind", "unreachable"}, "make local-up starts it"},
		"healing what is down":    {[]string{"heal"}, "make local-up starts it"},
	} {
		var out, faults strings.Builder
		args := append(test.args, "--state", t.TempDir())
		if err := dispatch(t.Context(), args, &out, &faults); err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%s: %v, printed %q; want %q", name, err, out.String(), test.want)
		}
	}
}
