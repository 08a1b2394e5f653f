package instance

import (
	"context"
	"log"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/tools"
)

// downloadTimeout bounds the download of PostgreSQL, 15 to 30 MB, during which a deployment waits.
const downloadTimeout = 5 * time.Minute

// openDatabases starts the servers of the DB clusters in this folder, if it has any. PostgreSQL is downloaded before the first
// server starts, with a line in the log.
func (f Folder) openDatabases(ctx context.Context, faults []fault.Fault, logger *log.Logger) (*aurora.Manager, error) {
	return aurora.Open(ctx, aurora.Options{
		Folder:        f.databasesDir(),
		NetworkFaults: networkFaults(faults),
		Install: func() (aurora.Binaries, error) {
			cache, err := tools.CacheDir()
			if err != nil {
				return aurora.Binaries{}, err
			}
			ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
			defer cancel()
			return aurora.Install(ctx, cache, func(label string) func() {
				logger.Print(label)
				return func() {}
			})
		},
		Log: logger,
	})
}
