package incident

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/lambda/failover/healthcheck"
	"warmstandby/lambda/failover/history"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/report"
)

// regionTimeout bounds what is asked of one region, which may be lost.
const regionTimeout = 15 * time.Second

// checkRegion has the metrics of Route 53's health checks (Amazon Route 53 Developer Guide, "Monitoring health checks using CloudWatch").
const checkRegion = "us-east-1"

// Read makes the incident of the last time of a platform. The controller's log must be readable; everything else that cannot be read is
// named in the incident.
func Read(ctx context.Context, target access.Target, since time.Duration, platform *evidence.Platform) (report.Incident, error) {
	account, deployed, err := target.Configuration(ctx)
	if err != nil {
		return report.Incident{}, err
	}
	settings, err := access.AWSConfigs(ctx, deployed.PrimaryRegion, deployed.StandbyRegion, checkRegion)
	if err != nil {
		return report.Incident{}, err
	}
	r := record{config: deployed, to: time.Now(), platform: platform, health: map[string][]healthPoint{}}
	r.from = r.to.Add(-since)
	group, err := history.ControllerLogGroup(deployed.Environment)
	if err != nil {
		return report.Incident{}, err
	}
	logs := cloudwatchlogs.NewFromConfig(settings[deployed.StandbyRegion])
	if r.decided, r.events, err = history.Log(ctx, logs, group, deployed.StandbyRegion, r.from); err != nil {
		return report.Incident{}, err
	}
	if r.state, err = account.Platform(deployed).Table.Load(ctx); err != nil {
		r.missing("the journal", err)
	}
	for _, region := range [...]string{deployed.PrimaryRegion, deployed.StandbyRegion} {
		limited, cancel := context.WithTimeout(ctx, regionTimeout)
		alarms, err := history.Alarms(limited, cloudwatch.NewFromConfig(settings[region]), region, deployed.Environment, r.from)
		cancel()
		if err != nil {
			r.missing("the alarms of "+region, err)
		}
		r.events = append(r.events, alarms...)
	}
	if err := r.readHealth(ctx, settings[checkRegion]); err != nil {
		r.missing("the health checks", err)
	}
	return r.incident(), nil
}

func (r *record) missing(what string, err error) {
	r.notKnown = append(r.notKnown, what+": "+err.Error())
}

// readHealth reads the metric of both health checks, a value a minute.
func (r *record) readHealth(ctx context.Context, settings aws.Config) error {
	ctx, cancel := context.WithTimeout(ctx, regionTimeout)
	defer cancel()
	names, err := checkNames(r.config)
	if err != nil {
		return err
	}
	checks, err := healthcheck.Find(ctx, settings, names)
	if err != nil {
		return err
	}
	var queries []types.MetricDataQuery
	regions := map[string]string{"primary": r.config.PrimaryRegion, "standby": r.config.StandbyRegion}
	for id, region := range regions {
		queries = append(queries, types.MetricDataQuery{Id: aws.String(id), MetricStat: &types.MetricStat{
			Stat: aws.String("Minimum"), Period: aws.Int32(60), Metric: &types.Metric{
				Namespace: aws.String("AWS/Route53"), MetricName: aws.String("HealthCheckStatus"),
				Dimensions: []types.Dimension{{Name: aws.String("HealthCheckId"), Value: aws.String(checks.ID(region))}},
			},
		}})
	}
	pages := cloudwatch.NewGetMetricDataPaginator(cloudwatch.NewFromConfig(settings), &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries, StartTime: aws.Time(r.from), EndTime: aws.Time(r.to), ScanBy: types.ScanByTimestampAscending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reading the metrics of the health checks: %w", err)
		}
		for _, result := range page.MetricDataResults {
			region := regions[aws.ToString(result.Id)]
			for i, at := range result.Timestamps {
				r.health[region] = append(r.health[region], healthPoint{at, result.Values[i]})
			}
		}
	}
	return nil
}

// checkNames are the names of the health checks by region.
func checkNames(c controller.Config) (map[string]string, error) {
	namer, err := naming.New(c.Environment)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for region, role := range map[string]naming.Role{c.PrimaryRegion: naming.Primary, c.StandbyRegion: naming.Secondary} {
		if names[region], err = namer.Name(naming.HealthCheck, string(role)); err != nil {
			return nil, err
		}
	}
	return names, nil
}
