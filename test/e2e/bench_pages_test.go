//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/jackc/pgx/v5"
)

const (
	// benchmarkTenant is one of several tenants of the platform that is measured, and not the one that has the records from before tenants.
	benchmarkTenant = "clinic-a"
	// manyRecords are those of one patient; another tenant has as many under the same name.
	manyRecords = 100_000
	pageSize    = 100
	// depths is into how many parts the pages are divided by their depth. Each is compared with the first page, asked at the same time.
	depths = 10
)

// benchmarkPages reads all records of one patient, page by page, and compares a page at each depth with the first one.
func (p *platform) benchmarkPages(b *testing.B) {
	s := p.service(b, east)
	s.token = p.tenantsToken(b, benchmarkTenant, mayRead, mayWrite)
	for b.Loop() {
		patient := fmt.Sprintf("p-%d", time.Now().UnixNano())
		p.insertRecords(b, patient)
		first, deep := s.walk(b, patient)
		ratios := make([]float64, depths)
		for i := range ratios {
			from, to := i*len(deep)/depths, (i+1)*len(deep)/depths
			ratios[i] = float64(median(deep[from:to])) / float64(median(first[from:to]))
		}
		report(b, "page-ms", float64(median(first))/float64(time.Millisecond))
		report(b, "page/first-page", slices.Max(ratios))
	}
}

// insertRecords adds the patient's records of two tenants, as old as if one had been created each second, and lets PostgreSQL count them,
// as it does by itself where records come one by one.
func (p *platform) insertRecords(b *testing.B, patient string) {
	b.Helper()
	global := aws.ToString(p.globalCluster(b, east).Endpoint)
	if err := withConnection(b.Context(), p.databaseURL(b, east, global, "require"), func(writer *pgx.Conn) error {
		for _, tenant := range []string{benchmarkTenant, "clinic-b"} {
			if _, err := writer.Exec(b.Context(),
				`insert into records (tenant, id, patient, content, created_at, updated_at)
				 select $1, gen_random_uuid(), $2, '{"finding": "none"}', now() - make_interval(secs => $3::integer - n), now()
				 from generate_series(1, $3::integer) n`, tenant, patient, manyRecords); err != nil {
				return err
			}
		}
		_, err := writer.Exec(b.Context(), "analyze records")
		return err
	}); err != nil {
		b.Fatalf("inserting %d records of a patient: %v", manyRecords, err)
	}
}

// walk reads every page of a patient's records, and the first one before each. It returns how long they took, and ends the benchmark if
// a record is missing or comes twice.
func (s *service) walk(b *testing.B, patient string) (first, deep []time.Duration) {
	b.Helper()
	seen := map[string]bool{}
	search := map[string]any{"patient": patient, "limit": pageSize}
	ask := func(search map[string]any) (page struct {
		Records []record
		Next    *string
	}, took time.Duration) {
		start := time.Now()
		answer := s.expect(b, http.StatusOK, http.MethodPost, "/records/search", search)
		took = time.Since(start)
		answer.decode(b, &page)
		return page, took
	}
	for next := (*string)(nil); ; {
		_, took := ask(search)
		first = append(first, took)
		further := map[string]any{"patient": patient, "limit": pageSize}
		if next != nil {
			further["cursor"] = *next
		}
		page, took := ask(further)
		deep = append(deep, took)
		for _, one := range page.Records {
			if seen[one.ID] {
				b.Fatalf("record %s comes twice", one.ID)
			}
			seen[one.ID] = true
		}
		if next = page.Next; next == nil {
			break
		}
	}
	if len(seen) != manyRecords {
		b.Fatalf("the pages have %d records, want %d", len(seen), manyRecords)
	}
	return first, deep
}

// median is the one in the middle.
func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
