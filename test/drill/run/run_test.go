package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/access"
	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/scenario"
)

// fakePlatform is a platform of two regions whose applications answer with a fixed list.
type fakePlatform struct {
	mu     sync.Mutex
	cut    map[string]bool
	calls  []string // to it
	lists  string
	refuse error
}

func (w *fakePlatform) Begin(_ context.Context, kind scenario.Kind, region string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "begin "+string(kind)+" "+region)
	w.cut[region] = w.refuse == nil
	return w.refuse
}

func (w *fakePlatform) Heal(context.Context, ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "heal")
	clear(w.cut)
	return nil
}

func (*fakePlatform) Limits(scenario.Kind) []string { return []string{"the moon"} }

func (w *fakePlatform) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for region := range w.cut {
		if w.cut[region] && (strings.HasPrefix(r.Host, region) || r.URL.Host == "app.test" && region == east) {
			return nil, errors.New("a time-out")
		}
	}
	status, body := 200, w.lists
	if r.Method == http.MethodPost && r.URL.Path == "/records" {
		content, _ := io.ReadAll(r.Body)
		number := content[bytes.LastIndexByte(content, ':')+1 : len(content)-2]
		status, body = 201, fmt.Sprintf(`{"id":"id-%s","content":{"number":%s}}`, number, number)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (*fakePlatform) Address(context.Context, string) (netip.Addr, string, error) {
	return netip.AddrFrom4([4]byte{127, 53, 0, 1}), east, nil
}

func (*fakePlatform) Global(context.Context) (globaldb.Global, error) {
	return globaldb.Global{Members: []globaldb.Member{{ARN: "arn:aws:rds:us-east-1:1:cluster:a", Writer: true}}}, nil
}

func (*fakePlatform) Load(context.Context) (journal.State, error) {
	return journal.State{Decision: journal.Decision{At: time.Now().Add(time.Second), Action: decision.None}}, nil
}

func (*fakePlatform) Healthy(context.Context, string) (bool, error) { return true, nil }

func zone(_ context.Context, question *dns.Msg, _ string) (*dns.Msg, error) {
	name := question.Question[0].Name
	address := map[bool]string{true: "127.53.0.2", false: "127.53.0.1"}[strings.HasPrefix(name, west)]
	record, err := dns.NewRR(name + " 60 IN A " + address)
	answer := new(dns.Msg).SetReply(question)
	answer.Answer = append(answer.Answer, record)
	return answer, err
}

// drill makes one of a world.
func (w *fakePlatform) drill(s scenario.Scenario) *Drill {
	token := func(context.Context) (string, error) { return "t", nil }
	global := &url.URL{Scheme: "http", Host: "app.test"}
	log := evidence.NewLog(evidence.Evidence{Scenario: s.Name, Primary: east, Standby: west, Began: time.Now()})
	names := access.NewRegions(resolver.New(zone), map[string]string{east: east + ".app.test", west: west + ".app.test"})
	return &Drill{
		Scenario: s, Log: log, Injector: w, Logf: func(string, ...any) {},
		Client: &client.Client{URL: global, Names: w, Token: token, HTTP: w, Log: log, Name: "drill"},
		Watch: &observe.Watch{
			Log: log, Primary: east, Standby: west, Databases: [2]observe.Globals{w, w}, Journal: w, Checks: w,
			Exchange: zone, Global: global, Names: names, HTTP: w, Token: token, Patient: "drill", Since: time.Now(),
			CPUPressure: func() (time.Duration, error) { return time.Hour, nil },
		},
		Operate: func(_ context.Context, command []string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.calls = append(w.calls, strings.Join(command, " "))
			return w.refuse
		},
		CheckControllerLog: func(ctx context.Context) evidence.ControllerLog {
			if ctx.Err() != nil {
				return evidence.ControllerLog{Unread: ctx.Err().Error()}
			}
			return evidence.ControllerLog{Group: "controller", Decisions: 1}
		},
		Preview: func(context.Context) evidence.Preview { return evidence.Preview{Clean: true} },
	}
}

func newFakePlatform() *fakePlatform {
	return &fakePlatform{cut: map[string]bool{}, lists: `{"records":[],"next":null}`}
}

// shortScenario is a scenario of some seconds.
func shortScenario(steps ...scenario.Step) scenario.Scenario {
	return scenario.Scenario{Name: "flap", Fault: scenario.Unreachable, FaultRole: scenario.Primary, Steps: append([]scenario.Step{
		{Do: scenario.Await, Until: scenario.AllHealthy, For: time.Minute}, {Do: scenario.Load, For: 20 * time.Second},
	}, steps...)}
}

var blip = scenario.Step{Do: scenario.Blip, Kind: scenario.Unreachable, Role: scenario.Primary, For: 5 * time.Second}

func TestDrill(t *testing.T) {
	t.Run("a drill takes its steps, observes and counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(shortScenario(blip, scenario.Step{Do: scenario.Operate, Command: []string{"failback"}, For: time.Minute},
				scenario.Step{Do: scenario.Await, Until: scenario.ServedPrimary, For: time.Minute}))
			e, err := d.Run(t.Context())
			if err != nil || e.Aborted != "" || len(e.Timeouts) > 0 {
				t.Fatalf("it ended with %v, %q, %q", err, e.Aborted, e.Timeouts)
			}
			if want := []string{"begin unreachable us-east-1", "heal", "failback", "heal"}; !slices.Equal(w.calls, want) {
				t.Errorf("it did %q, want %q", w.calls, want)
			}
			good, bad := 0, 0
			for _, a := range e.Attempts {
				if a.Good() {
					good++
				} else {
					bad++
				}
			}
			if good < 100 || bad < 20 || len(e.Probes) < 4 || !e.Rows.Counted || e.Preview == nil || len(e.NotObserved) != 1 {
				t.Errorf("it saw %d good and %d bad attempts, %d probes, %+v, %+v, %q",
					good, bad, len(e.Probes), e.Rows.Counted, e.Preview, e.NotObserved)
			}
			if log := e.ControllerLog; log == nil || log.Decisions != 1 {
				t.Errorf("the controller's log is %+v, want what was read of it", log)
			}
			for _, p := range e.Probes {
				if p.Works {
					t.Errorf("a probe of what is cut works: %+v", p)
				}
			}
			var steps []evidence.Step
			for _, m := range e.Marks {
				steps = append(steps, m.Step)
			}
			want := []evidence.Step{
				evidence.LoadBegan, evidence.Faulted, evidence.Healed, evidence.OperatorCommand, evidence.LoadEnded,
			}
			if !slices.Equal(steps, want) {
				t.Errorf("the marks are %q, want %q", steps, want)
			}
			for _, topic := range [...]evidence.Topic{evidence.Writer, evidence.Answer} {
				if !e.Currently(topic, east) {
					t.Errorf("the %s was last seen to be %+v", topic, e.Observations[topic])
				}
			}
		})
	})
	t.Run("a platform that never becomes healthy is not broken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			w.cut[east] = true
			d := w.drill(shortScenario(blip))
			e, _ := d.Run(t.Context())
			if !strings.Contains(e.Aborted, "waiting for 1m0s until the platform is healthy") ||
				!strings.Contains(e.Aborted, "accepts us-east-1 is \"not known\"") {
				t.Errorf("it was broken off with %q", e.Aborted)
			}
			if slices.ContainsFunc(w.calls, func(did string) bool { return strings.HasPrefix(did, "begin") }) {
				t.Errorf("it did %q", w.calls)
			}
		})
	})
	t.Run("a step that times out is evidence, and the rest is done", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(shortScenario(scenario.Step{Do: scenario.Await, Until: scenario.WriterStandby, For: time.Minute}, blip))
			e, _ := d.Run(t.Context())
			if len(e.Timeouts) != 1 ||
				!strings.Contains(e.Timeouts[0], "Within 1m0s it did not come to be that the writer is in the standby region") ||
				len(w.calls) != 3 {
				t.Errorf("late is %q after %q", e.Timeouts, w.calls)
			}
		})
	})
	t.Run("a refused operator command is repeated until its time is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			w.refuse = errors.New("not ready")
			d := w.drill(shortScenario(scenario.Step{Do: scenario.Operate, Command: []string{"failback"}, For: 20 * time.Second}))
			e, _ := d.Run(t.Context())
			if len(e.Timeouts) != 1 || !strings.Contains(e.Timeouts[0], "not ready") || len(w.calls) < 4 {
				t.Errorf("late is %q after %q", e.Timeouts, w.calls)
			}
		})
	})
	t.Run("an interrupted drill heals the platform", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			d := w.drill(shortScenario(
				scenario.Step{Do: scenario.Fault, Kind: scenario.Unreachable, Role: scenario.Primary},
				scenario.Step{Do: scenario.Load, For: time.Hour},
			))
			e, err := d.Run(ctx)
			if err != nil || e.Aborted != "interrupted" || w.calls[len(w.calls)-1] != "heal" || e.Preview != nil {
				t.Errorf("it ended with %v, %q after %q, preview %v", err, e.Aborted, w.calls, e.Preview)
			}
			if log := e.ControllerLog; log == nil || log.Unread != "" {
				t.Errorf("the controller's log is %+v, want it checked in spite of the interrupt", log)
			}
		})
	})
	t.Run("a fault that cannot be begun ends the drill", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			w.refuse = errors.New("not opened for drills")
			e, _ := w.drill(shortScenario(blip)).Run(t.Context())
			if !strings.Contains(e.Aborted, "not opened for drills") {
				t.Errorf("it was broken off with %q", e.Aborted)
			}
		})
	})
}

