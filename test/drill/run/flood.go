package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/scenario"
)

// Concurrency is Lambda's concurrency of a region, as its operators are notified of it.
type Concurrency interface {
	// Run watches until the context ends.
	Run(context.Context)
	// Detach removes what the watching has made.
	Detach(context.Context) error
	// CountThrottled counts the controller's invocations that were refused since a moment.
	CountThrottled(ctx context.Context, since time.Time)
}

// Flooder is a load beyond what Lambda grants.
type Flooder interface {
	// Run sends requests until the context ends.
	Run(context.Context)
}

// errNoFlood says why a drill of a flood is not made on AWS.
var errNoFlood = errors.New("a flood of an account's Lambda functions is a stress test, which AWS wants to be asked about, and refuses " +
	"the account's other functions, too; nothing was begun")

// flood has Lambda grant few executions in a region, and begins a load that wants more. It ends with the faults.
func (d *Drill) flood(ctx context.Context, s scenario.Step) error {
	region := d.region(s.Role)
	if err := d.Injector.Begin(ctx, scenario.FewExecutions, region); err != nil {
		return fmt.Errorf("having Lambda grant few executions: %w", err)
	}
	d.Logf("flooding %s for %s at most", region, s.For)
	flooding, stop := context.WithTimeout(context.WithoutCancel(ctx), s.For)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Flooder.Run(flooding)
	}()
	d.stopFlood = func() {
		stop()
		<-ended
		d.stopFlood = func() {}
	}
	return nil
}

// openFlood attaches to the topic of the standby region, and refuses an environment whose alarm the flood cannot reach.
func (o Options) openFlood(
	ctx context.Context, log *evidence.Log, settings aws.Config, deployed controller.Config, name string,
) (*observe.Concurrency, error) {
	namer, err := naming.New(o.Environment)
	if err != nil {
		return nil, err
	}
	alarm, alarmErr := namer.Name(naming.Alarm, evidence.ConcurrencyAlarm, string(naming.Secondary))
	function, functionErr := namer.Name(naming.Function, "failover", string(naming.Secondary))
	if err := errors.Join(alarmErr, functionErr); err != nil {
		return nil, err
	}
	watched := observe.NewConcurrency(settings, log, observe.ConcurrencyArgs{
		Region: deployed.StandbyRegion, Alarm: alarm, TopicARN: deployed.StandbyTopicARN, Name: name + "-notices", Function: function,
	})
	threshold, err := watched.Threshold(ctx)
	if err != nil {
		return nil, err
	}
	if threshold > scenario.GrantedExecutions {
		return nil, fmt.Errorf("alarm %s rings at %.0f executions, and the flood fills %d: set concurrencyQuota of the regional stacks to %d",
			alarm, threshold, scenario.GrantedExecutions, scenario.GrantedExecutions)
	}
	log.UpdateFlood(func(f *evidence.Flood) { f.Granted, f.Threshold = scenario.GrantedExecutions, threshold })
	if err := watched.Attach(ctx); err != nil {
		return nil, errors.Join(err, watched.Detach(context.WithoutCancel(ctx)))
	}
	return watched, nil
}

// countThrottled counts the invocations of the controller that were refused since the fault.
func (d *Drill) countThrottled(ctx context.Context) {
	began, faulted := time.Time{}, false
	d.Log.Read(func(e *evidence.Evidence) { began, faulted = e.MarkedAt(evidence.Faulted) })
	if !faulted {
		return
	}
	_ = d.cleanUp(ctx, func(ctx context.Context) error {
		d.Concurrency.CountThrottled(ctx, began)
		return nil
	})
}
