package notice

import (
	"context"
	"log/slog"

	"warmstandby/lambda/failover/dualregion"
)

// Topic is an SNS topic of one region.
type Topic interface {
	Publish(ctx context.Context, n Notice) error
}

// TopicNotifier is the Notifier that publishes to the topics of both regions.
type TopicNotifier struct {
	Standby, Primary Topic
	Log              *slog.Logger
}

// Notify implements Notifier.
func (t TopicNotifier) Notify(ctx context.Context, n Notice) error {
	t.Log.Info("notice", "subject", n.Subject)
	return dualregion.Both(ctx, t.Log, "publishing "+n.Subject,
		func(ctx context.Context) error { return t.Standby.Publish(ctx, n) },
		func(ctx context.Context) error { return t.Primary.Publish(ctx, n) })
}
