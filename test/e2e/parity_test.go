//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

// checkParity raises a quota in the primary region alone, as people do who need it there: the next validation finds it, says when it could
// not ask, and is content when the standby has as much. The controller signs as its role.
func checkParity(t *testing.T, p *platform) {
	quota := controller.LambdaConcurrency
	raise := func(region string, to float64) {
		t.Helper()
		require(servicequotas.NewFromConfig(p.aws(t, region)).RequestServiceQuotaIncrease(t.Context(),
			&servicequotas.RequestServiceQuotaIncreaseInput{
				ServiceCode: aws.String(quota.Service), QuotaCode: aws.String(quota.Code), DesiredValue: aws.Float64(to),
			}))(t)
	}
	check := func(what string, passed, unknown bool, says string) {
		t.Helper()
		task := require(controller.TaskValidate.JSON())(t)
		answer := require(lambda.NewFromConfig(p.aws(t, west)).Invoke(t.Context(), &lambda.InvokeInput{
			FunctionName: aws.String("lambda-failover-secondary-" + p.name), Payload: []byte(task),
		}))(t)
		if answer.FunctionError != nil {
			t.Fatalf("%s: the validation fails: %s", what, answer.Payload)
		}
		p.awaitStatus(t, what, func(s *cli.Status) bool {
			found := readinessCheck(s, "quotas")
			return found != nil && found.Passed == passed && found.Unknown == unknown && strings.Contains(found.Detail, says)
		})
	}
	p.make(t, "doctor") // It asks the same, before a deployment and whenever somebody types it.
	check("the regions have the same quotas", true, false, "8 of us-west-2 are no less")
	raise(east, 5000)
	check("the standby has less than the primary", false, false, "Lambda concurrency: 1000 in us-west-2, 5000 in us-east-1")
	p.make(t, "fault", "REGION="+west, "KIND=denied", "ACTION=servicequotas:GetServiceQuota")
	check("the standby's quotas cannot be asked", false, true, "us-west-2: not known")
	p.make(t, "heal", "REGION="+west)
	raise(west, 5000)
	check("the standby has as much", true, false, "no less")
}

// readinessCheck is a check of the last validation, nil when there is none.
func readinessCheck(s *cli.Status, name string) *readiness.Check {
	if s.Readiness == nil {
		return nil
	}
	for _, check := range s.Readiness.Checks {
		if check.Name == name {
			return &check
		}
	}
	return nil
}
