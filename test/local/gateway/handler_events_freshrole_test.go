package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
)

func TestARoleIsKnownToEventBridgeWhenItIsOldEnough(t *testing.T) {
	made := map[string]time.Time{"old": time.Now().Add(-time.Hour), "new": time.Now()}
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "GetRole" {
			io.WriteString(w, `{"FailedEntryCount": 0}`)
			return
		}
		at, has := made[r.FormValue("RoleName")]
		if !has {
			http.Error(w, "NoSuchEntity", http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `<R><GetRoleResult><Role><CreateDate>%s</CreateDate></Role></GetRoleResult></R>`, at.UTC().Format(time.RFC3339))
	})
	put := func(roles ...string) (int, string) {
		var targets []string
		for i, role := range roles {
			targets = append(targets, fmt.Sprintf(`{"Id": "%d", "RoleArn": "%s"}`, i, role))
		}
		return f.json("us-east-1", "events", "AWSEvents.PutTargets", `{"Targets": [`+strings.Join(targets, ",")+`]}`)
	}
	const role = "arn:aws:iam::111122223333:role/"
	if status, body := put(role + "new"); status != http.StatusOK {
		t.Errorf("without the fault: %d %s", status, body)
	}
	slow, err := fault.New("us-east-1", fault.Propagation, time.Hour/2)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.faults.Add(slow); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		roles  []string
		status int
	}{
		"an old role":              {[]string{role + "old"}, http.StatusOK},
		"a new role":               {[]string{role + "new"}, http.StatusBadRequest},
		"an old role and a new":    {[]string{role + "old", role + "path/new"}, http.StatusBadRequest},
		"no role":                  {[]string{""}, http.StatusOK},
		"a role that is not there": {[]string{role + "none"}, http.StatusOK},
	} {
		status, body := put(test.roles...)
		if status != test.status || test.status == http.StatusBadRequest && !strings.Contains(body, "ValidationException") {
			t.Errorf("%s: %d %s, want %d", name, status, body, test.status)
		}
	}
}