func TestJitter(t *testing.T) {
	t.Run("the fault comes at a random moment of the controller's period", func(t *testing.T) {
		const minimum, jitter = 20 * time.Second, time.Minute
		moments := map[time.Duration]bool{}
		for range 5 {
			synctest.Test(t, func(t *testing.T) {
				e, _ := newFakePlatform().drill(shortScenario(scenario.Step{Do: scenario.Load, For: minimum, Jitter: jitter}, blip)).Run(t.Context())
				begun, _ := e.MarkedAt(evidence.LoadBegan)
				faulted, _ := e.MarkedAt(evidence.Faulted)
				after := faulted.Sub(begun) - 20*time.Second // of short's own load
				if after < minimum || after > minimum+jitter {
					t.Errorf("the fault came after %s of load, want %s and up to %s more", after, minimum, jitter)
				}
				moments[after] = true
			})
		}
		if len(moments) == 1 {
			t.Errorf("five faults came after %v of load each", moments)
		}
	})
}

func TestUsage(t *testing.T) {
	t.Run("an unknown scenario is a usage error", func(t *testing.T) {
		var stderr bytes.Buffer
		code := Main(t.Context(), Options{}, t.TempDir(), []string{"region-list"}, io.Discard, &stderr)
		if code != Usage || !strings.Contains(stderr.String(), "region-lost") {
			t.Errorf("the exit code is %d with %q", code, stderr.String())
		}
		if all, err := selectScenarios([]string{"all"}); err != nil || len(all) != len(scenario.All()) {
			t.Errorf("all are %d scenarios (%v)", len(all), err)
		}
	})
}
