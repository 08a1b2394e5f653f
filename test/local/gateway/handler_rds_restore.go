package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"warmstandby/test/local/aurora"
)

// newClusterRestores serves the operations that make a DB cluster from backups.
func newClusterRestores(string) (Handler, error) {
	serving := map[string]func(*Gateway, *Call) (apiResponse, error){
		"RestoreDBClusterToPointInTime": (*Gateway).restoreToTime,
		"RestoreDBClusterFromSnapshot":  (*Gateway).restoreFromSnapshot,
	}
	return Handler{
		Name: "restored DB clusters",
		AWS: "A restore makes a new cluster without instances, with the data that the source had at a time of its window, or that a" +
			" snapshot has. It has the source's engine, user, encryption and retention, and what the request says of the rest.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterToPointInTime.html," +
			" https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html",
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

// newRestorableTimes adds the window of restorable times to the descriptions of DB clusters.
func newRestorableTimes(string) (Handler, error) {
	return Handler{
		Name:    "restorable times of DB clusters",
		AWS:     "A cluster can be restored to any time from EarliestRestorableTime to LatestRestorableTime.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-pitr.html",
		Matches: matchActions("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters"),
		Edit: func(g *Gateway, c *Call, root *xmlElement) error {
			if g.aurora == nil {
				return nil
			}
			return root.each("DBCluster", func(cluster *xmlElement) error {
				if cluster.findText("Engine") != auroraEngine {
					return nil
				}
				earliest, latest, ok, err := g.aurora.RestorableWindow(aurora.NewID(c.Region, cluster.findText("DBClusterIdentifier")))
				if err != nil || !ok {
					return err
				}
				// Both are within the window when they are read back: the first is rounded up.
				first := earliest.UTC().Add(time.Millisecond - 1).Truncate(time.Millisecond)
				cluster.set(text("EarliestRestorableTime", first.Format(rdsTime)), text("LatestRestorableTime", latest.UTC().Format(rdsTime)))
				return nil
			})
		},
	}, nil
}

// restoreToTime restores a cluster of the call's region. AWS: Amazon RDS API Reference, RestoreDBClusterToPointInTime, RestoreToTime:
// either it or UseLatestRestorableTime is given, and a copy-on-write restore is one of the latest time.
func (g *Gateway) restoreToTime(c *Call) (apiResponse, error) {
	latest, at := boolParam(c.Form, "UseLatestRestorableTime", false), c.Form.Get("RestoreToTime")
	var until time.Time
	switch {
	case latest && at != "":
		return rdsError("InvalidParameterCombination", "RestoreToTime can't be specified with UseLatestRestorableTime."), nil
	case at != "" && c.Form.Get("RestoreType") == "copy-on-write":
		return rdsError("InvalidParameterCombination", "RestoreToTime can't be specified for the restore type copy-on-write."), nil
	case at != "":
		var err error
		if until, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return rdsError("InvalidParameterValue", fmt.Sprintf("RestoreToTime is %q, want a time such as 2015-03-07T23:45:00Z.", at)), nil
		}
	case !latest:
		return rdsError("InvalidParameterCombination", "RestoreToTime or UseLatestRestorableTime must be specified."), nil
	}
	source := aurora.NewID(c.Region, c.Form.Get("SourceDBClusterIdentifier"))
	cluster, err := g.describeCluster(c.Context(), source)
	if err != nil {
		return apiResponse{}, err
	}
	if cluster == nil || source.Region != c.Region {
		return apiResponse{}, fmt.Errorf("DB cluster %s: %w", source, aurora.ErrNoCluster)
	}
	return g.restoreCluster(c, attributesOf(cluster), func(ctx context.Context, restored aurora.Cluster) (int, error) {
		return g.aurora.RestoreToTime(ctx, source, until, restored)
	})
}

func (g *Gateway) restoreFromSnapshot(c *Call) (apiResponse, error) {
	region, name := aurora.NewSnapshotName(c.Region, c.Form.Get("SnapshotIdentifier"))
	if region != c.Region {
		return apiResponse{}, fmt.Errorf("snapshot %s of %s in %s: %w", name, region, c.Region, aurora.ErrNoSnapshot)
	}
	known, err := g.aurora.Snapshot(region, name)
	if err != nil {
		return apiResponse{}, err
	}
	clusters, err := g.clustersOf(c, region)
	if err != nil {
		return apiResponse{}, err
	}
	return g.restoreCluster(c, snapshotAttributesOf(known, clusters), func(ctx context.Context, restored aurora.Cluster) (int, error) {
		return g.aurora.RestoreSnapshot(ctx, region, name, restored)
	})
}

// inherited are the attributes of the source that a restored cluster has, as parameters of a creation.
var inherited = []string{
	"Engine", "EngineVersion", "MasterUsername", "DatabaseName", "StorageEncrypted", "KmsKeyId", "BackupRetentionPeriod",
	"PreferredBackupWindow", "PreferredMaintenanceWindow", "CopyTagsToSnapshot",
}

// restoreCluster restores the data first and then has the emulator make the cluster, as if it was created with these parameters.
func (g *Gateway) restoreCluster(
	c *Call, attributes map[string]string, restore func(context.Context, aurora.Cluster) (port int, err error),
) (apiResponse, error) {
	id := aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier"))
	action, form := c.Action, url.Values{}
	for _, name := range inherited {
		if value := attributes[name]; value != "" {
			form.Set(name, value)
		}
	}
	for name, values := range c.Form {
		form[name] = values
	}
	for _, name := range []string{
		"SourceDBClusterIdentifier", "SnapshotIdentifier", "RestoreToTime", "UseLatestRestorableTime", "RestoreType", "GlobalClusterIdentifier",
	} {
		form.Del(name)
	}
	wanted, _ := strconv.Atoi(form.Get("Port")) // 0 chooses one: on one machine two clusters cannot share a port
	port, err := restore(context.WithoutCancel(c.Context()), aurora.Cluster{ID: id, Port: wanted})
	if err != nil {
		return apiResponse{}, err
	}
	form.Set("Action", "CreateDBCluster")
	form.Set("Port", strconv.Itoa(port))
	c.Action = "CreateDBCluster"
	c.setForm(form)
	resp, err := g.callOrUndo(c, func(ctx context.Context) error { return g.aurora.Delete(ctx, id) })
	c.Action = action
	if err != nil || !resp.ok() {
		return resp, err
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return apiResponse{}, err
	}
	root.rename("CreateDBCluster", action)
	resp.Body = root.encode()
	return resp, nil
}

// rename replaces the operation in the names of a response's root and result.
func (e *xmlElement) rename(from, to string) {
	e.Name = strings.Replace(e.Name, from, to, 1)
	for _, child := range e.Children {
		if child.Name == from+"Result" {
			child.Name = to + "Result"
		}
	}
}

// deleteCluster takes the final snapshot first, as RDS does. AWS: Amazon RDS API Reference, DeleteDBCluster: one of SkipFinalSnapshot
// and FinalDBSnapshotIdentifier is given.
func (g *Gateway) deleteCluster(c *Call) (apiResponse, error) {
	id, final := aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier")), c.Form.Get("FinalDBSnapshotIdentifier")
	skip := boolParam(c.Form, "SkipFinalSnapshot", false)
	follow := func(ctx context.Context) error { return g.aurora.Delete(ctx, id) }
	if skip && final == "" {
		return g.callThen(c, follow)
	}
	cluster, err := g.describeCluster(c.Context(), id)
	if err != nil {
		return apiResponse{}, err
	}
	if cluster == nil || cluster.findText("Engine") != auroraEngine {
		return g.callThen(c, follow) // the emulator refuses it with RDS's error, or the cluster has another engine
	}
	switch {
	case skip:
		return rdsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier can't be specified with SkipFinalSnapshot."), nil
	case final == "":
		return rdsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."), nil
	}
	name := strings.ToLower(final)
	_, err = g.aurora.CreateSnapshot(context.WithoutCancel(c.Context()), aurora.Snapshot{
		Region: id.Region, Name: name, Cluster: id.Cluster, Attributes: attributesOf(cluster),
	})
	taken := err == nil
	if err != nil && !errors.Is(err, aurora.ErrNoVolume) { // what never had data has nothing to keep
		return apiResponse{}, err
	}
	resp, err := g.callThen(c, follow)
	if taken && err == nil && !resp.ok() {
		_, err = g.aurora.DeleteSnapshot(id.Region, name)
	}
	return resp, err
}
