package awsclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"warmstandby/shared/contract/controller"
)

// quotasAPI is the part of Service Quotas' API that is used.
type quotasAPI interface {
	GetServiceQuota(
		context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options),
	) (*servicequotas.GetServiceQuotaOutput, error)
	GetAWSDefaultServiceQuota(
		context.Context, *servicequotas.GetAWSDefaultServiceQuotaInput, ...func(*servicequotas.Options),
	) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error)
}

// Quotas is Service Quotas of one region.
type Quotas struct{ reader quotasAPI }

// Quota implements readiness.Quotas: the applied value, which there is of what was ever raised or is listed, and otherwise AWS's default
// (Service Quotas API Reference, GetServiceQuota).
func (q Quotas) Quota(ctx context.Context, quota controller.Quota) (float64, error) {
	service, code := aws.String(quota.Service), aws.String(quota.Code)
	applied, err := q.reader.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: service, QuotaCode: code})
	var value *types.ServiceQuota
	if missing := new(types.NoSuchResourceException); errors.As(err, &missing) {
		var standard *servicequotas.GetAWSDefaultServiceQuotaOutput
		standard, err = q.reader.GetAWSDefaultServiceQuota(
			ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: service, QuotaCode: code})
		if err == nil {
			value = standard.Quota
		}
	} else if err == nil {
		value = applied.Quota
	}
	if err == nil && (value == nil || value.Value == nil) {
		err = errors.New("the answer has no value")
	}
	if err != nil {
		return 0, fmt.Errorf("asking for quota %s of %s: %w", quota.Code, quota.Service, err)
	}
	return *value.Value, nil
}
