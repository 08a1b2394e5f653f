package instance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/testwait"
)

const (
	globalCluster = "records"
	eastCluster   = "records-primary"
	westCluster   = "records-secondary"
	password      = "it's a secret"
	// attemptTimeout bounds one attempt that is repeated, so that a connection that hangs is given up for a new one.
	attemptTimeout = 30 * time.Second
)

// globalDatabase makes a global cluster with an instance in each region, as the provider does.
func globalDatabase(a aws) {
	a.t.Helper()
	const engine, version = "aurora-postgresql", "16.8"
	a.query(east, "rds", "CreateGlobalCluster", "GlobalClusterIdentifier", globalCluster, "Engine", engine, "EngineVersion", version)
	a.query(east, "rds", "CreateDBCluster", "DBClusterIdentifier", eastCluster, "GlobalClusterIdentifier", globalCluster, "Engine", engine,
		"EngineVersion", version, "MasterUsername", "clinic", "MasterUserPassword", password, "DatabaseName", "records")
	a.instance(east, eastCluster)
	a.query(
		west, "rds", "CreateDBCluster", "DBClusterIdentifier", westCluster, "GlobalClusterIdentifier", globalCluster, "Engine", engine,
		"EngineVersion", version,
	)
	a.instance(west, westCluster)
}

func (a aws) instance(region, cluster string) {
	a.t.Helper()
	a.query(region, "rds", "CreateDBInstance", "DBInstanceIdentifier", cluster+"-1", "DBClusterIdentifier", cluster,
		"DBInstanceClass", "db.serverless", "Engine", "aurora-postgresql")
}

// endpoint returns a cluster's described reader endpoint and port.
func (a aws) clusterEndpoint(region, cluster string) string {
	a.t.Helper()
	described := a.query(region, "rds", "DescribeDBClusters", "DBClusterIdentifier", cluster)
	return fmt.Sprintf("host=%s port=%s", a.field(described, "ReaderEndpoint"), a.field(described, "Port"))
}

// writerEndpoint returns the global cluster's endpoint with a member's port, as the application puts it together.
func (a aws) writerEndpoint(region, cluster string) string {
	a.t.Helper()
	described := a.query(region, "rds", "DescribeGlobalClusters", "GlobalClusterIdentifier", globalCluster)
	_, port, _ := strings.Cut(a.clusterEndpoint(region, cluster), " ")
	return "host=" + a.field(described, "Endpoint") + " " + port
}

// sql runs one statement that returns one number.
func sql(ctx context.Context, target, statement string) (int, error) {
	config, err := pgx.ParseConfig(target + " user=clinic dbname=records sslmode=require")
	if err != nil {
		return 0, err
	}
	config.Password = password
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, err
	}
	defer connection.Close(context.Background())
	var number int
	err = connection.QueryRow(ctx, statement).Scan(&number)
	return number, err
}

const (
	write = "INSERT INTO visits VALUES (DEFAULT) RETURNING 1"
	count = "SELECT count(*) FROM visits"
)

func (a aws) write(target string) {
	a.t.Helper()
	if _, err := sql(testwait.Context(a.t), target, write); err != nil {
		a.t.Fatal(err)
	}
}

func (a aws) waitRows(target string, want int) {
	a.t.Helper()
	testwait.Until(a.t, fmt.Sprintf("%s has %d rows", target, want), func() error {
		ctx, cancel := context.WithTimeout(a.t.Context(), attemptTimeout)
		defer cancel()
		got, err := sql(ctx, target, count)
		if err == nil && got != want {
			err = fmt.Errorf("it has %d", got)
		}
		return err
	})
}

func TestAGlobalDatabaseFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	globalDatabase(a)
	writer, reader := a.writerEndpoint(east, eastCluster), a.clusterEndpoint(west, westCluster)
	if _, err := sql(testwait.Context(t), writer, "WITH made AS (SELECT 1) SELECT 1"); err != nil {
		t.Fatalf("the master user does not reach the writer: %v", err)
	}
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.write(writer)
	a.waitRows(reader, 1)

	e.down()
	assertNoDatabase(t, e.folder)
	a.endpoint = e.up().Endpoint
	if again := a.writerEndpoint(east, eastCluster); again != writer {
		t.Errorf("after down and up the writer is at %s, before at %s", again, writer)
	}
	a.waitRows(reader, 1)

	for _, move := range []struct {
		region, target string
		fields         []string
	}{
		{west, westCluster, []string{"SwitchoverGlobalCluster"}},
		{east, eastCluster, []string{"FailoverGlobalCluster", "Switchover", "true"}},
		{west, westCluster, []string{"FailoverGlobalCluster", "AllowDataLoss", "true"}},
	} {
		a.query(move.region, "rds", move.fields[0], append([]string{"GlobalClusterIdentifier", globalCluster,
			"TargetDbClusterIdentifier", "arn:aws:rds:" + move.region + ":000000000000:cluster:" + move.target}, move.fields[1:]...)...)
		a.write(writer)
	}
	a.waitRows(reader, 4)
	a.waitRows(a.clusterEndpoint(east, eastCluster), 4)
	if status, body := a.try(west, "rds", "SwitchoverGlobalCluster", "GlobalClusterIdentifier", globalCluster,
		"TargetDbClusterIdentifier", "arn:aws:rds:us-west-2:000000000000:cluster:"+westCluster); status != http.StatusBadRequest ||
		!strings.Contains(body, "InvalidGlobalClusterStateFault") {
		t.Errorf("a switchover to the writer: %d %s", status, body)
	}

	a.query(east, "rds", "DeleteDBInstance", "DBInstanceIdentifier", eastCluster+"-1", "SkipFinalSnapshot", "true")
	a.query(west, "rds", "DeleteDBInstance", "DBInstanceIdentifier", westCluster+"-1", "SkipFinalSnapshot", "true")
	for region, cluster := range map[string]string{east: eastCluster} {
		a.leave(region, cluster)
	}
	a.leave(west, westCluster)
	a.query(east, "rds", "DeleteGlobalCluster", "GlobalClusterIdentifier", globalCluster)
	assertNoDatabase(t, e.folder)
	if left, err := filepath.Glob(e.folder.path("aurora", "us-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// must runs a statement that returns nothing.
func (a aws) must(target, statement string) {
	a.t.Helper()
	if _, err := sql(testwait.Context(a.t), target, statement); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		a.t.Fatalf("%s: %v", statement, err)
	}
}

func (a aws) leave(region, cluster string) {
	a.t.Helper()
	a.query(region, "rds", "RemoveFromGlobalCluster", "GlobalClusterIdentifier", globalCluster,
		"DbClusterIdentifier", "arn:aws:rds:"+region+":000000000000:cluster:"+cluster)
	a.query(region, "rds", "DeleteDBCluster", "DBClusterIdentifier", cluster, "SkipFinalSnapshot", "true")
}

func TestARefusedClusterHasNoServer(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	if status, body := a.try(east, "rds", "CreateDBCluster", "DBClusterIdentifier", eastCluster, "Engine", "aurora-postgresql",
		"EngineVersion", "16.6", "MasterUsername", "clinic", "MasterUserPassword", password); status != http.StatusBadRequest {
		t.Fatalf("a cluster of an unknown version: %d %s", status, body)
	}
	a.query(east, "rds", "CreateDBCluster", "DBClusterIdentifier", eastCluster, "Engine", "aurora-postgresql",
		"EngineVersion", "16.8", "MasterUsername", "clinic", "MasterUserPassword", password)
	if status, body := a.try(east, "rds", "CreateDBCluster", "DBClusterIdentifier", eastCluster, "Engine", "aurora-postgresql",
		"EngineVersion", "16.8", "MasterUsername", "clinic", "MasterUserPassword", password); status != http.StatusBadRequest ||
		!strings.Contains(body, "DBClusterAlreadyExistsFault") {
		t.Errorf("the same cluster again: %d %s", status, body)
	}
	assertNoDatabase(t, e.folder)
}

// TestKilledGateway also waits for a lag, which is published every few seconds.
func TestKilledGateway(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	record := e.up()
	a := aws{t, record.Endpoint}
	globalDatabase(a)
	writer, reader := a.writerEndpoint(east, eastCluster), a.clusterEndpoint(west, westCluster)
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.write(writer)

	testwait.Until(t, "a lag is in CloudWatch of the secondary's region", func() error {
		lag := a.query(west, "monitoring", "GetMetricStatistics", "Namespace", "AWS/RDS", "MetricName", "AuroraGlobalDBRPOLag",
			"Dimensions.member.1.Name", "DBClusterIdentifier", "Dimensions.member.1.Value", westCluster,
			"Dimensions.member.2.Name", "SourceRegion", "Dimensions.member.2.Value", east, "Statistics.member.1", "Average", "Period", "60",
			"StartTime", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "EndTime", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		if !strings.Contains(lag, "<Average>") {
			return errors.New(lag)
		}
		return nil
	})

	e.kill(record.GatewayPID)
	a.endpoint = e.up().Endpoint
	a.waitRows(reader, 1)
	a.write(writer)
	a.waitRows(reader, 2)
	if err := syscall.Kill(record.GatewayPID, 0); err == nil {
		t.Errorf("the killed gateway, process %d, lives", record.GatewayPID)
	}
}

// assertNoDatabase fails when a process of a database server lives: each holds its server's lock.
func assertNoDatabase(t *testing.T, folder Folder) {
	t.Helper()
	locks, err := filepath.Glob(folder.path("aurora", "us-*", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range locks {
		lock, err := emulator.TryLock(path)
		if err != nil {
			t.Errorf("a process of the server of %s lives: %v", filepath.Dir(path), err)
			continue
		}
		lock.Close()
	}
}
