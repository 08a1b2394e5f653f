package notice

import (
	"context"
	"log/slog"

	"warmstandby/lambda/failover/pair"
)

// Topic is a topic of one region.
type Topic interface {
	Publish(ctx context.Context, n Notice) error
}

// Topics is the Board of both regions' topics.
type Topics struct {
	Standby, Primary Topic
	Log              *slog.Logger
}

// Announce implements Board.
func (t Topics) Announce(ctx context.Context, n Notice) error {
	t.Log.Info("notice", "subject", n.Subject)
	return pair.Both(ctx, t.Log, "publishing "+n.Subject,
		func(ctx context.Context) error { return t.Standby.Publish(ctx, n) },
		func(ctx context.Context) error { return t.Primary.Publish(ctx, n) })
}
