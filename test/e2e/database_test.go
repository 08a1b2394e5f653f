//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATEs of refusals. PostgreSQL: Appendix A, "PostgreSQL Error Codes".
const (
	readOnlyTransaction  = "25006"
	invalidAuthorization = "28000"
)

// globalCluster returns the environment's global cluster.
func (p *platform) globalCluster(t testing.TB, region string) types.GlobalCluster {
	t.Helper()
	described := require(p.rds(t, region).DescribeGlobalClusters(t.Context(), &rds.DescribeGlobalClustersInput{}))(t)
	own := slices.DeleteFunc(described.GlobalClusters, func(one types.GlobalCluster) bool {
		return !strings.HasSuffix(aws.ToString(one.GlobalClusterIdentifier), "-"+p.name)
	})
	if len(own) != 1 {
		t.Fatalf("%d global clusters, want 1", len(own))
	}
	return own[0]
}

// cluster returns the environment's DB cluster in a region.
func (p *platform) cluster(t testing.TB, region string) types.DBCluster {
	t.Helper()
	described := require(p.rds(t, region).DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{}))(t)
	own := slices.DeleteFunc(described.DBClusters, func(one types.DBCluster) bool {
		return !strings.HasSuffix(aws.ToString(one.DBClusterIdentifier), "-"+p.name)
	})
	if len(own) != 1 {
		t.Fatalf("%d DB clusters in %s, want 1", len(own), region)
	}
	return own[0]
}

func (p *platform) rds(t testing.TB, region string) *rds.Client {
	t.Helper()
	return rds.NewFromConfig(p.aws(t, region))
}

// databaseURL is the URL for a program in a region: a host, with the region's own port and copy of the secret.
func (p *platform) databaseURL(t testing.TB, region, host, sslMode string) string {
	t.Helper()
	named := p.parameters(t, region)
	secret := require(secretsmanager.NewFromConfig(p.aws(t, region)).GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String(named["database/secret-name"])}))(t)
	var login struct{ Username, Password string }
	if err := json.Unmarshal([]byte(aws.ToString(secret.SecretString)), &login); err != nil {
		t.Fatalf("reading the secret in %s: %v", region, err)
	}
	port := strconv.Itoa(int(aws.ToInt32(p.cluster(t, region).Port)))
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(login.Username, login.Password), Host: net.JoinHostPort(host, port),
		Path: "/" + named["database/name"], RawQuery: url.Values{"sslmode": {sslMode}}.Encode(),
	}).String()
}

// withConnection connects over TLS, runs the work and disconnects.
func withConnection(ctx context.Context, url string, work func(*pgx.Conn) error) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(work(connection), connection.Close(ctx))
}

// write adds a row through the global endpoint, as a program in the region does, and checks that the writer is in the region.
func (p *platform) write(t *testing.T, region, row string) {
	t.Helper()
	global := aws.ToString(p.globalCluster(t, region).Endpoint)
	own := aws.ToString(p.cluster(t, region).Endpoint)
	if global == own {
		t.Fatalf("the global endpoint and that of %s are both %s", region, own)
	}
	const table = "create table if not exists visits (id bigint generated always as identity primary key, note text not null unique)"
	if err := withConnection(t.Context(), p.databaseURL(t, region, global, "require"), func(writer *pgx.Conn) error {
		if _, err := writer.Exec(t.Context(), table); err != nil {
			return err
		}
		_, err := writer.Exec(t.Context(), "insert into visits (note) values ($1)", row)
		return err
	}); err != nil {
		t.Fatalf("writing at the global endpoint from %s: %v", region, err)
	}
	if err := withConnection(t.Context(), p.databaseURL(t, region, own, "require"), func(server *pgx.Conn) error {
		var standby bool
		err := server.QueryRow(t.Context(), "select pg_is_in_recovery()").Scan(&standby)
		if err == nil && standby {
			err = errors.New("it is a standby")
		}
		return err
	}); err != nil {
		t.Errorf("asking the cluster of %s whether it is the writer: %v", region, err)
	}
}

