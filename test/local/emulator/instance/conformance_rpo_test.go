package instance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/testwait"
)

// rpoGroup is the parameter group of a test's own.
const rpoGroup = "own"

// setRPO sets an RPO of 2 s in the group: AWS takes 20 s and more, for which a test cannot wait.
func (a aws) setRPO(region string) {
	a.t.Helper()
	a.query(region, "rds", "ModifyDBClusterParameterGroup", "DBClusterParameterGroupName", rpoGroup,
		"Parameters.Parameter.1.ParameterName", "rds.global_db_rpo", "Parameters.Parameter.1.ParameterValue", "2",
		"Parameters.Parameter.1.ApplyMethod", "immediate")
}

func (a aws) resetRPO(region string) {
	a.t.Helper()
	a.query(region, "rds", "ResetDBClusterParameterGroup", "DBClusterParameterGroupName", rpoGroup,
		"Parameters.Parameter.1.ParameterName", "rds.global_db_rpo", "Parameters.Parameter.1.ApplyMethod", "immediate")
}

// startWrite begins a write and returns what it ends with.
func (a aws) startWrite(target string) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := sql(context.WithoutCancel(a.t.Context()), target, write)
		ended <- err
	}()
	return ended
}

// writeUntilOneWaits writes until a write has no answer for noAnswerTimeout.
func (a aws) writeUntilOneWaits(target string) (waiting <-chan error) {
	a.t.Helper()
	testwait.Until(a.t, "a write waits", func() error {
		waiting = a.startWrite(target)
		select {
		case err := <-waiting:
			if err != nil {
				a.t.Fatal(err)
			}
			return errors.New("it is acknowledged")
		case <-time.After(noAnswerTimeout):
			return nil
		}
	})
	return waiting
}

func TestCommitsWaitAtTheRPOOfTheWritersGroup(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	globalDatabase(a)
	writer := a.writerEndpoint(east, eastCluster)
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.query(east, "rds", "CreateDBClusterParameterGroup", "DBClusterParameterGroupName", rpoGroup,
		"DBParameterGroupFamily", "aurora-postgresql16", "Description", "x")
	a.query(east, "rds", "ModifyDBCluster", "DBClusterIdentifier", eastCluster, "DBClusterParameterGroupName", rpoGroup)
	for how, release := range map[string]func(){
		"a reset of the parameter": func() { a.resetRPO(east) },
		"the end of the stall":     e.heal,
	} {
		e.fault(east, fault.ReplicationStalled)
		a.setRPO(east)
		waiting := a.writeUntilOneWaits(writer)
		release()
		select {
		case err := <-waiting:
			if err != nil {
				t.Errorf("after %s the write that waited ends with %v", how, err)
			}
		case <-testwait.Context(t).Done():
			t.Errorf("after %s the write still waits", how)
		}
	}
}

// prober asks a load balancer, whose name is in the query, through the proxy of its environment, and answers what it got and its
// application id. It waits for as many milliseconds as the query says, which must be less than the function's own 5 s.
const prober = `
import http from "node:http";
const ask = (options) => new Promise((resolve) => {
	const request = http.request(options, (answer) => { answer.resume(); resolve(String(answer.statusCode)); });
	request.on("timeout", () => request.destroy(new Error("hangs")));
	request.on("error", (error) => resolve(error.message));
	request.end();
});
const ok = (body) => ({ statusCode: 200, statusDescription: "200 OK", headers: { "content-type": "text/plain" }, body });
export const handler = async (event) => {
	if (event.path === "/healthz") return ok("");
	const proxy = new URL(process.env.HTTP_PROXY);
	const { target, wait } = event.queryStringParameters;
	const headers = { host: target, "proxy-authorization": "Basic " + Buffer.from(proxy.username + ":").toString("base64") };
	const path = "http://" + target + "/healthz";
	const answer = await ask({ host: proxy.hostname, port: proxy.port, path, headers, timeout: Number(wait) });
	return ok(answer + " " + process.env.AWS_SDK_UA_APP_ID);
};`

// An isolated standby sees nothing of the primary and users see both.
func TestIsolatedStandby(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	names := map[string]string{}
	for _, region := range []string{east, west} {
		names[region], _ = a.balance(region, a.function(region, "app", prober))
	}
	look := func(from, to string, wait time.Duration) string {
		_, body := a.visit(names[from], fmt.Sprintf("/?target=%s&wait=%d", names[to], wait.Milliseconds()))
		return body
	}
	answers := func(step, from, to, want string) {
		t.Helper()
		testwait.Until(t, step+": from "+from+" a probe of "+to+" is answered "+want, func() error {
			const withinTheFunctionsTime = 4 * time.Second
			if got := look(from, to, withinTheFunctionsTime); got != want {
				return errors.New(got)
			}
			return nil
		})
	}
	for _, step := range []struct {
		name   string
		change func()
		across string
	}{
		{"all is well", func() {}, "200"},
		{"us-west-2 is isolated", func() { e.fault(west, fault.Isolated) }, "hangs"},
		{"it is healed", e.heal, "200"},
		{"replication is stalled", func() { e.fault(east, fault.ReplicationStalled) }, "200"},
	} {
		step.change()
		for _, from := range []string{east, west} {
			for _, to := range []string{east, west} {
				if from == to || step.across == "200" {
					answers(step.name, from, to, "200 "+from)
				} else if got := look(from, to, noAnswerTimeout); got != step.across+" "+from {
					t.Errorf("%s: from %s a probe of %s is answered %q, want that it hangs", step.name, from, to, got)
				}
			}
		}
	}
}

func TestEventsWaitForAnIsolatedRegionAndAreNotLost(t *testing.T) {
	t.Parallel()
	checkEventsWait(t, fault.Isolated)
}

func TestEventsPassWhileReplicationIsStalled(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	p := newBusPair(aws{t, e.up().Endpoint}, "records", ownRegion)
	e.fault(east, fault.ReplicationStalled)
	id, err := p.put(west, "records", 1)
	if err != nil {
		t.Fatal(err)
	}
	got := p.awaitEvents(east)
	if len(got) != 1 || got[0].ID != id {
		t.Errorf("us-east-1 got %+v, want event %s", got, id)
	}
}
