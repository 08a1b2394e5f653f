package instance

import (
	"context"
	"log"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/gateway"
	"warmstandby/test/local/tools"
)

// lagEvery is how often a secondary's lag is published. AWS does it once a minute; a rehearsal that takes three minutes
// must see it move.
const lagEvery = 5 * time.Second

// fetchTime bounds fetching PostgreSQL, 15 to 30 MB, for which a deployment waits.
const fetchTime = 5 * time.Minute

// openDatabases starts the servers of the DB clusters that this folder has, as none does that never had one. PostgreSQL is
// fetched when the first is to start, which is then in the log.
func (f Folder) openDatabases(ctx context.Context, faults []fault.Fault, logger *log.Logger) (*aurora.Set, error) {
	return aurora.Open(ctx, aurora.Options{
		Folder: f.databases(),
		Cuts:   cutsOf(faults),
		Install: func() (aurora.Binaries, error) {
			cache, err := tools.CacheDir()
			if err != nil {
				return aurora.Binaries{}, err
			}
			ctx, cancel := context.WithTimeout(ctx, fetchTime)
			defer cancel()
			return aurora.Install(ctx, cache, func(label string) func() {
				logger.Print(label)
				return func() {}
			})
		},
		Log: logger,
	})
}

// publishLag publishes lags until ctx ends. One that cannot be published is in the log, and the next follows.
func publishLag(ctx context.Context, g *gateway.Gateway, logger *log.Logger) {
	ticker := time.NewTicker(lagEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := g.PublishLag(ctx); err != nil && ctx.Err() == nil {
				logger.Print(err)
			}
		}
	}
}
