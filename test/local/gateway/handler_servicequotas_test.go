package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"warmstandby/test/local/fault"
)

// quotaOf is what is asked of an answer about a quota.
type quotaOf struct {
	Quota struct {
		QuotaArn, ServiceCode, QuotaCode, QuotaName string
		Value                                       float64
		Adjustable                                  bool
	}
	RequestedQuota struct {
		Status       string
		DesiredValue float64
	}
}

func TestServiceQuotas(t *testing.T) {
	folder := t.TempDir()
	account := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account>"+
			"</GetCallerIdentityResult></GetCallerIdentityResponse>")
	}
	f := newFake(t, folder, account)
	ask := func(f *fake, region, action, input string) (int, quotaOf, string) {
		t.Helper()
		status, body := f.json(region, "servicequotas", "ServiceQuotasV20190624."+action, input)
		var answer quotaOf
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatalf("%s answers %s: %v", action, body, err)
		}
		return status, answer, body
	}
	const lambda = `{"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"`
	for _, action := range []string{"GetServiceQuota", "GetAWSDefaultServiceQuota"} {
		status, got, body := ask(f, "us-west-2", action, lambda+"}")
		if status != http.StatusOK || got.Quota.Value != 1000 || got.Quota.QuotaName != "Concurrent executions" || !got.Quota.Adjustable {
			t.Errorf("%s answers %d %s", action, status, body)
		}
	}
	if _, got, _ := ask(f, "us-west-2", "GetServiceQuota", lambda+"}"); got.Quota.QuotaArn !=
		"arn:aws:servicequotas:us-west-2:000000000000:lambda/L-B99A9384" {
		t.Errorf("the quota's ARN is %s", got.Quota.QuotaArn)
	}
	if err := f.faults.Add(fault.Fault{Region: "us-west-2", Kind: fault.FewExecutions}); err != nil {
		t.Fatal(err)
	}
	if _, got, body := ask(f, "us-west-2", "GetServiceQuota", lambda+"}"); got.Quota.Value != grantedToNewAccounts {
		t.Errorf("with few executions the quota is %s", body)
	}
	if err := f.faults.Heal("us-west-2"); err != nil {
		t.Fatal(err)
	}
	for _, refused := range []struct{ action, input, code string }{
		{"GetServiceQuota", `{"ServiceCode": "lambda", "QuotaCode": "L-00000000"}`, "NoSuchResourceException"},
		{"GetServiceQuota", `{"ServiceCode": "other", "QuotaCode": "L-B99A9384"}`, "NoSuchResourceException"},
		{"RequestServiceQuotaIncrease", lambda + `, "DesiredValue": 1000}`, "IllegalArgumentException"},
	} {
		if status, _, body := ask(f, "us-west-2", refused.action, refused.input); status != http.StatusBadRequest ||
			!strings.Contains(body, refused.code) {
			t.Errorf("%s of %s answers %d %s, want %s", refused.action, refused.input, status, body, refused.code)
		}
	}
	if status, got, body := ask(f, "us-east-1", "RequestServiceQuotaIncrease", lambda+`, "DesiredValue": 5000}`); status != http.StatusOK ||
		got.RequestedQuota.Status != "APPROVED" || got.RequestedQuota.DesiredValue != 5000 {
		t.Errorf("raising a quota answers %d %s", status, body)
	}
	// It is raised in its region alone, outlives a restart, and AWS's default is what it was.
	restarted := newFake(t, folder, account)
	for _, want := range []struct {
		region, action string
		value          float64
	}{
		{"us-east-1", "GetServiceQuota", 5000}, {"us-west-2", "GetServiceQuota", 1000}, {"us-east-1", "GetAWSDefaultServiceQuota", 1000},
	} {
		if _, got, body := ask(restarted, want.region, want.action, lambda+"}"); got.Quota.Value != want.value {
			t.Errorf("%s in %s answers %s, want %g", want.action, want.region, body, want.value)
		}
	}
}

// The emulator knows the quotas that the failover controller compares: each other is answered as one that does not exist.
func TestQuotasAreThoseOfThePlatform(t *testing.T) {
	content, err := os.ReadFile("../../../shared/contract/controller/quotas.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(content)) {
		_, fields, is := strings.Cut(line, "= Quota{")
		if !is {
			continue
		}
		named++
		found := false
		for _, quota := range grantedQuotas {
			found = found || strings.Contains(fields, `"`+quota.Service+`", "`+quota.Code+`"`)
		}
		if !found {
			t.Errorf("the emulator has no quota %s", strings.TrimSpace(fields))
		}
	}
	if named != len(grantedQuotas) {
		t.Errorf("the platform names %d quotas, the emulator knows %d", named, len(grantedQuotas))
	}
}
