package instance

import (
	"context"
	"log"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/tools"
)

// fetchTime bounds fetching PostgreSQL, 15 to 30 MB, for which a deployment waits.
const fetchTime = 5 * time.Minute

// openDatabases starts the servers of the DB clusters that this folder has, as none does that never had one. PostgreSQL is
// fetched when the first is to start, which is then in the log.
func (f Folder) openDatabases(ctx context.Context, faults []fault.Fault, logger *log.Logger) (*aurora.Manager, error) {
	return aurora.Open(ctx, aurora.Options{
		Folder:        f.databases(),
		NetworkFaults: cutsOf(faults),
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
