//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"
	terratesting "github.com/gruntwork-io/terratest/modules/testing"

	drillreport "warmstandby/test/drill/report"
	"warmstandby/test/drill/verdict"
)

// TestDrillRegionLost loses the primary region on a real clock, a quarter of an hour with failing back.
func TestDrillRegionLost(t *testing.T) {
	p := deployed(t)
	drill := p.drill(t, "region-lost", "", func() {})
	if drill.Result.Verdict != verdict.Pass {
		t.Errorf("the drill is a %s:\n%s", drill.Result.Verdict, strings.Join(drill.Result.Reasons, "\n"))
	}
}

// brokenPlatforms each lack one protection against a loss. It is switched off before the drill, or under load if the drill
// would not begin without it.
var brokenPlatforms = [...]struct {
	name                   string
	beforeDrill, underLoad func(*testing.T, *platform)
	reason                 string
}{
	{
		"without its controller the writer stays in the region that is lost",
		func(t *testing.T, p *platform) { p.make(t, "pause-failover") }, nothing,
		"The writer never came to " + west,
	},
	{
		"with a health check that sees nothing users stay in the region that is lost",
		func(t *testing.T, p *platform) {
			check := p.healthChecks(t)["primary"]
			require(p.route53(t).UpdateHealthCheck(t.Context(), &route53.UpdateHealthCheckInput{
				HealthCheckId: check.Id, Disabled: aws.Bool(true),
			}))(t)
		}, nothing,
		"Route 53 never answered with " + west,
	},
	{
		"without replication rows that were acknowledged before the loss are nowhere",
		nothing, func(t *testing.T, p *platform) {
			if output, err := p.tryMake(t.Context(), t, "fault", "REGION="+east, "KIND=split"); err != nil {
				t.Errorf("stopping replication: %v\n%s", err, output)
			}
		},
		"Replication was off or late before anything was lost",
	},
}

func nothing(*testing.T, *platform) {}

// TestDrillFlood floods the standby region while the primary is lost: a platform that notifies its operators passes, one whose alarm is
// silenced fails.
func TestDrillFlood(t *testing.T) {
	t.Run("as it is", func(t *testing.T) {
		drill := deployed(t).drill(t, "flood", "", func() {})
		if drill.Result.Verdict != verdict.Pass {
			t.Errorf("the drill is a %s:\n%s", drill.Result.Verdict, strings.Join(drill.Result.Reasons, "\n"))
		}
	})
	t.Run("without its alarm nobody is notified that the executions are used up", func(t *testing.T) {
		p := deployed(t)
		alarms := cloudwatch.NewFromConfig(p.aws(t, west))
		require(alarms.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{
			AlarmNames: []string{"alarm-concurrency-secondary-" + p.name},
		}))(t)
		drill := p.drill(t, "flood", "5m", func() {})
		const want = "were not notified that its executions are used up"
		if reasons := strings.Join(drill.Result.Reasons, "\n"); drill.Result.Verdict != verdict.Fail || !strings.Contains(reasons, want) {
			t.Errorf("the drill is a %s:\n%s\nwant a %s with %q", drill.Result.Verdict, reasons, verdict.Fail, want)
		}
	})
}

// TestDrillBrokenPlatform checks that the drill fails platforms whose fault shows only in a loss. They run in parallel, because
// they mostly wait.
func TestDrillBrokenPlatform(t *testing.T) {
	for _, test := range brokenPlatforms {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := deployed(t)
			test.beforeDrill(t, p)
			drill := p.drill(t, "region-lost", "5m", func() { test.underLoad(t, p) })
			if reasons := strings.Join(drill.Result.Reasons, "\n"); drill.Result.Verdict != verdict.Fail || !strings.Contains(reasons, test.reason) {
				t.Errorf("the drill is a %s:\n%s\nwant a %s with %q", drill.Result.Verdict, reasons, verdict.Fail, test.reason)
			}
		})
	}
}

// drill runs a scenario and returns its document. Each step waits for at most wait, if wait is not "". loaded is called once the
// load runs, on a goroutine of its own. All faults are healed when the test ends: a lost region could not be destroyed.
func (p *platform) drill(t *testing.T, scenario, wait string, loaded func()) drillreport.Document {
	t.Helper()
	t.Cleanup(func() { p.cleanUp(t, "heal") })
	arguments := []string{"drill", "SCENARIO=" + scenario}
	if wait != "" {
		arguments = append(arguments, "WAIT="+wait)
	}
	output, failed := shell.RunCommandContextAndGetOutputE(t, t.Context(), &shell.Command{ // a FAIL is an error of make, too
		Command: "make", Args: append(p.variables(), arguments...), WorkingDir: root, Env: p.makeEnvironment(),
		Logger: logger.New(&lineListener{line: "load for", onLine: sync.OnceFunc(loaded)}),
	})
	files, err := filepath.Glob(filepath.Join(p.state, "drills", "*-"+scenario, drillreport.DocumentFile))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d drills of %s are written (%v), want 1; make: %v\n%s", len(files), scenario, err, failed, output)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	document, err := drillreport.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// lineListener calls onLine when a command prints a line.
type lineListener struct {
	line   string
	onLine func()
}

// Logf implements logger.TestLogger.
func (l *lineListener) Logf(_ terratesting.TestingT, format string, values ...any) {
	if strings.Contains(fmt.Sprintf(format, values...), l.line) {
		l.onLine()
	}
}
