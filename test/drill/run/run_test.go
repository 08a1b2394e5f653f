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
	"os"
	"path/filepath"
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
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/resolver"
	"warmstandby/test/drill/scenario"
)

// world is a platform: two regions whose applications answer what a list says.
type world struct {
	mu     sync.Mutex
	cut    map[string]bool
	did    []string // to it
	lists  string
	refuse error
}

func (w *world) Begin(_ context.Context, kind scenario.Kind, region string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, "begin "+string(kind)+" "+region)
	w.cut[region] = w.refuse == nil
	return w.refuse
}

func (w *world) Heal(context.Context, ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, "heal")
	clear(w.cut)
	return nil
}

func (*world) Limits(scenario.Kind) []string { return []string{"the moon"} }

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for region := range w.cut {
		if w.cut[region] && (strings.HasPrefix(r.Host, region) || r.URL.Host == "app.test" && region == east) {
			return nil, errors.New("a time-out")
		}
	}
	status, body := 200, w.lists
	if r.Method == http.MethodPost {
		content, _ := io.ReadAll(r.Body)
		number := content[bytes.LastIndexByte(content, ':')+1 : len(content)-2]
		status, body = 201, fmt.Sprintf(`{"id":"id-%s","content":{"number":%s}}`, number, number)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (*world) Address(context.Context, string) (netip.Addr, string, error) {
	return netip.AddrFrom4([4]byte{127, 53, 0, 1}), east, nil
}

func (*world) Global(context.Context) (globaldb.Global, error) {
	return globaldb.Global{Members: []globaldb.Member{{ARN: "arn:aws:rds:us-east-1:1:cluster:a", Writer: true}}}, nil
}

func (*world) Load(context.Context) (journal.State, error) {
	return journal.State{Decision: journal.Decision{At: time.Now().Add(time.Second), Action: decision.None}}, nil
}

func (*world) Healthy(context.Context, string) (bool, error) { return true, nil }

func zone(_ context.Context, question *dns.Msg, _ string) (*dns.Msg, error) {
	name := question.Question[0].Name
	address := map[bool]string{true: "127.53.0.2", false: "127.53.0.1"}[strings.HasPrefix(name, west)]
	record, err := dns.NewRR(name + " 60 IN A " + address)
	answer := new(dns.Msg).SetReply(question)
	answer.Answer = append(answer.Answer, record)
	return answer, err
}

// drill makes one of a world.
func (w *world) drill(s scenario.Scenario) *Drill {
	token := func(context.Context) (string, error) { return "t", nil }
	global := &url.URL{Scheme: "http", Host: "app.test"}
	log := evidence.NewLog(evidence.Evidence{Scenario: s.Name, Primary: east, Standby: west, Began: time.Now()})
	names := client.NewRegions(resolver.New(zone), map[string]string{east: east + ".app.test", west: west + ".app.test"})
	return &Drill{
		Scenario: s, Log: log, Injector: w, Say: func(string, ...any) {},
		Client: &client.Client{URL: global, Names: w, Token: token, HTTP: w, Log: log, Name: "drill"},
		Watch: &observe.Watch{
			Log: log, Primary: east, Standby: west, Databases: [2]observe.Globals{w, w}, Journal: w, Checks: w,
			Exchange: zone, Global: global, Names: names, HTTP: w, Token: token, Patient: "drill", Since: time.Now(),
			Waited: func() (time.Duration, error) { return time.Hour, nil },
		},
		Operate: func(_ context.Context, command []string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.did = append(w.did, strings.Join(command, " "))
			return w.refuse
		},
		Preview: func(context.Context) evidence.Preview { return evidence.Preview{Clean: true} },
	}
}

func newWorld() *world { return &world{cut: map[string]bool{}, lists: `{"records":[],"next":null}`} }

// short is a scenario of some seconds.
func short(steps ...scenario.Step) scenario.Scenario {
	return scenario.Scenario{Name: "flap", Fault: scenario.Unreachable, On: scenario.Primary, Steps: append([]scenario.Step{
		{Do: scenario.Await, Until: scenario.Calm, For: time.Minute}, {Do: scenario.Steady, For: 20 * time.Second},
	}, steps...)}
}

var blip = scenario.Step{Do: scenario.Blip, Kind: scenario.Unreachable, On: scenario.Primary, For: 5 * time.Second}

func TestADrillGoesThroughItsStepsAndWatchesAndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		d := w.drill(short(blip, scenario.Step{Do: scenario.Operate, Command: []string{"failback"}, For: time.Minute},
			scenario.Step{Do: scenario.Await, Until: scenario.ServedPrimary, For: time.Minute}))
		e, err := d.Run(t.Context())
		if err != nil || e.Broken != "" || len(e.Late) > 0 {
			t.Fatalf("it ended with %v, %q, %q", err, e.Broken, e.Late)
		}
		if want := []string{"begin unreachable us-east-1", "heal", "failback", "heal"}; !slices.Equal(w.did, want) {
			t.Errorf("it did %q, want %q", w.did, want)
		}
		good, bad := 0, 0
		for _, a := range e.Attempts {
			if a.Good() {
				good++
			} else {
				bad++
			}
		}
		if good < 100 || bad < 20 || len(e.Probes) < 4 || !e.Rows.Counted || e.Preview == nil || len(e.Unseen) != 1 {
			t.Errorf("it saw %d good and %d bad attempts, %d probes, %+v, %+v, %q", good, bad, len(e.Probes), e.Rows.Counted, e.Preview, e.Unseen)
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
		if want := []evidence.Step{evidence.LoadBegan, evidence.Faulted, evidence.Healed, evidence.Asked, evidence.LoadEnded}; !slices.Equal(steps, want) {
			t.Errorf("the marks are %q, want %q", steps, want)
		}
		for _, topic := range [...]evidence.Topic{evidence.Writer, evidence.Answer} {
			if !e.Is(topic, east) {
				t.Errorf("the %s was last seen to be %+v", topic, e.Sightings[topic])
			}
		}
	})
}

func TestWhatNeverCalmsIsNotBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.cut[east] = true
		d := w.drill(short(blip))
		e, _ := d.Run(t.Context())
		if !strings.Contains(e.Broken, "waiting for 1m0s until all is well") || !strings.Contains(e.Broken, "accepts us-east-1 is \"no\"") {
			t.Errorf("it was broken off with %q", e.Broken)
		}
		if slices.ContainsFunc(w.did, func(did string) bool { return strings.HasPrefix(did, "begin") }) {
			t.Errorf("it did %q", w.did)
		}
	})
}

func TestAStepThatWaitsInVainIsEvidenceAndTheRestIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		d := w.drill(short(scenario.Step{Do: scenario.Await, Until: scenario.WriterStandby, For: time.Minute}, blip))
		e, _ := d.Run(t.Context())
		if len(e.Late) != 1 || !strings.Contains(e.Late[0], "Within 1m0s it did not come to be that the writer is in the standby region") || len(w.did) != 3 {
			t.Errorf("late is %q after %q", e.Late, w.did)
		}
	})
}

func TestAnOperatorWhoIsRefusedTriesUntilTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.refuse = errors.New("not ready")
		d := w.drill(short(scenario.Step{Do: scenario.Operate, Command: []string{"failback"}, For: 20 * time.Second}))
		e, _ := d.Run(t.Context())
		if len(e.Late) != 1 || !strings.Contains(e.Late[0], "not ready") || len(w.did) < 4 {
			t.Errorf("late is %q after %q", e.Late, w.did)
		}
	})
}

func TestTheFaultComesAtNoForeseenMoment(t *testing.T) {
	const least, spread = 20 * time.Second, time.Minute
	moments := map[time.Duration]bool{}
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			e, _ := newWorld().drill(short(scenario.Step{Do: scenario.Steady, For: least, Spread: spread}, blip)).Run(t.Context())
			begun, _ := e.Marked(evidence.LoadBegan)
			faulted, _ := e.Marked(evidence.Faulted)
			after := faulted.Sub(begun) - 20*time.Second // of short's own load
			if after < least || after > least+spread {
				t.Errorf("the fault came after %s of load, want %s and up to %s more", after, least, spread)
			}
			moments[after] = true
		})
	}
	if len(moments) == 1 {
		t.Errorf("five faults came after %v of load each", moments)
	}
}

func TestADrillThatIsInterruptedHealsWhatItBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		d := w.drill(short(scenario.Step{Do: scenario.Fault, Kind: scenario.Unreachable, On: scenario.Primary}, scenario.Step{Do: scenario.Steady, For: time.Hour}))
		e, err := d.Run(ctx)
		if err != nil || e.Broken != "interrupted" || w.did[len(w.did)-1] != "heal" || e.Preview != nil {
			t.Errorf("it ended with %v, %q after %q, preview %v", err, e.Broken, w.did, e.Preview)
		}
	})
}

func TestAFaultThatCannotBeBegunEndsTheDrill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.refuse = errors.New("not opened for drills")
		e, _ := w.drill(short(blip)).Run(t.Context())
		if !strings.Contains(e.Broken, "not opened for drills") {
			t.Errorf("it was broken off with %q", e.Broken)
		}
	})
}

func TestWhatIsNoScenarioIsAWrongCall(t *testing.T) {
	var said bytes.Buffer
	if code := Main(t.Context(), Options{}, t.TempDir(), []string{"region-list"}, io.Discard, &said); code != Usage || !strings.Contains(said.String(), "region-lost") {
		t.Errorf("the exit code is %d with %q", code, said.String())
	}
	if all, err := choose([]string{"all"}); err != nil || len(all) != len(scenario.All()) {
		t.Errorf("all are %d scenarios (%v)", len(all), err)
	}
}

func TestTheEmbeddedAWSIsFoundInItsFolder(t *testing.T) {
	folder := t.TempDir()
	for content, want := range map[string]string{
		`{"endpoint":"http://127.0.0.1:4566","dns":"127.0.0.1:5353"}`: "",
		`{"endpoint":"http://127.0.0.1:4566"}`:                        "answers no DNS",
		`{`:                                                           "finding the embedded AWS",
	} {
		if err := os.WriteFile(filepath.Join(folder, "instance.json"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		o, port, err := Options{Local: "local", State: folder}.servers()
		switch {
		case want == "" && (err != nil || port != "4566" || o.Resolver != "127.0.0.1:5353" || o.ZoneServer != o.Resolver):
			t.Errorf("found %+v at port %q (%v)", o, port, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", content, err, want)
		}
	}
}
