package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// awsCloud is AWS, or what AWS_ENDPOINT_URL names.
type awsCloud struct{ settings aws.Config }

// attempts is how often a question is asked: it is asked again by whoever runs doctor again.
const attempts = 2

func newAWS(ctx context.Context) (*awsCloud, error) {
	// The SDK's own lines, of how it looks for credentials, are not for whoever reads a report.
	settings, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(attempts), config.WithLogger(logging.Nop{}))
	return &awsCloud{settings}, err
}

// in are the settings for a region. Services that are in no region are asked in us-east-1, where their one endpoint is.
func (a *awsCloud) in(region string) aws.Config {
	settings := a.settings.Copy()
	settings.Region = region
	return settings
}

const globalRegion = "us-east-1"

// patience is how long credentials are looked for: outside of AWS nothing answers where a machine of AWS finds its role.
const patience = 5 * time.Second

func (a *awsCloud) credentials(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if a.settings.Credentials == nil {
		return errors.New("no provider of credentials")
	}
	_, err := a.settings.Credentials.Retrieve(ctx)
	return err
}

func (a *awsCloud) identity(ctx context.Context, region string) (identity, error) {
	answer, err := sts.NewFromConfig(a.in(region)).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return identity{}, err
	}
	now, _ := middleware.GetServerTime(answer.ResultMetadata)
	return identity{account: aws.ToString(answer.Account), arn: aws.ToString(answer.Arn), now: now}, nil
}

// notFound says whether an error is one of these codes, which say that there is nothing of the name.
func notFound(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range codes {
		if strings.Contains(api.ErrorCode(), code) {
			return true
		}
	}
	return false
}

// bucket asks a second time where S3 answers that the bucket is in another region.
func (a *awsCloud) bucket(ctx context.Context, name, region string) (bucket, error) {
	var b bucket
	head, err := s3.NewFromConfig(a.in(region)).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	var answer *smithyhttp.ResponseError
	switch {
	case err == nil:
		if b.region = aws.ToString(head.BucketRegion); b.region == "" {
			b.region = region
		}
	case notFound(err, "NotFound", "NoSuchBucket"):
		return b, nil
	case errors.As(err, &answer) && answer.Response != nil && answer.Response.Header.Get("X-Amz-Bucket-Region") != "" &&
		answer.HTTPStatusCode() != http.StatusForbidden:
		b.region = answer.Response.Header.Get("X-Amz-Bucket-Region")
	default:
		return b, err
	}
	versioning, err := s3.NewFromConfig(a.in(b.region)).GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	if err != nil {
		return b, err
	}
	b.versioned = versioning.Status == "Enabled"
	return b, nil
}

func (a *awsCloud) key(ctx context.Context, id, region string) (key, error) {
	answer, err := kms.NewFromConfig(a.in(region)).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if notFound(err, "NotFound") {
		return key{}, nil
	}
	if err != nil {
		return key{}, err
	}
	return key{state: string(answer.KeyMetadata.KeyState)}, nil
}

// quota is the applied value, which there is of what was ever raised or is listed, and otherwise AWS's default.
func (a *awsCloud) quota(ctx context.Context, region, service, code string) (float64, error) {
	client := servicequotas.NewFromConfig(a.in(region))
	applied, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	if err == nil && applied.Quota != nil && applied.Quota.Value != nil {
		return *applied.Quota.Value, nil
	}
	if err != nil && !notFound(err, "NoSuchResource") {
		return 0, err
	}
	standard, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{
		ServiceCode: &service, QuotaCode: &code,
	})
	if err != nil {
		return 0, err
	}
	if standard.Quota == nil || standard.Quota.Value == nil {
		return 0, fmt.Errorf("the answer has no value of %s", code)
	}
	return *standard.Quota.Value, nil
}

func (a *awsCloud) healthChecks(ctx context.Context) (most, used int64, err error) {
	answer, err := route53.NewFromConfig(a.in(globalRegion)).GetAccountLimit(ctx, &route53.GetAccountLimitInput{
		Type: route53types.AccountLimitTypeMaxHealthChecksByOwner,
	})
	if err != nil {
		return 0, 0, err
	}
	if answer.Limit == nil || answer.Limit.Value == nil {
		return 0, 0, errors.New("the answer has no limit")
	}
	return *answer.Limit.Value, answer.Count, nil
}

func (a *awsCloud) serviceRole(ctx context.Context, name string) (bool, error) {
	_, err := iam.NewFromConfig(a.in(globalRegion)).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if notFound(err, "NoSuchEntity") {
		return false, nil
	}
	return err == nil, err
}

