//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/history"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/drill/observe"
)

// failoverCase is a loss of the primary region, and a condition that at first forbids the controller to act.
type failoverCase struct {
	name   string
	kind   string // of fault
	action decision.Action
	// block forbids the move, and unblock permits it. advice is a part of the controller's advice meanwhile.
	block, unblock func(*testing.T, *platform)
	advice         string
}

var failoverCases = [...]failoverCase{
	{
		name: "an application that is lost is switched over, once the standby is well", kind: "app-down", action: decision.Switchover,
		block:   func(t *testing.T, p *platform) { p.fault(t, west, "app-down") },
		unblock: func(t *testing.T, p *platform) { p.make(t, "heal", "REGION="+west) },
		advice:  "could not take over",
	},
	{
		name: "a region that is lost is failed over, once the controller is no longer paused", kind: "unreachable", action: decision.Failover,
		block:   func(t *testing.T, p *platform) { p.awaitMake(t, "pause-failover") },
		unblock: func(t *testing.T, p *platform) { p.awaitMake(t, "resume-failover") },
		advice:  "The mode is advisory",
	},
}

// TestAutomaticFailover loses the primary region on a real clock. Each loss takes minutes, so the cases run in parallel with
// each other and with other tests. The first takes longest, and is deployed before all others begin.
func TestAutomaticFailover(t *testing.T) {
	requireEmulator(t)
	first := deployed(t)
	t.Parallel()
	for i, loss := range failoverCases {
		t.Run(loss.name, func(t *testing.T) {
			t.Parallel()
			p := first
			if i > 0 {
				p = deployed(t)
			}
			loss.check(t, p)
		})
	}
}

func (l failoverCase) check(t *testing.T, p *platform) {
	began := time.Now()
	services := p.services(t)
	kept := services[east].create(t, "kept")
	services[west].await(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID)
	p.awaitStatus(t, "the controller finds the platform healthy", func(s *cli.Status) bool {
		return s.Decision != nil && s.Decision.Action == decision.None && s.HeartbeatAge != nil && s.DataAge != nil
	})
	// A blip of some seconds is not a loss.
	p.fault(t, east, l.kind)
	p.make(t, "heal")

	l.block(t, p)
	p.fault(t, east, l.kind)
	held := p.awaitStatus(t, "the controller advises the blocked action", func(s *cli.Status) bool {
		return s.Decision != nil && s.Decision.Recommended == l.action
	})
	if advice := strings.Join(held.Decision.Reasons, "\n"); !strings.Contains(advice, l.advice) {
		t.Errorf("the advice is\n%s\nwant one with %q", advice, l.advice)
	}
	if held.Writer != east || held.Move != nil || held.LastMove != nil {
		t.Errorf("before it may the controller has moved the writer: %+v, %+v", held.Move, held.LastMove)
	}

	l.unblock(t, p)
	moved := p.awaitStatus(t, "the writer is in the standby region, and the move is announced", func(s *cli.Status) bool {
		return s.Writer == west && s.LastMove != nil && s.LastMove.Phase == journal.Announced
	})
	if by := moved.LastMove; by.By != journal.Controller || by.Action != l.action || by.To != west {
		t.Errorf("the last move is %+v, want the controller's %s to %s", by, l.action, west)
	}
	services[west].await(t, http.StatusOK, http.MethodGet, "/readyz")
	services[west].expect(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID, nil)
	made := services[west].create(t, "made without the primary region")

	p.make(t, "heal")
	p.awaitMake(t, "failback")
	services[east].await(t, http.StatusOK, http.MethodGet, "/readyz")
	services[east].await(t, http.StatusOK, http.MethodGet, "/records/"+made.ID)
	p.checkControllerLog(t, began)
}

// checkControllerLog checks the controller's log from a moment on by the controller's specification.
func (p *platform) checkControllerLog(t *testing.T, from time.Time) {
	t.Helper()
	group, err := history.ControllerLogGroup(p.name)
	if err != nil {
		t.Fatal(err)
	}
	log := observe.ControllerLog(t.Context(), cloudwatchlogs.NewFromConfig(p.aws(t, west)), group, from)
	if log.Unread != "" || log.Decisions == 0 {
		t.Fatalf("the controller's log %s has %d decisions, and could not be read: %q", log.Group, log.Decisions, log.Unread)
	}
	for _, v := range log.Violations {
		t.Errorf("the controller broke the rule %q at %s in run %s: %s", v.Rule, v.At.UTC().Format(time.TimeOnly), v.Run, v.Text)
	}
}

// fault injects a fault of a region, which is healed when the test ends: a lost region could not be destroyed.
func (p *platform) fault(t *testing.T, region, kind string) {
	t.Helper()
	p.make(t, "fault", "REGION="+region, "KIND="+kind)
	t.Cleanup(func() { p.cleanUp(t, "heal") })
}

// awaitStatus asks the controller's command line until the status is the wanted one.
func (p *platform) awaitStatus(t *testing.T, what string, wanted func(*cli.Status) bool) *cli.Status {
	t.Helper()
	var answer cli.Result
	awaitEvery(t, commandInterval, what, func() error {
		output, err := p.tryMake(t.Context(), t, "status", "JSON=yes")
		if err != nil {
			return err
		}
		if answer, err = parseResult(output); err != nil {
			return fmt.Errorf("reading the status: %w", err)
		}
		if answer.Status == nil || !wanted(answer.Status) {
			return fmt.Errorf("the status is\n%s", output)
		}
		return nil
	})
	return answer.Status
}

// parseResult reads the result that an operator's command prints as JSON, among what make and the command say beside it.
func parseResult(output string) (result cli.Result, err error) {
	err = json.NewDecoder(strings.NewReader(output[max(0, strings.Index(output, "{")):])).Decode(&result)
	return result, err
}

// awaitMake runs make until it succeeds, because a healed region takes a moment to answer.
func (p *platform) awaitMake(t testing.TB, arguments ...string) {
	t.Helper()
	awaitCommand(t, "make "+strings.Join(arguments, " "), func() (string, error) {
		return p.tryMake(t.Context(), t, arguments...)
	})
}

// awaitCommand runs a command until it succeeds.
func awaitCommand(t testing.TB, what string, run func() (string, error)) {
	t.Helper()
	awaitEvery(t, commandInterval, what, func() error {
		output, err := run()
		if err != nil {
			return fmt.Errorf("%w; its output:\n%s", err, output)
		}
		return nil
	})
}
