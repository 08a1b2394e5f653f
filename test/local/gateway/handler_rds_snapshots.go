package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"warmstandby/test/local/aurora"
)

// rdsTime is the form of a time in RDS's responses.
const rdsTime = "2006-01-02T15:04:05.000Z"

// newClusterSnapshots serves the snapshots of DB clusters that have servers.
func newClusterSnapshots(string) (Handler, error) {
	serving := map[string]func(*Gateway, *Call) (apiResponse, error){
		"CreateDBClusterSnapshot":    (*Gateway).createSnapshot,
		"CopyDBClusterSnapshot":      (*Gateway).copySnapshot,
		"DeleteDBClusterSnapshot":    (*Gateway).deleteSnapshot,
		"DescribeDBClusterSnapshots": (*Gateway).describeSnapshots,
	}
	return Handler{
		Name: "snapshots of DB clusters",
		AWS: "A snapshot has a cluster's data of one moment, and a manual one outlives the cluster. Automated snapshots are RDS's own;" +
			" rds:unplanned-global-failover-CLUSTER-TIME is the old volume of a primary that came back after a failover that allowed data loss.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html," +
			" https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html",
		Matches: func(c *Call) bool { return c.Service == "rds" && serving[c.Action] != nil },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			if g.aurora == nil {
				g.forward(w, c)
				return
			}
			g.serveDatabases(w, c, serving[c.Action])
		},
	}, nil
}

// serveDatabases answers a call with what serve returns. An error of the servers is answered with RDS's code for it.
func (g *Gateway) serveDatabases(w http.ResponseWriter, c *Call, serve func(*Gateway, *Call) (apiResponse, error)) {
	resp, err := serve(g, c)
	if refusal, ok := databaseRefusal(err); ok {
		resp, err = refusal, nil
	}
	if err != nil {
		g.respondUnavailable(w, c.Request, err)
		return
	}
	g.writeResponse(w, c, resp)
}

// databaseRefusals are RDS's errors for what the servers refuse, with the status of the response. AWS: Amazon RDS API Reference, the
// errors of RestoreDBClusterToPointInTime, RestoreDBClusterFromSnapshot and DeleteDBClusterSnapshot, and "Common Errors".
var databaseRefusals = []struct {
	err    error
	code   string
	status int
}{
	{aurora.ErrOutsideWindow, "InvalidParameterValue", http.StatusBadRequest},
	{aurora.ErrNoCluster, "DBClusterNotFoundFault", http.StatusNotFound},
	{aurora.ErrExists, "DBClusterAlreadyExistsFault", http.StatusBadRequest},
	{aurora.ErrNoVolume, "InvalidDBClusterStateFault", http.StatusBadRequest},
	{aurora.ErrNoSnapshot, "DBClusterSnapshotNotFoundFault", http.StatusNotFound},
	{aurora.ErrSnapshotExists, "DBClusterSnapshotAlreadyExistsFault", http.StatusBadRequest},
	{aurora.ErrAutomatedSnapshot, "InvalidDBClusterSnapshotStateFault", http.StatusBadRequest},
	{aurora.ErrName, "InvalidParameterValue", http.StatusBadRequest},
}

func databaseRefusal(err error) (apiResponse, bool) {
	for _, one := range databaseRefusals {
		if errors.Is(err, one.err) {
			resp := rdsError(one.code, err.Error())
			resp.Status = one.status
			return resp, true
		}
	}
	return apiResponse{}, false
}

// rdsResponse is a successful response to an RDS operation.
func rdsResponse(action string, result ...*xmlElement) apiResponse {
	root := newElement(action+"Response",
		newElement(action+"Result", result...), newElement("ResponseMetadata", text("RequestId", requestID())))
	root.Attributes = []xmlAttribute{{"xmlns", rdsNamespace}}
	return apiResponse{Status: http.StatusOK, Header: xmlHeader(), Body: root.encode()}
}

// describeCluster returns the emulator's description of a cluster; nil when it knows none.
func (g *Gateway) describeCluster(ctx context.Context, id aurora.ID) (*xmlElement, error) {
	described, err := g.describeRDS(ctx, id.Region, url.Values{"Action": {"DescribeDBClusters"}})
	if err != nil {
		return nil, fmt.Errorf("describing DB cluster %s: %w", id, err)
	}
	var found *xmlElement
	err = described.each("DBCluster", func(cluster *xmlElement) error {
		if strings.EqualFold(cluster.findText("DBClusterIdentifier"), id.Cluster) {
			found = cluster
		}
		return nil
	})
	return found, err
}

