package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/jackc/pgx/v5"

	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/naming"
)

// errInsideVPC says why rows cannot be taken back by a drill on AWS.
var errInsideVPC = errors.New("a restored cluster answers inside the VPC alone, where the drill is not: on AWS rehearse " +
	"the runbook's chapter 7 by hand; nothing was begun")

// clusters are the databases between which rows are taken back.
type clusters struct {
	settings        aws.Config // of the primary region
	environment     string
	running, secret string // the names of the cluster and of the master user's secret
	patient         string
}

// takeBack copies the patient's rows that differ from the restored cluster into the running one, in one transaction, and returns how
// many. Rows that only the running cluster has are left alone.
func (c clusters) takeBack(ctx context.Context) (int, error) {
	restored, err := restore.ClusterName(c.environment, naming.Primary)
	if err != nil {
		return 0, err
	}
	var connections [2]*pgx.Conn
	for i, cluster := range [...]string{restored, c.running} {
		url, err := c.url(ctx, cluster)
		if err != nil {
			return 0, err
		}
		connection, err := pgx.Connect(ctx, url)
		if err != nil {
			return 0, fmt.Errorf("connecting to %s: %w", cluster, err)
		}
		defer connection.Close(context.WithoutCancel(ctx))
		connections[i] = connection
	}
	rows, err := connections[0].Query(ctx, `select row_to_json(records)::text from records where patient = $1 order by id`, c.patient)
	if err != nil {
		return 0, fmt.Errorf("reading the rows of %s: %w", restored, err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("reading the rows of %s: %w", restored, err)
	}
	return writeBack(ctx, connections[1], texts)
}

// writeBack writes rows that are missing or differ. The setting lets them keep the revisions that clients know (migration 6).
func writeBack(ctx context.Context, running *pgx.Conn, texts []string) (count int, err error) {
	err = pgx.BeginFunc(ctx, running, func(tx pgx.Tx) error {
		var names string
		if err := tx.QueryRow(ctx, `select string_agg(quote_ident(column_name), ', ' order by ordinal_position)
			from information_schema.columns where table_schema = 'public' and table_name = 'records' and is_generated = 'NEVER'
			and set_config('warmstandby.keep_revision', 'on', true) = 'on'`).Scan(&names); err != nil {
			return err
		}
		var assignments []string
		for name := range strings.SplitSeq(names, ", ") {
			assignments = append(assignments, name+" = excluded."+name)
		}
		tag, err := tx.Exec(ctx, `insert into records (`+names+`) select `+names+`
			from unnest($1::text[]) as old (json), json_populate_record(null::records, old.json::json)
			on conflict (id) do update set `+strings.Join(assignments, ", ")+` where records.version <> excluded.version`, texts)
		count = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("writing the rows to the running cluster: %w", err)
	}
	return count, nil
}

// url is a cluster's, with the master user's login.
func (c clusters) url(ctx context.Context, cluster string) (string, error) {
	found, err := rds.NewFromConfig(c.settings).DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(cluster)})
	if err != nil {
		return "", fmt.Errorf("finding DB cluster %s: %w", cluster, err)
	}
	if len(found.DBClusters) != 1 {
		return "", fmt.Errorf("finding DB cluster %s: RDS describes %d", cluster, len(found.DBClusters))
	}
	one := found.DBClusters[0]
	secrets := secretsmanager.NewFromConfig(c.settings)
	secret, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(c.secret)})
	if err != nil {
		return "", fmt.Errorf("reading secret %s: %w", c.secret, err)
	}
	var login struct{ Username, Password string }
	if err := json.Unmarshal([]byte(aws.ToString(secret.SecretString)), &login); err != nil {
		return "", fmt.Errorf("reading secret %s: it is no login", c.secret)
	}
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(login.Username, login.Password), Path: "/" + databaseName,
		Host:     net.JoinHostPort(aws.ToString(one.Endpoint), strconv.Itoa(int(aws.ToInt32(one.Port)))),
		RawQuery: url.Values{"sslmode": {"require"}}.Encode(),
	}).String(), nil
}

// databaseName is that of the application's database (shared/components/database).
const databaseName = "records"