func (a *awsCloud) backupOptIn(ctx context.Context, region, resource string) (bool, error) {
	answer, err := backup.NewFromConfig(a.in(region)).DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
	if err != nil {
		return false, err
	}
	in, known := answer.ResourceTypeOptInPreference[resource]
	if !known {
		return false, fmt.Errorf("the answer says nothing of %s", resource)
	}
	return in, nil
}

func (a *awsCloud) zones(ctx context.Context, region string) ([]string, error) {
	answer, err := ec2.NewFromConfig(a.in(region)).DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{
		Filters: []ec2types.Filter{
			{Name: aws.String("opt-in-status"), Values: []string{"opt-in-not-required"}}, {Name: aws.String("state"), Values: []string{"available"}},
		},
	})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, zone := range answer.AvailabilityZones {
		ids = append(ids, aws.ToString(zone.ZoneId))
	}
	return ids, nil
}

func (a *awsCloud) endpointZones(ctx context.Context, region, service string) ([]string, error) {
	client := ec2.NewFromConfig(a.in(region))
	name := "com.amazonaws." + region + "." + service
	services, err := client.DescribeVpcEndpointServices(ctx, &ec2.DescribeVpcEndpointServicesInput{
		ServiceNames: []string{name}, Filters: []ec2types.Filter{{Name: aws.String("service-type"), Values: []string{"Interface"}}},
	})
	if err != nil {
		return nil, err
	}
	zones, err := client.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return nil, err
	}
	byName := map[string]string{}
	for _, zone := range zones.AvailabilityZones {
		byName[aws.ToString(zone.ZoneName)] = aws.ToString(zone.ZoneId)
	}
	for _, detail := range services.ServiceDetails {
		if aws.ToString(detail.ServiceName) != name {
			continue
		}
		var ids []string
		for _, zone := range detail.AvailabilityZones {
			ids = append(ids, byName[zone])
		}
		return ids, nil
	}
	return nil, fmt.Errorf("the answer has no service %s", name)
}

const (
	engineName    = "aurora-postgresql"
	instanceClass = "db.serverless"
)

func (a *awsCloud) certificate(ctx context.Context, region, arn string) (certificate, error) {
	answer, err := acm.NewFromConfig(a.in(region)).DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if notFound(err, "ResourceNotFound") {
		return certificate{}, nil
	}
	if err != nil {
		return certificate{}, err
	}
	c := answer.Certificate
	return certificate{
		status: string(c.Status), algorithm: string(c.KeyAlgorithm), names: c.SubjectAlternativeNames, until: aws.ToTime(c.NotAfter),
	}, nil
}

func (a *awsCloud) zone(ctx context.Context, id string) (hostedZone, error) {
	answer, err := route53.NewFromConfig(a.in(globalRegion)).GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &id})
	if notFound(err, "NoSuchHostedZone") {
		return hostedZone{}, nil
	}
	if err != nil {
		return hostedZone{}, err
	}
	z := hostedZone{name: strings.TrimSuffix(aws.ToString(answer.HostedZone.Name), ".")}
	if answer.HostedZone.Config != nil {
		z.private = answer.HostedZone.Config.PrivateZone
	}
	if answer.DelegationSet != nil {
		z.nameServers = answer.DelegationSet.NameServers
	}
	return z, nil
}

func (a *awsCloud) delegation(ctx context.Context, domain string) ([]string, error) {
	servers, err := net.DefaultResolver.LookupNS(ctx, domain)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range servers {
		names = append(names, strings.TrimSuffix(s.Host, "."))
	}
	return names, nil
}

func (a *awsCloud) networks(ctx context.Context, region string) ([]network, error) {
	var found []network
	pages := ec2.NewDescribeVpcsPaginator(ec2.NewFromConfig(a.in(region)), &ec2.DescribeVpcsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, vpc := range page.Vpcs {
			n := network{id: aws.ToString(vpc.VpcId)}
			for _, association := range vpc.CidrBlockAssociationSet {
				n.ranges = append(n.ranges, aws.ToString(association.CidrBlock))
			}
			if len(n.ranges) == 0 {
				n.ranges = []string{aws.ToString(vpc.CidrBlock)}
			}
			for _, tag := range vpc.Tags {
				if aws.ToString(tag.Key) == "Environment" {
					n.environment = aws.ToString(tag.Value)
				}
			}
			found = append(found, n)
		}
	}
	return found, nil
}