// attributesOf returns what a snapshot keeps of a cluster. AWS: Amazon RDS API Reference, CreateDBCluster, CopyTagsToSnapshot.
func attributesOf(cluster *xmlElement) map[string]string {
	attributes := map[string]string{}
	for _, name := range snapshotAttributes {
		if value := cluster.findText(name); value != "" {
			attributes[name] = value
		}
	}
	if tags := cluster.child("TagList"); tags != nil && cluster.findText("CopyTagsToSnapshot") == "true" {
		for _, tag := range tags.Children {
			attributes[tagAttribute+tag.findText("Key")] = tag.findText("Value")
		}
	}
	return attributes
}

// putTags adds the tags of a request to attributes.
func putTags(attributes map[string]string, form url.Values) {
	for _, list := range []string{"Tags.Tag", "Tags.member"} {
		for i := 1; form.Has(fmt.Sprintf("%s.%d.Key", list, i)); i++ {
			attributes[tagAttribute+form.Get(fmt.Sprintf("%s.%d.Key", list, i))] = form.Get(fmt.Sprintf("%s.%d.Value", list, i))
		}
	}
}

func (g *Gateway) createSnapshot(c *Call) (apiResponse, error) {
	id := aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier"))
	cluster, err := g.describeCluster(c.Context(), id)
	if err != nil {
		return apiResponse{}, err
	}
	if cluster == nil {
		return apiResponse{}, fmt.Errorf("DB cluster %s: %w", id, aurora.ErrNoCluster)
	}
	attributes := attributesOf(cluster)
	putTags(attributes, c.Form)
	taken, err := g.aurora.CreateSnapshot(context.WithoutCancel(c.Context()), aurora.Snapshot{
		Region: c.Region, Name: strings.ToLower(c.Form.Get("DBClusterSnapshotIdentifier")), Cluster: id.Cluster, Attributes: attributes,
	})
	if err != nil {
		return apiResponse{}, err
	}
	return rdsResponse(c.Action, snapshotElement(taken, nil)), nil
}

// copySnapshot copies a snapshot of the call's region, or of another one when an ARN names it.
func (g *Gateway) copySnapshot(c *Call) (apiResponse, error) {
	source := c.Form.Get("SourceDBClusterSnapshotIdentifier")
	region, name := aurora.NewSnapshotName(c.Region, source)
	known, err := g.aurora.Snapshot(region, name)
	if err != nil {
		return apiResponse{}, err
	}
	clusters, err := g.clustersOf(c, region)
	if err != nil {
		return apiResponse{}, err
	}
	attributes := map[string]string{}
	for key, value := range snapshotAttributesOf(known, clusters) {
		if !strings.HasPrefix(key, tagAttribute) || boolParam(c.Form, "CopyTags", false) {
			attributes[key] = value
		}
	}
	putTags(attributes, c.Form)
	if key := c.Form.Get("KmsKeyId"); key != "" {
		attributes["KmsKeyId"] = key
	}
	copied, err := g.aurora.CopySnapshot(context.WithoutCancel(c.Context()), known, aurora.Snapshot{
		Region: c.Region, Name: strings.ToLower(c.Form.Get("TargetDBClusterSnapshotIdentifier")),
		Source: snapshotARN(region, name), Attributes: attributes,
	})
	if err != nil {
		return apiResponse{}, err
	}
	return rdsResponse(c.Action, snapshotElement(copied, nil)), nil
}

func (g *Gateway) deleteSnapshot(c *Call) (apiResponse, error) {
	region, name := aurora.NewSnapshotName(c.Region, c.Form.Get("DBClusterSnapshotIdentifier"))
	if known, err := g.aurora.Snapshot(region, name); err == nil && known.Type == aurora.BackupSnapshot {
		return rdsError("InvalidDBClusterSnapshotStateFault", "Snapshot "+name+" is AWS Backup's, which alone deletes it."), nil
	}
	deleted, err := g.aurora.DeleteSnapshot(region, name)
	if err != nil {
		return apiResponse{}, err
	}
	element := snapshotElement(deleted, nil)
	element.set(text("Status", "deleted"))
	return rdsResponse(c.Action, element), nil
}

// MaintainBackups has the servers take the backups that are due and remove what is older than each cluster's retention.
func (g *Gateway) MaintainBackups(ctx context.Context) error {
	if g.aurora == nil {
		return nil
	}
	retention := map[aurora.ID]time.Duration{}
	for _, region := range g.regions {
		described, err := g.describeRDS(ctx, region, url.Values{"Action": {"DescribeDBClusters"}})
		if err != nil {
			return fmt.Errorf("reading how long backups are kept: %w", err)
		}
		err = described.each("DBCluster", func(cluster *xmlElement) error {
			var days int
			if _, err := fmt.Sscan(cluster.findText("BackupRetentionPeriod"), &days); err == nil {
				retention[aurora.NewID(region, cluster.findText("DBClusterIdentifier"))] = time.Duration(days) * 24 * time.Hour
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return g.aurora.MaintainBackups(ctx, retention)
}
