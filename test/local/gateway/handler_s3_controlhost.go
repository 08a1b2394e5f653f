package gateway

import (
	"net/http"
	"strings"
)

// s3ControlPath is the prefix of every S3 Control request: the version of its API.
const s3ControlPath = "/v20180820/"

// newS3Control accepts S3 Control's host names, which begin with the account id, as the SDKs build them from any endpoint. The
// emulator would read such a name as a bucket's.
func newS3Control(string) (Handler, error) {
	return Handler{
		Name:   "S3 Control host names",
		AWS:    "The account id is a host prefix of S3 Control: 111122223333.s3-control.us-west-2.amazonaws.com.",
		Source: "https://docs.aws.amazon.com/general/latest/gr/s3.html",
		Matches: func(c *Call) bool {
			_, _, ok := accountPrefix(c.Host)
			return ok && strings.HasPrefix(c.URL.Path, s3ControlPath)
		},
		EmulatorJudges: true,
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			c.Header.Set(signedHostHeader, c.Host)
			_, c.Host, _ = accountPrefix(c.Host)
			g.forward(w, c)
		},
	}, nil
}
