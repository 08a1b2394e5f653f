package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// newEmptyFunctionPolicies refuses to return a function's policy without statements: AWS Lambda deletes it with its last one.
func newEmptyFunctionPolicies(string) (Handler, error) {
	return Handler{
		Name:   "empty policies of functions",
		AWS:    "GetPolicy of a function whose last permission was removed is ResourceNotFoundException.",
		Source: "https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html",
		Matches: func(c *Call) bool {
			function, ok := strings.CutPrefix(c.URL.Path, "/2015-03-31/functions/")
			name, policy, _ := strings.Cut(function, "/")
			return ok && c.Service == "lambda" && c.Method == http.MethodGet && name != "" && policy == "policy"
		},
		EmulatorJudges: true,
		Serve:          func(g *Gateway, w http.ResponseWriter, c *Call) { g.serveUnless(w, c, refuseEmptyPolicy) },
	}, nil
}

func refuseEmptyPolicy(answer apiResponse) (apiResponse, error) {
	var output struct{ Policy string }
	var policy struct{ Statement []json.RawMessage }
	err := json.Unmarshal(answer.Body, &output)
	if err == nil {
		err = json.Unmarshal([]byte(output.Policy), &policy)
	}
	if err != nil {
		return apiResponse{}, fmt.Errorf("reading a function's policy: %w", err)
	}
	if len(policy.Statement) == 0 {
		return restError(http.StatusNotFound, "ResourceNotFoundException", "The resource you requested does not exist.")
	}
	return answer, nil
}
