package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"warmstandby/test/local/fault"
)

// grantedQuota is a quota of Service Quotas that the platform meets, with the value that AWS grants a new account in each region.
type grantedQuota struct {
	Service, ServiceName, Code, Name string
	Value                            float64
}

const (
	// executionsCode is the quota of Lambda's executions at once, of which the fault few-executions leaves those of a new account.
	executionsCode       = "L-B99A9384"
	grantedToNewAccounts = 10
)

// grantedQuotas are the defaults. AWS: AWS General Reference, "Service endpoints and quotas", the service's page.
var grantedQuotas = []grantedQuota{
	{Service: "lambda", ServiceName: "AWS Lambda", Code: executionsCode, Name: "Concurrent executions", Value: 1000},
	{Service: "vpc", ServiceName: "Amazon Virtual Private Cloud (Amazon VPC)", Code: "L-F678F1CE", Name: "VPCs per Region", Value: 5},
	{
		Service: "vpc", ServiceName: "Amazon Virtual Private Cloud (Amazon VPC)", Code: "L-29B6F2EB", Name: "Interface VPC endpoints per VPC",
		Value: 50,
	},
	{
		Service: "ec2", ServiceName: "Amazon Elastic Compute Cloud (Amazon EC2)", Code: "L-0263D0A3", Name: "EC2-VPC Elastic IPs", Value: 5,
	},
	{Service: "rds", ServiceName: "Amazon Relational Database Service (Amazon RDS)", Code: "L-952B80B8", Name: "DB clusters", Value: 40},
	{Service: "rds", ServiceName: "Amazon Relational Database Service (Amazon RDS)", Code: "L-7B6409FD", Name: "DB instances", Value: 40},
	{
		Service: "elasticloadbalancing", ServiceName: "Elastic Load Balancing (ELB)", Code: "L-53DA6B97",
		Name: "Application Load Balancers per Region", Value: 50,
	},
}

// quotaHandler is Service Quotas. Nothing is refused for want of a quota.
type quotaHandler struct {
	raised *table[float64] // by region, service and code
}

// newServiceQuotas answers for the quotas of the platform, and raises them when that is asked for. The emulator has no Service Quotas.
func newServiceQuotas(folder string) (Handler, error) {
	raised, err := openTable[float64](folder, "servicequotas")
	h := &quotaHandler{raised: raised}
	return Handler{
		Name: "service quotas",
		AWS: "GetServiceQuota is the value in effect in a region, GetAWSDefaultServiceQuota AWS's own. RequestServiceQuotaIncrease opens a" +
			" request that AWS approves in minutes or days; here at once.",
		Source:  "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_Operations.html",
		Matches: matchActions("servicequotas", "GetServiceQuota", "GetAWSDefaultServiceQuota", "RequestServiceQuotaIncrease"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			resp, err := h.answer(g, c)
			g.respond(w, c, resp, err)
		},
	}, err
}

func (h *quotaHandler) answer(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		ServiceCode, QuotaCode string
		DesiredValue           float64
	}
	if err := c.decodeInput(&input); err != nil {
		return jsonError("SerializationException", err.Error()), nil
	}
	i := slices.IndexFunc(grantedQuotas, func(q grantedQuota) bool { return q.Service == input.ServiceCode && q.Code == input.QuotaCode })
	if i < 0 {
		return jsonError("NoSuchResourceException", "The request failed because the specified service quota does not exist."), nil
	}
	quota := grantedQuotas[i]
	id := strings.Join([]string{c.Region, quota.Service, quota.Code}, "/")
	value, raised := h.raised.get(id)
	if !raised {
		value = quota.Value
	}
	if _, few := g.faults.Find(c.Region, fault.FewExecutions); few && quota.Code == executionsCode {
		value = grantedToNewAccounts
	}
	switch c.Action {
	case "GetAWSDefaultServiceQuota": // Its ARN is of no account.
		return jsonResponse(map[string]any{"Quota": quota.describe(c.Region, "", quota.Value)})
	case "RequestServiceQuotaIncrease":
		if input.DesiredValue <= value {
			return jsonError("IllegalArgumentException", fmt.Sprintf("You must provide a quota value greater than the current quota value of %g.",
				value)), nil
		}
		if err := h.raised.update(id, func(row *float64) { *row = input.DesiredValue }); err != nil {
			return apiResponse{}, err
		}
		return h.requested(g, c, quota, input.DesiredValue)
	}
	account, err := g.account(c)
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{"Quota": quota.describe(c.Region, account, value)})
}

// requested is the request to raise a quota. AWS: Service Quotas API Reference, RequestedServiceQuotaChange.
func (h *quotaHandler) requested(g *Gateway, c *Call, quota grantedQuota, desired float64) (apiResponse, error) {
	account, err := g.account(c)
	if err != nil {
		return apiResponse{}, err
	}
	now := float64(time.Now().Unix())
	return jsonResponse(map[string]any{"RequestedQuota": map[string]any{
		"Id": strings.ReplaceAll(requestID(), "-", ""), "ServiceCode": quota.Service, "ServiceName": quota.ServiceName,
		"QuotaCode": quota.Code, "QuotaName": quota.Name, "QuotaArn": quota.arn(c.Region, account), "DesiredValue": desired,
		"Status": "APPROVED", "Created": now, "LastUpdated": now, "GlobalQuota": false, "Unit": "None", "QuotaRequestedAtLevel": "ACCOUNT",
	}})
}

func (q grantedQuota) arn(region, account string) string {
	return fmt.Sprintf("arn:aws:servicequotas:%s:%s:%s/%s", region, account, q.Service, q.Code)
}

// describe is the quota as both reads have it. AWS: Service Quotas API Reference, ServiceQuota.
func (q grantedQuota) describe(region, account string, value float64) map[string]any {
	return map[string]any{
		"ServiceCode": q.Service, "ServiceName": q.ServiceName, "QuotaCode": q.Code, "QuotaName": q.Name, "QuotaArn": q.arn(region, account),
		"Value": value, "Unit": "None", "Adjustable": true, "GlobalQuota": false, "QuotaAppliedAtLevel": "ACCOUNT",
	}
}
