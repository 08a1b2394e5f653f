package instance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/testwait"
)

// noAnswerTimeout is how long a client waits for an answer that must not come. A client that expects one waits for it.
const noAnswerTimeout = time.Second

func (e *environment) fault(region string, kind fault.Kind) {
	e.t.Helper()
	one, err := fault.New(region, kind, 0)
	if err == nil {
		err = e.folder.Fault(e.t.Context(), one)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *environment) heal() {
	e.t.Helper()
	if err := e.folder.Heal(e.t.Context(), ""); err != nil {
		e.t.Fatal(err)
	}
}

// functions lists the functions of a region.
func (a aws) functions(ctx context.Context, region string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.endpoint+"/2015-03-31/functions/", nil)
	if err != nil {
		return err
	}
	sign(request, region, "lambda")
	_, _, err = roundTrip(request)
	return err
}

// assertHangs fails when a region answers.
func (a aws) assertHangs(region string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), noAnswerTimeout)
	defer cancel()
	if err := a.functions(ctx, region); !errors.Is(err, context.DeadlineExceeded) {
		a.t.Errorf("%s ends a request with %v, want that it hangs", region, err)
	}
}

// assertAnswers fails when a region does not answer.
func (a aws) assertAnswers(region string) {
	a.t.Helper()
	if err := a.functions(testwait.Context(a.t), region); err != nil {
		a.t.Errorf("%s does not answer: %v", region, err)
	}
}

// A lost region stays lost over down and up until it is healed.
func TestLostRegionAfterRestart(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	e.fault(east, fault.Unreachable)
	e.fault(west, fault.Slow)
	e.down()
	a.endpoint = e.up().Endpoint
	status, err := e.folder.Status(t.Context())
	if err != nil || len(status.Faults) != 2 || status.Faults[0].String() != "us-east-1 unreachable" ||
		status.Faults[1].String() != "us-west-2 slow by 3s" {
		t.Errorf("the status lists %v, %v", status.Faults, err)
	}
	a.assertHangs(east)
	e.heal()
	a.assertAnswers(east)
	a.assertAnswers(west)
	if status, err := e.folder.Status(t.Context()); err != nil || len(status.Faults) != 0 {
		t.Errorf("after healing the status lists %v, %v", status.Faults, err)
	}
}

func TestAFaultOfAnInstanceThatIsDownIsRefused(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	one, err := fault.New(east, fault.Unreachable, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.folder.Fault(t.Context(), one); !errors.Is(err, errNotUp) {
		t.Errorf("making a fault: %v, want that it is not up", err)
	}
	if err := e.folder.Heal(t.Context(), ""); !errors.Is(err, errNotUp) {
		t.Errorf("healing: %v, want that it is not up", err)
	}
}

func TestWrongQuestionsAboutFaultsAreRefused(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	for name, test := range map[string]struct {
		method, path string
		status       int
		want         string
	}{
		"a kind that is not known":     {http.MethodPut, "/us-east-1/broken", http.StatusBadRequest, "is no kind of fault"},
		"no kind":                      {http.MethodPut, "/us-east-1", http.StatusBadRequest, "is no kind of fault"},
		"a delay that is none":         {http.MethodPut, "/us-east-1/slow?delay=long", http.StatusBadRequest, "reading the delay"},
		"healing one kind of a region": {http.MethodDelete, "/us-east-1/slow", http.StatusMethodNotAllowed, "PUT /_local/faults/REGION/KIND"},
		"what faults there are":        {http.MethodGet, "", http.StatusOK, "[]"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, a.endpoint+faultsPath+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := a.do(request); status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d with %s", name, status, body, test.status, test.want)
		}
	}
}

func TestEventsWaitForALostRegionAndAreNotLost(t *testing.T) {
	t.Parallel()
	checkEventsWait(t, fault.Unreachable)
}

func TestEventsWaitForASplitRegionAndAreNotLost(t *testing.T) {
	t.Parallel()
	checkEventsWait(t, fault.Split)
}

// checkEventsWait puts an event that has to cross a fault.
func checkEventsWait(t *testing.T, kind fault.Kind) {
	e := newEnvironment(t)
	p := newBusPair(aws{t, e.up().Endpoint}, "records", ownRegion)
	e.fault(east, kind)
	id, err := p.put(west, "records", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.drain(west, p.queues[west]); len(got) != 1 || got[0].ID != id {
		t.Errorf("us-west-2 itself got %+v, want event %s", got, id)
	}
	e.down()
	p.endpoint = e.up().Endpoint
	e.heal()
	got := p.awaitEvents(east)
	if len(got) != 1 || got[0].ID != id || got[0].Region != west {
		t.Errorf("us-east-1 got %+v once it was back, want event %s of us-west-2", got, id)
	}
	if lost := p.drain(west, p.lost[west]); len(lost) != 0 {
		t.Errorf("the dead letters are %+v", lost)
	}
}

func TestAnEventThatIsNotRetriedIsADeadLetter(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	p := newBusPair(aws{t, e.up().Endpoint}, "records", ownRegion)
	p.json(west, "events", "PutTargets", object{"Rule": "forward", "EventBusName": "records", "Targets": []object{{
		"Id": "target", "Arn": busARN(east, "records"), "RoleArn": p.forwarder(),
		"DeadLetterConfig": object{"Arn": queueARN(west, "records-lost")}, "RetryPolicy": object{"MaximumRetryAttempts": 0},
	}}})
	e.fault(east, fault.Unreachable)
	id, err := p.put(west, "records", 1)
	if err != nil {
		t.Fatal(err)
	}
	if lost := p.drain(west, p.lost[west]); len(lost) != 1 || lost[0].ID != id {
		t.Errorf("the dead letters are %+v, want event %s", lost, id)
	}
}

func TestADatabaseFollowsItsRegionsFaults(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	globalDatabase(a)
	writer := a.writerEndpoint(east, eastCluster)
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.write(writer)
	a.waitRows(a.clusterEndpoint(west, westCluster), 1)
	for _, kind := range []fault.Kind{fault.DBDown, fault.Unreachable} {
		e.fault(east, kind)
		ctx, cancel := context.WithTimeout(t.Context(), noAnswerTimeout)
		if _, err := sql(ctx, writer, write); err == nil {
			t.Errorf("%s: the writer endpoint takes a write", kind)
		}
		cancel()
	}
	reader := a.clusterEndpoint(west, westCluster)
	a.query(west, "rds", "FailoverGlobalCluster", "GlobalClusterIdentifier", globalCluster, "AllowDataLoss", "true",
		"TargetDbClusterIdentifier", "arn:aws:rds:us-west-2:000000000000:cluster:"+westCluster)
	a.write(writer)
	a.waitRows(reader, 2)
	e.heal()
	a.waitRows(a.clusterEndpoint(east, eastCluster), 2)
}