// awaitRows returns when the readers of the region have exactly these rows, in the order of the writes.
func (p *platform) awaitRows(t *testing.T, region string, want ...string) {
	t.Helper()
	reader := p.databaseURL(t, region, aws.ToString(p.cluster(t, region).ReaderEndpoint), "require")
	await(t, "reading the rows in "+region, func() error {
		return withConnection(t.Context(), reader, func(connection *pgx.Conn) error {
			rows, err := connection.Query(t.Context(), "select note from visits order by id")
			if err != nil {
				return err
			}
			got, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err == nil && !slices.Equal(got, want) {
				err = fmt.Errorf("%s has the rows %q, want %q", region, got, want)
			}
			return err
		})
	})
}

// checkReadOnly checks that the region's own servers refuse writes.
func (p *platform) checkReadOnly(t *testing.T, region string) {
	t.Helper()
	reader := p.databaseURL(t, region, aws.ToString(p.cluster(t, region).ReaderEndpoint), "require")
	err := withConnection(t.Context(), reader, func(connection *pgx.Conn) error {
		_, err := connection.Exec(t.Context(), "insert into visits (note) values ('refused')")
		return err
	})
	if refused := new(pgconn.PgError); !errors.As(err, &refused) || refused.Code != readOnlyTransaction {
		t.Errorf("a write at the reader of %s is answered with %v, want SQLSTATE %s", region, err, readOnlyTransaction)
	}
}

// checkTLS checks that every endpoint refuses connections without TLS.
func (p *platform) checkTLS(t *testing.T) {
	for _, host := range [...]struct{ region, name string }{
		{east, aws.ToString(p.globalCluster(t, east).Endpoint)},
		{east, aws.ToString(p.cluster(t, east).Endpoint)},
		{west, aws.ToString(p.cluster(t, west).ReaderEndpoint)},
	} {
		connect := func(sslMode string) error {
			return withConnection(t.Context(), p.databaseURL(t, host.region, host.name, sslMode), func(*pgx.Conn) error { return nil })
		}
		if err := connect("require"); err != nil {
			t.Errorf("connecting to %s of %s over TLS: %v", host.name, host.region, err)
		}
		err := connect("disable")
		if refused := new(pgconn.PgError); !errors.As(err, &refused) || refused.Code != invalidAuthorization {
			t.Errorf("%s of %s answers without TLS with %v, want SQLSTATE %s", host.name, host.region, err, invalidAuthorization)
		}
	}
}

// move requests a new writer. A switchover is requested in the primary region, and a failover in the target's, because the
// primary may be lost (Amazon RDS API Reference, SwitchoverGlobalCluster, FailoverGlobalCluster).
type move func(ctx context.Context, from, to *rds.Client, global, target *string) error

func switchover(ctx context.Context, from, _ *rds.Client, global, target *string) error {
	_, err := from.SwitchoverGlobalCluster(ctx, &rds.SwitchoverGlobalClusterInput{
		GlobalClusterIdentifier: global, TargetDbClusterIdentifier: target,
	})
	return err
}

func failover(ctx context.Context, _, to *rds.Client, global, target *string) error {
	_, err := to.FailoverGlobalCluster(ctx, &rds.FailoverGlobalClusterInput{
		GlobalClusterIdentifier: global, TargetDbClusterIdentifier: target, AllowDataLoss: aws.Bool(true),
	})
	return err
}

// moveWriter makes a region's cluster the writer and returns when it is. AWS refuses while replication lags, so the request is
// repeated.
func (p *platform) moveWriter(t *testing.T, region string, by move) {
	t.Helper()
	from := map[string]string{east: west, west: east}[region]
	global, target := p.globalCluster(t, region).GlobalClusterIdentifier, p.cluster(t, region).DBClusterArn
	await(t, "moving the writer to "+region, func() error {
		return by(t.Context(), p.rds(t, from), p.rds(t, region), global, target)
	})
	await(t, "waiting for the writer in "+region, func() error {
		cluster := p.globalCluster(t, region)
		if status := aws.ToString(cluster.Status); status != "available" {
			return fmt.Errorf("the global cluster is %s", status)
		}
		for _, member := range cluster.GlobalClusterMembers {
			if want := aws.ToString(member.DBClusterArn) == *target; aws.ToBool(member.IsWriter) != want {
				return fmt.Errorf("%s is the writer: %t", aws.ToString(member.DBClusterArn), !want)
			}
		}
		return nil
	})
}
