package awsclient

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"warmstandby/shared/contract/controller"
)

// fakeQuotas answers with one applied value and one default, each nil for none.
type fakeQuotas struct {
	applied, standard       *types.ServiceQuota
	appliedErr, standardErr error
	asked                   []string
}

func (f *fakeQuotas) GetServiceQuota(
	_ context.Context, input *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options),
) (*servicequotas.GetServiceQuotaOutput, error) {
	f.asked = append(f.asked, aws.ToString(input.ServiceCode)+" "+aws.ToString(input.QuotaCode))
	return &servicequotas.GetServiceQuotaOutput{Quota: f.applied}, f.appliedErr
}

func (f *fakeQuotas) GetAWSDefaultServiceQuota(
	_ context.Context, input *servicequotas.GetAWSDefaultServiceQuotaInput, _ ...func(*servicequotas.Options),
) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
	f.asked = append(f.asked, "default "+aws.ToString(input.ServiceCode)+" "+aws.ToString(input.QuotaCode))
	return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: f.standard}, f.standardErr
}

func TestQuota(t *testing.T) {
	none, denied := &types.NoSuchResourceException{}, errors.New("AccessDeniedException")
	value := func(v float64) *types.ServiceQuota { return &types.ServiceQuota{Value: aws.Float64(v)} }
	for _, test := range []struct {
		name  string
		fake  fakeQuotas
		want  float64
		fails string
		asked string
	}{
		{"the applied value counts", fakeQuotas{applied: value(5000), standard: value(1000)}, 5000, "", "lambda L-B99A9384"},
		{
			"what was never raised has AWS's default", fakeQuotas{appliedErr: none, standard: value(1000)}, 1000, "",
			"lambda L-B99A9384, default lambda L-B99A9384",
		},
		{"it may not be asked", fakeQuotas{appliedErr: denied, standard: value(1000)}, 0, "AccessDeniedException", "lambda L-B99A9384"},
		{
			"the default may not be asked", fakeQuotas{appliedErr: none, standardErr: denied}, 0, "AccessDeniedException",
			"lambda L-B99A9384, default lambda L-B99A9384",
		},
		{"an answer without a value", fakeQuotas{applied: &types.ServiceQuota{}}, 0, "no value", "lambda L-B99A9384"},
		{"an answer without a quota", fakeQuotas{}, 0, "no value", "lambda L-B99A9384"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Quotas{&test.fake}.Quota(t.Context(), controller.LambdaConcurrency)
			if got != test.want || (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("it is %g, %v; want %g, %q", got, err, test.want, test.fails)
			}
			if asked := strings.Join(test.fake.asked, ", "); asked != test.asked {
				t.Errorf("asked was %q, want %q", asked, test.asked)
			}
		})
	}
}
