package staterepair

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A web ACL is found on any page by its name, if it has the environment's tag.
func TestWebACL(t *testing.T) {
	for name, test := range map[string]struct {
		environment, want string
		fails             bool
	}{
		"this environment's":    {"dev", "id-2/webacl-app-primary-dev/REGIONAL", false},
		"another environment's": {"prod", "", true},
		"none":                  {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
				switch {
				case action == "ListTagsForResource":
					fmt.Fprintf(w, `{"TagInfoForResource": {"TagList": [{"Key": "Environment", "Value": %q}]}}`, test.environment)
				case !strings.Contains(string(body), `"Scope":"REGIONAL"`):
					w.WriteHeader(http.StatusBadRequest)
				case !strings.Contains(string(body), "NextMarker"):
					fmt.Fprint(w, `{"NextMarker": "1", "WebACLs": [{"Name": "webacl-app-primary-other", "Id": "id-1", "ARN": "arn:1"}]}`)
				case test.environment != "" && strings.Contains(string(body), `"NextMarker":"1"`):
					fmt.Fprint(w, `{"NextMarker": "2", "WebACLs": [{"Name": "webacl-app-primary-dev", "Id": "id-2", "ARN": "arn:2"}]}`)
				default:
					fmt.Fprint(w, `{"NextMarker": "2", "WebACLs": []}`)
				}
			})
			got, err := (&AWS{Environment: "dev"}).Find(t.Context(), "us-east-1", "aws:wafv2/webAcl:WebAcl",
				inputs{"name": "webacl-app-primary-dev", "scope": "REGIONAL"})
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("it is %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
