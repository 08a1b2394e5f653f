package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"warmstandby/test/local/aurora"
)

// auroraEngine is the only engine with servers. AWS: Amazon RDS API Reference, CreateDBCluster, Engine.
const auroraEngine = "aurora-postgresql"

// newDatabaseServers creates, deletes and moves the servers with their DB clusters and instances. The emulator validates each
// call. A call that the emulator refuses, or that the servers cannot follow, changes neither.
func newDatabaseServers(string) (Handler, error) {
	serving := map[string]func(*Gateway, *Call) (apiResponse, error){
		"CreateDBCluster":         (*Gateway).createCluster,
		"CreateDBInstance":        (*Gateway).createInstance,
		"DeleteDBCluster":         (*Gateway).deleteCluster,
		"DeleteDBInstance":        (*Gateway).deleteInstance,
		"CreateGlobalCluster":     (*Gateway).createGlobalCluster,
		"RemoveFromGlobalCluster": (*Gateway).detachCluster,
		"SwitchoverGlobalCluster": (*Gateway).moveWriter,
		"FailoverGlobalCluster":   (*Gateway).moveWriter,
	}
	return Handler{
		Name: "servers of DB clusters",
		AWS: "A DB cluster of Aurora PostgreSQL with an instance answers at its endpoints. The secondary clusters of a global" +
			" cluster follow its primary; a switchover promotes one without loss, a failover with AllowDataLoss without what it" +
			" had not received; the old primary becomes a secondary.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
		Matches: func(c *Call) bool { return c.Service == "rds" && serving[c.Action] != nil },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			if g.aurora == nil {
				g.serveEdited(w, c, g.editorFor(c))
				return
			}
			g.serveDatabases(w, c, serving[c.Action])
		},
	}, nil
}

// createCluster reserves the port of the cluster's server first, because the emulator's description contains it.
func (g *Gateway) createCluster(c *Call) (apiResponse, error) {
	id := aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier"))
	global := c.Form.Get("GlobalClusterIdentifier")
	if c.Form.Get("Engine") != auroraEngine {
		return g.callAndEdit(c, g.editorFor(c))
	}
	wanted, _ := strconv.Atoi(c.Form.Get("Port")) // 0, which chooses a port, if there is none or the emulator refuses it anyway
	port, err := g.aurora.Create(aurora.Cluster{
		ID: id, Global: global, Port: wanted,
		User: c.Form.Get("MasterUsername"), Password: c.Form.Get("MasterUserPassword"), Database: c.Form.Get("DatabaseName"),
	})
	switch {
	case errors.Is(err, aurora.ErrExists):
		return g.callAndEdit(c, g.editorFor(c)) // the emulator refuses it with RDS's error
	case err != nil:
		return rdsError("InvalidParameterCombination", err.Error()), nil
	}
	c.Form.Set("Port", strconv.Itoa(port))
	c.setForm(c.Form)
	return g.callOrUndo(c, func(ctx context.Context) error { return g.aurora.Delete(ctx, id) })
}

// createInstance starts the cluster's server first: an instance that is described as available accepts connections.
func (g *Gateway) createInstance(c *Call) (apiResponse, error) {
	ctx, instance := context.WithoutCancel(c.Context()), c.Form.Get("DBInstanceIdentifier")
	added, err := g.aurora.AddInstance(ctx, aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier")), instance)
	if err != nil {
		g.log.Printf("starting the server of instance %s: %v", instance, err)
		return rdsError("InvalidDBClusterStateFault", "The cluster's server does not start: "+err.Error()), nil
	}
	return g.callOrUndo(c, func(ctx context.Context) error {
		if !added {
			return nil
		}
		return g.aurora.RemoveInstance(ctx, c.Region, instance)
	})
}

func (g *Gateway) deleteInstance(c *Call) (apiResponse, error) {
	return g.callThen(c, func(ctx context.Context) error {
		return g.aurora.RemoveInstance(ctx, c.Region, c.Form.Get("DBInstanceIdentifier"))
	})
}

// createGlobalCluster makes the source cluster, if there is one, the primary, whose database and encryption the global cluster has. AWS:
// Amazon RDS API Reference, CreateGlobalCluster, DatabaseName and StorageEncrypted.
func (g *Gateway) createGlobalCluster(c *Call) (apiResponse, error) {
	if source := c.Form.Get("SourceDBClusterIdentifier"); source != "" {
		// A source that the emulator does not describe, it refuses below, with RDS's error.
		if cluster, err := g.describeCluster(c.Context(), aurora.NewID(c.Region, source)); err == nil && cluster != nil {
			for _, name := range []string{"DatabaseName", "StorageEncrypted"} {
				c.Form.Set(name, cluster.findText(name))
			}
			c.setForm(c.Form)
		}
	}
	return g.callThen(c, func(ctx context.Context) error {
		source := c.Form.Get("SourceDBClusterIdentifier")
		if source == "" {
			return nil
		}
		return g.aurora.Attach(ctx, c.Form.Get("GlobalClusterIdentifier"), aurora.NewID(c.Region, source))
	})
}

func (g *Gateway) detachCluster(c *Call) (apiResponse, error) {
	return g.callThen(c, func(ctx context.Context) error {
		return g.aurora.Detach(ctx, aurora.NewID(c.Region, c.Form.Get("DbClusterIdentifier")))
	})
}

// errRefused says that the emulator refused a call; its response is returned.
var errRefused = errors.New("refused")

// moveWriter changes the writer when the emulator accepts the call. A failover without AllowDataLoss is a switchover. AWS:
// Amazon RDS API Reference, FailoverGlobalCluster, AllowDataLoss and Switchover.
func (g *Gateway) moveWriter(c *Call) (apiResponse, error) {
	global, target := c.Form.Get("GlobalClusterIdentifier"), aurora.NewID(c.Region, c.Form.Get("TargetDbClusterIdentifier"))
	contradicts := c.Form.Has("AllowDataLoss") && c.Form.Has("Switchover")
	if contradicts || !g.aurora.Knows(global, target) {
		return g.callAndEdit(c, g.editorFor(c)) // the emulator refuses it with RDS's error, or the cluster has another engine
	}
	move := g.aurora.Switchover
	if c.Action == "FailoverGlobalCluster" && boolParam(c.Form, "AllowDataLoss", false) {
		move = g.aurora.Failover
	}
	var resp apiResponse
	err := move(context.WithoutCancel(c.Context()), global, target, func() (err error) {
		if resp, err = g.callAndEdit(c, g.editorFor(c)); err == nil && !resp.ok() {
			err = errRefused
		}
		return err
	})
	switch {
	case errors.Is(err, aurora.ErrNotReady):
		return rdsError("InvalidGlobalClusterStateFault", err.Error()), nil
	case errors.Is(err, errRefused):
		return resp, nil
	}
	return resp, err
}

// callOrUndo calls the emulator after the servers have made a change, and undoes that change if the emulator refuses.
func (g *Gateway) callOrUndo(c *Call, undo func(context.Context) error) (apiResponse, error) {
	resp, err := g.callAndEdit(c, g.editorFor(c))
	if err != nil || !resp.ok() {
		err = errors.Join(err, undo(context.WithoutCancel(c.Context())))
	}
	return resp, err
}

// callThen calls the emulator and, if it accepts, has the servers follow.
func (g *Gateway) callThen(c *Call, follow func(context.Context) error) (apiResponse, error) {
	resp, err := g.callAndEdit(c, g.editorFor(c))
	if err == nil && resp.ok() {
		err = follow(context.WithoutCancel(c.Context()))
	}
	return resp, err
}
