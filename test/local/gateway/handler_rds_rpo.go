package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"warmstandby/test/local/aurora"
)

// rpoParameter is the parameter of a cluster's group at which commits wait, in seconds.
const rpoParameter = "rds.global_db_rpo"

// defaultGroup is the prefix of the groups that AWS makes, which have the defaults: no RPO. AWS: Amazon Aurora User Guide,
// "Working with parameter groups".
const defaultGroup = "default."

// rpos are the RPOs that the groups of DB clusters set, read again after each call that may have changed one.
type rpos struct {
	mu   sync.Mutex
	read bool // nothing has changed since
	rows map[aurora.ID]time.Duration
}

// newCommitHolds notes calls that may change an RPO. [Gateway.EnforceRPO] acts on it.
func newCommitHolds(string) (Handler, error) {
	return Handler{
		Name: "commits that wait because of the RPO",
		AWS: "With rds.global_db_rpo in the parameter group of the cluster that is primary, commits wait while no secondary's RPO lag is" +
			" below it.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html" +
			"#aurora-global-database-manage-recovery",
		Matches: matchActions("rds", "CreateDBCluster", "ModifyDBCluster", "DeleteDBCluster", "ModifyDBClusterParameterGroup",
			"ResetDBClusterParameterGroup", "DeleteDBClusterParameterGroup"),
		Edit: func(g *Gateway, _ *Call, _ *xmlElement) error {
			g.rpos.mu.Lock()
			defer g.rpos.mu.Unlock()
			g.rpos.read = false
			return nil
		},
	}, nil
}

// EnforceRPO has the commits of each writer wait while its secondaries lag by more than its group allows.
func (g *Gateway) EnforceRPO(ctx context.Context) error {
	if g.aurora == nil {
		return nil
	}
	rows, err := g.currentRPOs(ctx)
	if err != nil {
		return fmt.Errorf("reading %s of DB clusters: %w", rpoParameter, err)
	}
	return g.aurora.EnforceRPO(ctx, rows)
}

// currentRPOs returns the RPOs by cluster.
func (g *Gateway) currentRPOs(ctx context.Context) (map[aurora.ID]time.Duration, error) {
	g.rpos.mu.Lock()
	defer g.rpos.mu.Unlock() // a call that changes an RPO meanwhile waits, and then has it read again
	if !g.rpos.read {
		rows, err := g.readRPOs(ctx)
		if err != nil {
			return nil, err
		}
		g.rpos.rows, g.rpos.read = rows, true
	}
	return g.rpos.rows, nil
}

// readRPOs asks the emulator for the clusters of all regions and for their groups.
func (g *Gateway) readRPOs(ctx context.Context) (map[aurora.ID]time.Duration, error) {
	rows := map[aurora.ID]time.Duration{}
	for _, region := range g.regions {
		described, err := g.describeRDS(ctx, region, url.Values{"Action": {"DescribeDBClusters"}})
		if err != nil {
			return nil, err
		}
		err = described.each("DBCluster", func(cluster *xmlElement) error {
			id, group := cluster.findText("DBClusterIdentifier"), cluster.findText("DBClusterParameterGroup")
			if id == "" || group == "" || strings.HasPrefix(group, defaultGroup) {
				return nil
			}
			seconds, err := g.groupRPO(ctx, region, group)
			if err == nil && seconds > 0 {
				rows[aurora.NewID(region, id)] = time.Duration(seconds) * time.Second
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// groupRPO returns the RPO of a parameter group in seconds, 0 where it sets none.
func (g *Gateway) groupRPO(ctx context.Context, region, group string) (seconds int, err error) {
	described, err := g.describeRDS(ctx, region,
		url.Values{"Action": {"DescribeDBClusterParameters"}, "DBClusterParameterGroupName": {group}, "Source": {"user"}})
	if err != nil {
		return 0, err
	}
	err = described.each("Parameter", func(parameter *xmlElement) error {
		if parameter.findText("ParameterName") != rpoParameter {
			return nil
		}
		value := parameter.findText("ParameterValue")
		if seconds, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("%s of group %s in %s is %q, want whole seconds: %w", rpoParameter, group, region, value, err)
		}
		return nil
	})
	return seconds, err
}
