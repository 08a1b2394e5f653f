package instance

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestDashboardsAreListedWithTimesThatSDKsRead(t *testing.T) {
	a := aws{t, newEnvironment(t).up().Endpoint}
	a.json(
		west, "monitoring", "GraniteServiceVersion20100801.PutDashboard", object{"DashboardName": "shown", "DashboardBody": `{"widgets":[]}`},
	)
	nothing := []byte{0xa0} // an empty map
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		a.endpoint+"/service/GraniteServiceVersion20100801/operation/ListDashboards", bytes.NewReader(nothing))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/cbor")
	request.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	sign(request, west, "monitoring")
	status, body := a.do(request)
	const timestamp = "LastModified\xc1\xfb" // tag 1 and a float64
	if status != http.StatusOK || !strings.Contains(body, "shown") || !strings.Contains(body, timestamp) {
		t.Errorf("the list is %d %q, want shown with a time", status, body)
	}
}
