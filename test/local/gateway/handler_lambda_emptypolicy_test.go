package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAFunctionWithoutPermissionsHasNoPolicy(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/2015-03-31/functions/empty/policy":
			io.WriteString(w, `{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}"}`)
		case "/2015-03-31/functions/invoked/policy":
			io.WriteString(w, `{"Policy": "{\"Statement\": [{\"Sid\": \"rule\"}]}"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	for function, want := range map[string]int{"empty": http.StatusNotFound, "invoked": http.StatusOK, "missing": http.StatusNotFound} {
		request := f.request(http.MethodGet, "/2015-03-31/functions/"+function+"/policy", "us-east-1", "lambda", "", "")
		status, body := f.send(request)
		if status != want || function == "empty" && !strings.Contains(body, "ResourceNotFoundException") ||
			function == "invoked" && !strings.Contains(body, "rule") {
			t.Errorf("the policy of %s is answered %d %s, want %d", function, status, body, want)
		}
	}
}
