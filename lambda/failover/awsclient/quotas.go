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
	found, err := q.applied(ctx, quota)
	if missing := new(types.NoSuchResourceException); errors.As(err, &missing) {
		found, err = q.standard(ctx, quota)
	}
	if err == nil && (found == nil || found.Value == nil) {
		err = errors.New("the answer has no value")
	}
	if err != nil {
		return 0, fmt.Errorf("asking for quota %s of %s: %w", quota.Code, quota.Service, err)
	}
	return *found.Value, nil
}

func (q Quotas) applied(ctx context.Context, quota controller.Quota) (*types.ServiceQuota, error) {
	answer, err := q.reader.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{
		ServiceCode: aws.String(quota.Service), QuotaCode: aws.String(quota.Code),
	})
	if err != nil {
		return nil, err
	}
	return answer.Quota, nil
}

func (q Quotas) standard(ctx context.Context, quota controller.Quota) (*types.ServiceQuota, error) {
	answer, err := q.reader.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{
		ServiceCode: aws.String(quota.Service), QuotaCode: aws.String(quota.Code),
	})
	if err != nil {
		return nil, err
	}
	return answer.Quota, nil
}
