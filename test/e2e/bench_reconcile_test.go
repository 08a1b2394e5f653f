//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/gruntwork-io/terratest/modules/retry"
	"github.com/jackc/pgx/v5"

	"warmstandby/lambda/failover/cli"
)

const (
	// keptRecords are as many as are created in eleven days, one a second. The logs are compared for thirteen days.
	keptRecords = 1_000_000
	lostRecords = 1_000
)

// BenchmarkReconciliation measures make reconcile, from the command to its end: a thousand records that a forced failover has given up
// among a million that both histories have. The old primary's volume is restored beside the running cluster in that time.
func BenchmarkReconciliation(b *testing.B) {
	p := newPlatform(b)
	p.make(b, "up")
	b.Cleanup(func() { p.cleanUp(b, "heal") }) // A lost region could not be destroyed.
	function := "lambda-app-primary-" + p.name
	for b.Loop() {
		primary := p.service(b, east, mayRead, mayWrite)
		standby := p.service(b, west, mayRead, mayWrite)
		p.insertHistory(b, primary.create(b, "the last record that both have").ID, standby)
		p.make(b, "fault", "REGION="+east, "KIND=split")
		var lost record
		for range lostRecords {
			lost = primary.create(b, "given up")
		}
		before := functionMemory(b, function)
		p.awaitMake(b, "failover", "DATA_LOSS=yes", "FORCE=yes")
		standby.expect(b, http.StatusNotFound, http.MethodGet, "/records/"+lost.ID, nil)
		p.make(b, "heal")

		result, took := p.timeReconcile(b)
		totals := result.Reconciliation.Totals
		if totals.Lost != lostRecords || totals.Returned != lostRecords || totals.Doubled != 0 || result.Reconciliation.Compared < keptRecords {
			b.Fatalf("of %d compared changes %+v, want that %d were lost and are back, of more than %d",
				result.Reconciliation.Compared, totals, lostRecords, keptRecords)
		}
		standby.expect(b, http.StatusOK, http.MethodGet, "/records/"+lost.ID, nil)
		report(b, "s/reconcile", took.Seconds())
		if before > 0 {
			report(b, "MB/reconcile", functionMemory(b, function)-before)
		}
	}
}

// insertHistory adds records that are as old as if one had been created each second, with their changes as the log has them, and waits
// until the standby region has them, and the record that was created before.
func (p *platform) insertHistory(b *testing.B, created string, standby *service) {
	b.Helper()
	global := aws.ToString(p.globalCluster(b, east).Endpoint)
	var last string
	if err := withConnection(b.Context(), p.databaseURL(b, east, global, "require"), func(writer *pgx.Conn) error {
		if _, err := writer.Exec(b.Context(),
			`with model as (select kind, region, timeline, tenant from changes where record_id = $1),
			 made as (
			   insert into records (tenant, id, patient, content, created_at, updated_at)
			   select tenant, gen_random_uuid(), 'p-' || n, '{"finding": "none"}', now() - make_interval(secs => n), now() - make_interval(secs => n)
			   from model, generate_series(1, $2::integer) n returning id, version, created_at)
			 insert into changes (id, kind, record_id, version, timeline, occurred_at, region, tenant)
			 select gen_random_uuid(), kind, made.id, version, timeline, created_at, region, tenant from made, model`,
			created, keptRecords); err != nil {
			return err
		}
		return writer.QueryRow(b.Context(), "select id from records order by created_at limit 1").Scan(&last)
	}); err != nil {
		b.Fatalf("inserting %d records and their changes: %v", keptRecords, err)
	}
	for _, id := range []string{created, last} {
		standby.await(b, http.StatusOK, http.MethodGet, "/records/"+id)
	}
}

// timeReconcile runs make reconcile until it is not refused: RDS takes the snapshot of the old volume after its region is back. It
// returns the result of the last run, and its duration.
func (p *platform) timeReconcile(b *testing.B) (result cli.Result, took time.Duration) {
	b.Helper()
	awaitEvery(b, commandInterval, "make reconcile", func() error {
		start := time.Now()
		output, err := p.tryMake(b.Context(), b, "reconcile", "JSON=yes")
		took = time.Since(start)
		var unread error
		result, unread = parseResult(output)
		if err == nil && (unread != nil || result.Reconciliation == nil) {
			err = errors.Join(errors.New("it has no report"), unread)
		}
		if err != nil && result.ExitCode != cli.Refused {
			return retry.FatalError{Underlying: fmt.Errorf("%w:\n%s", err, output)}
		}
		return err
	})
	return result, took
}

// functionMemory returns the most memory, in MB, that a process of a function has had. It is 0 where the system does not say so.
func functionMemory(b *testing.B, function string) float64 {
	b.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		b.Fatal(err)
	}
	most := 0.0
	for _, file := range environments {
		environment, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(environment, []byte("AWS_LAMBDA_FUNCTION_NAME="+function+"\x00")) {
			continue // A process that has ended, or another user's.
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(file), "status"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		kilobytes, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			b.Fatalf("reading the memory of %s: %v", function, err)
		}
		most = max(most, kilobytes*1024/1e6)
	}
	return most
}
