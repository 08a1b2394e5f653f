package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"warmstandby/test/local/aurora"
)

// auroraEngine is the only engine that has servers. AWS: Amazon RDS API Reference, CreateDBCluster, Engine.
const auroraEngine = "aurora-postgresql"

// newDatabaseServers ties the life of DB clusters and instances to that of their servers. The emulator decides whether a
// call is good; nothing of a call that it refuses, or that the servers cannot follow, remains on either side.
func newDatabaseServers(string) (Gap, error) {
	serving := map[string]func(*Gateway, *Call) (answer, error){
		"CreateDBCluster":         (*Gateway).createCluster,
		"CreateDBInstance":        (*Gateway).createInstance,
		"DeleteDBCluster":         (*Gateway).deleteCluster,
		"DeleteDBInstance":        (*Gateway).deleteInstance,
		"RemoveFromGlobalCluster": (*Gateway).detachCluster,
		"SwitchoverGlobalCluster": (*Gateway).moveWriter,
		"FailoverGlobalCluster":   (*Gateway).moveWriter,
	}
	return Gap{
		Name: "servers of DB clusters",
		AWS: "A DB cluster of Aurora PostgreSQL with an instance answers at its endpoints. The secondary clusters of a global" +
			" cluster follow its primary; a switchover promotes one without loss, a failover with AllowDataLoss without what it" +
			" had not received; the old primary becomes a secondary.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
		Matches: func(c *Call) bool { return c.Service == "rds" && serving[c.Action] != nil },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			if g.aurora == nil {
				g.edit(w, c, g.edits(c))
				return
			}
			a, err := serving[c.Action](g, c)
			if err != nil {
				g.unavailable(w, c.Request, err)
				return
			}
			g.send(w, c, a)
		},
	}, nil
}

// createCluster gives the cluster the port of its server before the emulator describes it.
func (g *Gateway) createCluster(c *Call) (answer, error) {
	id := aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier"))
	global := c.Form.Get("GlobalClusterIdentifier")
	if c.Form.Get("Engine") != auroraEngine {
		return g.edited(c, g.edits(c))
	}
	wanted, _ := strconv.Atoi(c.Form.Get("Port")) // none, or one that the emulator refuses: any will do
	port, err := g.aurora.Create(aurora.Cluster{
		ID: id, Global: global, Port: wanted,
		User: c.Form.Get("MasterUsername"), Password: c.Form.Get("MasterUserPassword"), Database: c.Form.Get("DatabaseName"),
	})
	switch {
	case errors.Is(err, aurora.ErrExists):
		return g.edited(c, g.edits(c)) // the emulator refuses it in RDS's words
	case err != nil:
		return rdsError("InvalidParameterCombination", err.Error()), nil
	}
	c.Form.Set("Port", strconv.Itoa(port))
	c.setForm(c.Form)
	return g.askOrUndo(c, func(ctx context.Context) error { return g.aurora.Delete(ctx, id) })
}

// createInstance starts the cluster's server first: an instance that is described as available answers.
func (g *Gateway) createInstance(c *Call) (answer, error) {
	ctx, instance := context.WithoutCancel(c.Context()), c.Form.Get("DBInstanceIdentifier")
	added, err := g.aurora.AddInstance(ctx, aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier")), instance)
	if err != nil {
		g.log.Printf("starting the server of instance %s: %v", instance, err)
		return rdsError("InvalidDBClusterStateFault", "The cluster's server does not start: "+err.Error()), nil
	}
	return g.askOrUndo(c, func(ctx context.Context) error {
		if !added {
			return nil
		}
		return g.aurora.RemoveInstance(ctx, c.Region, instance)
	})
}

func (g *Gateway) deleteInstance(c *Call) (answer, error) {
	return g.askThen(c, func(ctx context.Context) error {
		return g.aurora.RemoveInstance(ctx, c.Region, c.Form.Get("DBInstanceIdentifier"))
	})
}

func (g *Gateway) deleteCluster(c *Call) (answer, error) {
	return g.askThen(c, func(ctx context.Context) error {
		return g.aurora.Delete(ctx, aurora.NewID(c.Region, c.Form.Get("DBClusterIdentifier")))
	})
}

func (g *Gateway) detachCluster(c *Call) (answer, error) {
	return g.askThen(c, func(ctx context.Context) error {
		return g.aurora.Detach(ctx, aurora.NewID(c.Region, c.Form.Get("DbClusterIdentifier")))
	})
}

// errRefused says that the emulator refused a call whose answer is at hand.
var errRefused = errors.New("refused")

// moveWriter has the servers change their roles when the emulator agrees to change the clusters'. Without AllowDataLoss a
// failover is a switchover. AWS: Amazon RDS API Reference, FailoverGlobalCluster, AllowDataLoss and Switchover.
func (g *Gateway) moveWriter(c *Call) (answer, error) {
	global, target := c.Form.Get("GlobalClusterIdentifier"), aurora.NewID(c.Region, c.Form.Get("TargetDbClusterIdentifier"))
	contradicts := c.Form.Has("AllowDataLoss") && c.Form.Has("Switchover")
	if contradicts || !g.aurora.Knows(global, target) {
		return g.edited(c, g.edits(c)) // the emulator refuses it in RDS's words, or it is another engine's
	}
	move := g.aurora.Switchover
	if c.Action == "FailoverGlobalCluster" && boolean(c.Form, "AllowDataLoss", false) {
		move = g.aurora.Failover
	}
	var a answer
	err := move(context.WithoutCancel(c.Context()), global, target, func() (err error) {
		if a, err = g.edited(c, g.edits(c)); err == nil && !a.ok() {
			err = errRefused
		}
		return err
	})
	switch {
	case errors.Is(err, aurora.ErrNotReady):
		return rdsError("InvalidGlobalClusterStateFault", err.Error()), nil
	case errors.Is(err, errRefused):
		return a, nil
	}
	return a, err
}

// askOrUndo asks the emulator about what the servers have done already, and has it undone when the emulator refuses.
func (g *Gateway) askOrUndo(c *Call, undo func(context.Context) error) (answer, error) {
	a, err := g.edited(c, g.edits(c))
	if err != nil || !a.ok() {
		err = errors.Join(err, undo(context.WithoutCancel(c.Context())))
	}
	return a, err
}

// askThen asks the emulator and has the servers follow when it agrees.
func (g *Gateway) askThen(c *Call, follow func(context.Context) error) (answer, error) {
	a, err := g.edited(c, g.edits(c))
	if err == nil && a.ok() {
		err = follow(context.WithoutCancel(c.Context()))
	}
	return a, err
}
