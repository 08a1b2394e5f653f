package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
)

// Aurora is the servers behind DB clusters of Aurora PostgreSQL, implemented by [aurora.Manager]. For clusters that it did not
// create, those of other engines, its methods do nothing.
type Aurora interface {
	Create(aurora.Cluster) (port int, err error)
	Delete(context.Context, aurora.ID) error
	AddInstance(ctx context.Context, id aurora.ID, instance string) (added bool, err error)
	RemoveInstance(ctx context.Context, region, instance string) error
	Detach(context.Context, aurora.ID) error
	Attach(ctx context.Context, global string, id aurora.ID) error
	Knows(global string, id aurora.ID) bool
	// Switchover and Failover change the writer if accept returns nil. It is called immediately before the change.
	Switchover(ctx context.Context, global string, target aurora.ID, accept func() error) error
	Failover(ctx context.Context, global string, target aurora.ID, accept func() error) error
	Lags(context.Context) []aurora.Lag
	EnforceRPO(ctx context.Context, rpo map[aurora.ID]time.Duration) error
	// Backups of clusters, and clusters that are made from them.
	RestorableWindow(aurora.ID) (earliest, latest time.Time, ok bool, err error)
	RestoreToTime(ctx context.Context, source aurora.ID, until time.Time, restored aurora.Cluster) (port int, err error)
	RestoreSnapshot(ctx context.Context, region, name string, restored aurora.Cluster) (port int, err error)
	Snapshots(region string) ([]aurora.Snapshot, error)
	Snapshot(region, name string) (aurora.Snapshot, error)
	CreateSnapshot(context.Context, aurora.Snapshot) (aurora.Snapshot, error)
	CopySnapshot(ctx context.Context, from, to aurora.Snapshot) (aurora.Snapshot, error)
	DeleteSnapshot(region, name string) (aurora.Snapshot, error)
	MaintainBackups(ctx context.Context, retention map[aurora.ID]time.Duration) error
}

// rdsNamespace is the XML namespace of RDS's responses. AWS: Amazon RDS API Reference, the sample responses.
const rdsNamespace = "http://rds.amazonaws.com/doc/2014-10-31/"

// rdsError is RDS's response to a call that it refuses. AWS: Amazon RDS API Reference, "Common Errors".
func rdsError(code, message string) apiResponse {
	root := newElement("ErrorResponse",
		newElement("Error", text("Type", "Sender"), text("Code", code), text("Message", message)),
		text("RequestId", requestID()))
	root.Attributes = []xmlAttribute{{"xmlns", rdsNamespace}}
	return apiResponse{Status: http.StatusBadRequest, Header: xmlHeader(), Body: root.encode()}
}

// PublishLag publishes the replication lag of each secondary of a global database to CloudWatch in the secondary's region, as
// AuroraGlobalDBReplicationLag and AuroraGlobalDBRPOLag, in milliseconds. Both have the same value here: all replicated log
// records are users' data. AWS: Amazon Aurora User Guide, "Amazon CloudWatch metrics for Amazon Aurora": namespace AWS/RDS.
// The dimensions are DBClusterIdentifier and SourceRegion together, and no others, as AWS's Aurora workshop ("Monitor a Global
// Database") finds them: an alarm on the cluster alone would have no data.
func (g *Gateway) PublishLag(ctx context.Context) error {
	if g.aurora == nil {
		return nil
	}
	for _, lag := range g.aurora.Lags(ctx) {
		if _, lost := g.faults.Find(lag.ID.Region, fault.Unreachable); lost {
			continue // a lost region publishes no metrics
		}
		published, err := g.queryEmulator(ctx, lag.ID.Region, "monitoring", lagMetricData(lag))
		if err == nil && !published.ok() {
			err = fmt.Errorf("%d %s", published.Status, published.Body)
		}
		if err != nil {
			return fmt.Errorf("publishing the replication lag of %s: %w", lag.ID, err)
		}
	}
	return nil
}

// lagMetricData is PutMetricData's query for one lag: each metric by cluster and source region.
func lagMetricData(lag aurora.Lag) url.Values {
	form := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/RDS"}}
	milliseconds := strconv.FormatFloat(float64(lag.Behind)/float64(time.Millisecond), 'f', 3, 64)
	for i, metric := range []string{"AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag"} {
		datum := fmt.Sprintf("MetricData.member.%d.", i+1)
		form.Set(datum+"MetricName", metric)
		form.Set(datum+"Unit", "Milliseconds")
		form.Set(datum+"Value", milliseconds)
		form.Set(datum+"Dimensions.member.1.Name", "DBClusterIdentifier")
		form.Set(datum+"Dimensions.member.1.Value", lag.ID.Cluster)
		form.Set(datum+"Dimensions.member.2.Name", "SourceRegion")
		form.Set(datum+"Dimensions.member.2.Value", lag.Writer.Region)
	}
	return form
}
