package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/topic"
)

// ConcurrencyArgs are what is watched of a flood.
type ConcurrencyArgs struct {
	Region   string
	Alarm    string // on the executions in use
	TopicARN string // of the operators
	Name     string // of the queue that receives the topic's messages
	Function string // the controller, whose invocations Lambda may refuse
}

// Concurrency watches what the operators of a region are notified of while its executions are used up.
type Concurrency struct {
	ConcurrencyArgs
	Log     *evidence.Log
	metrics *cloudwatch.Client
	topic   *topic.Queue
}

// NewConcurrency returns the observer of a region.
func NewConcurrency(settings aws.Config, log *evidence.Log, args ConcurrencyArgs) *Concurrency {
	return &Concurrency{args, log, cloudwatch.NewFromConfig(settings), topic.New(settings, args.Name, args.TopicARN)}
}

// Attach subscribes a queue of the drill's own to the topic. After an error what was made has to be detached, too.
func (c *Concurrency) Attach(ctx context.Context) error { return c.topic.Attach(ctx) }

// Detach removes the queue and its subscription.
func (c *Concurrency) Detach(ctx context.Context) error { return c.topic.Detach(ctx) }

// Threshold returns at how many executions in use the alarm rings.
func (c *Concurrency) Threshold(ctx context.Context) (float64, error) {
	described, err := c.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{c.Alarm}})
	if err != nil {
		return 0, fmt.Errorf("describing alarm %s: %w", c.Alarm, err)
	}
	if len(described.MetricAlarms) != 1 {
		return 0, errors.New("there is no alarm " + c.Alarm + ": deploy the region's stack")
	}
	return aws.ToFloat64(described.MetricAlarms[0].Threshold), nil
}

// Run watches until the context ends.
func (c *Concurrency) Run(ctx context.Context) { poll(ctx, period, c.observe) }

func (c *Concurrency) observe(ctx context.Context) {
	c.topic.Receive(ctx, func(text []byte) {
		name, state, is := alarmNotice(text)
		if !is || name != c.Alarm {
			return
		}
		c.Log.UpdateFlood(func(f *evidence.Flood) {
			f.Notices = append(f.Notices, evidence.Notice{At: time.Now(), Region: c.Region, Alarm: evidence.ConcurrencyAlarm, State: state})
		})
	})
}

// CountThrottled counts the controller's invocations that Lambda has refused since a moment (AWS Lambda Developer Guide, "Types of metrics
// for Lambda functions", Throttles). Nobody could say if it does not answer.
func (c *Concurrency) CountThrottled(ctx context.Context, since time.Time) {
	const periodSeconds = 60
	got, err := c.metrics.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Throttles"),
		Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: aws.String(c.Function)}},
		StartTime:  aws.Time(since.Truncate(time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)), Period: aws.Int32(periodSeconds),
		Statistics: []types.Statistic{types.StatisticSum},
	})
	if err != nil {
		return
	}
	throttled := 0
	for _, point := range got.Datapoints {
		throttled += int(aws.ToFloat64(point.Sum))
	}
	c.Log.UpdateFlood(func(f *evidence.Flood) { f.Throttled = &throttled })
}
