package history

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
)

// start is when the recorded histories begin; the fault comes a minute later.
var start = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// platform is what answers a recorded history: one register with its tags, keys, and what is wrong with it.
type platform struct {
	now      float64
	versions []written // of the record, the current one last
	keys     map[string]string
	made     int
	// staleFor is how old the answers of reads are, in seconds.
	staleFor float64
	// bareTags has tags that are the version's number alone.
	bareTags bool
	random   *rand.Rand
}

type written struct {
	value, tag string
	at         float64
}

func newPlatform(seed uint64) *platform {
	return &platform{keys: map[string]string{}, random: rand.New(rand.NewPCG(seed, 1))}
}

func (p *platform) current() written { return p.versions[len(p.versions)-1] }

func (p *platform) write(value string) written {
	tag := fmt.Sprint(len(p.versions) + 1)
	if !p.bareTags {
		tag += fmt.Sprintf("-%x", p.random.Uint64())
	}
	p.versions = append(p.versions, written{value, tag, p.now})
	return p.current()
}

// read returns what the record was staleFor seconds ago.
func (p *platform) read() written {
	answer := p.versions[0]
	for _, v := range p.versions {
		if v.at <= p.now-p.staleFor {
			answer = v
		}
	}
	return answer
}

// fork returns the platform as a second writer has it that lacks the last n changes.
func (p *platform) fork(n int) *platform {
	copied := *p
	copied.versions = slices.Clone(p.versions[:len(p.versions)-n])
	copied.keys = map[string]string{}
	for key, id := range p.keys {
		copied.keys[key] = id
	}
	return &copied
}

// load is several clients' rounds on a platform.
type load struct {
	operations []evidence.Operation
	known      [3]written
	changes    int
	names      string // of the contents that it writes
}

// round has each client read and change the record, one after another in the same tenth of a second, so that all overlap.
func (l *load) round(p *platform, seconds float64) {
	for client := range l.known {
		p.now = seconds + float64(client)/100
		answer := p.read()
		l.add(evidence.Operation{
			Client: client, Kind: evidence.ReadRecord, Subject: "record 1", Value: answer.value, Tag: answer.tag, Status: 200,
		}, seconds, 0.1)
		l.known[client] = answer
	}
	for client, known := range l.known {
		l.update(p, client, known, seconds+0.2+float64(client)/100)
	}
}

// update has a client change what it knows.
func (l *load) update(p *platform, client int, known written, seconds float64) {
	p.now = seconds
	l.changes++
	o := evidence.Operation{
		Client: client, Kind: evidence.Update, Subject: "record 1", Basis: known.value, Status: 412,
		Value: fmt.Sprintf("%s%d of client %d", l.names, l.changes, client),
	}
	if p.current().tag == known.tag {
		done := p.write(o.Value)
		o.Status, o.Tag, l.known[client] = 200, done.tag, done
	}
	l.add(o, seconds, 0.1)
}

func (l *load) create(p *platform, key string, seconds float64) {
	p.now = seconds
	if p.keys[key] == "" {
		p.made++
		p.keys[key] = fmt.Sprintf("id-%d-%x", p.made, p.random.Uint32())
	}
	l.add(evidence.Operation{Client: 3, Kind: evidence.Create, Subject: "key " + key, Value: p.keys[key], Status: 201}, seconds, 0.1)
}

func (l *load) add(o evidence.Operation, seconds, took float64) {
	o.At, o.Duration = at(seconds), time.Duration(took*float64(time.Second))
	l.operations = append(l.operations, o)
}

// begin makes the record.
func begin(p *platform) *load {
	l := &load{}
	first := p.write("first")
	l.add(evidence.Operation{Kind: evidence.Create, Subject: "record 1", Value: "first", Tag: first.tag, Status: 201}, 0, 0.1)
	return l
}

// aCut is a failover at 60 s that the drill saw at 90 s.
func aCut() Allowed {
	return Allowed{Cut: &Cut{From: at(45), Begin: at(60), End: at(95)}}
}

// lossy is a history in which the last changes before the fault are lost: what the clients write to the old writer after they were
// replicated for the last time is gone at 90 s.
func lossy(p *platform, after func(l *load, old, new *platform)) []evidence.Operation {
	l := begin(p)
	for second := 1.0; second < 60; second++ {
		l.round(p, second)
		l.create(p, fmt.Sprint(int(second)), second+0.5)
	}
	replicated := p.fork(0)
	for second := 60.0; second < 70; second++ {
		l.round(p, second)
		l.create(p, fmt.Sprint(int(second)), second+0.5)
	}
	after(l, p, replicated)
	return l.operations
}

// wellBehaved goes on with the new writer alone.
func wellBehaved(l *load, _, new *platform) {
	for second := 90.0; second < 150; second++ {
		l.round(new, second)
		l.create(new, fmt.Sprint(int(second)-30), second+0.5)
		l.create(new, fmt.Sprint(int(second)-60), second+0.6)
	}
}

func TestHistories(t *testing.T) {
	for _, test := range []struct {
		name    string
		history func(seed uint64) []evidence.Operation
		allowed Allowed
		subject string // whose history is impossible; none when empty
		says    string
	}{
		{
			name:    "a failover that loses the last changes is one cut",
			history: func(seed uint64) []evidence.Operation { return lossy(newPlatform(seed), wellBehaved) }, allowed: aCut(),
		},
		{
			name:    "without a failover that may lose data nothing may be missing",
			history: func(seed uint64) []evidence.Operation { return lossy(newPlatform(seed), wellBehaved) },
			subject: "record 1", says: "no course",
		},
		{
			name:    "a cut that takes more than may be lost",
			history: func(seed uint64) []evidence.Operation { return lossy(newPlatform(seed), wellBehaved) },
			allowed: Allowed{Cut: &Cut{From: at(66), Begin: at(60), End: at(95)}},
			subject: "record 1", says: "no course",
		},
		{
			name: "two failovers that lose data are one too many",
			history: func(seed uint64) []evidence.Operation {
				return lossy(newPlatform(seed), func(l *load, _, new *platform) {
					second := new.fork(0)
					for s := 80.0; s < 85; s++ {
						l.round(new, s)
					}
					for s := 90.0; s < 95; s++ {
						l.round(second, s)
					}
				})
			},
			allowed: aCut(), subject: "record 1", says: "no course",
		},
		{
			name: "answers that are a second old are what replication takes",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				p.staleFor = 1
				return lossy(p, func(*load, *platform, *platform) {})
			},
		},
		{
			name: "stale reads are served as fresh",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				l := begin(p)
				for second := 1.0; second < 60; second++ {
					if l.round(p, second); second == 30 {
						p.staleFor = 10
					}
					l.update(p, 0, p.current(), second+0.6)
				}
				return l.operations
			},
			allowed: aCut(), subject: "record 1", says: "no course",
		},
		{
			name: "a tag is used again for another content",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				p.bareTags = true
				return lossy(p, func(l *load, _, new *platform) {
					l.names = "later "
					wellBehaved(l, nil, new)
				})
			},
			allowed: aCut(), subject: "record 1", says: "names two contents",
		},
		{
			name: "a tag that is used again hides a lost update, also from who does not look at tags",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				p.bareTags = true
				operations := lossy(p, func(l *load, old, new *platform) {
					l.names = "later "
					holds := old.current()
					for len(new.versions) < len(old.versions) {
						l.update(new, 1, new.current(), 90+float64(len(new.versions))/10)
					}
					l.update(new, 2, holds, 120)
				})
				for i := range operations {
					operations[i].Tag = ""
				}
				return operations
			},
			allowed: aCut(), subject: "record 1", says: "no course",
		},
		{
			name: "two writers acknowledge at the same time",
			history: func(seed uint64) []evidence.Operation {
				return lossy(newPlatform(seed), func(l *load, old, new *platform) {
					later := &load{names: "new ", known: l.known}
					for second := 80.0; second < 90; second++ {
						l.round(old, second)
						later.round(new, second+0.5)
					}
					l.operations = append(l.operations, later.operations...)
				})
			},
			allowed: aCut(), subject: "record 1", says: "no course",
		},
		{
			name: "an idempotency key is forgotten",
			history: func(seed uint64) []evidence.Operation {
				return lossy(newPlatform(seed), func(l *load, _, new *platform) {
					delete(new.keys, "7")
					l.create(new, "7", 100)
				})
			},
			allowed: aCut(), subject: "key 7", says: "no course",
		},
		{
			name: "a key whose creation was lost creates another record",
			history: func(seed uint64) []evidence.Operation {
				return lossy(newPlatform(seed), func(l *load, _, new *platform) { l.create(new, "65", 100); l.create(new, "65", 101) })
			},
			allowed: aCut(),
		},
		{
			name: "a key is answered with an error that it cannot have",
			history: func(seed uint64) []evidence.Operation {
				l := begin(newPlatform(seed))
				l.add(evidence.Operation{Kind: evidence.Create, Subject: "key 1", Status: 422}, 1, 0.1)
				return l.operations
			},
			subject: "key 1", says: "no course",
		},
		{
			name: "a change without an answer was made, as a later read shows",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				l := begin(p)
				l.round(p, 1)
				l.update(p, 0, p.current(), 2)
				last := &l.operations[len(l.operations)-1]
				last.Status, last.Tag, last.Duration = 0, "", 3*time.Second
				l.round(p, 6)
				return l.operations
			},
		},
		{
			name: "a change without an answer that nobody saw explains why another was refused",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				l := begin(p)
				l.add(evidence.Operation{Kind: evidence.Update, Subject: "record 1", Basis: "first", Value: "a"}, 1, 3)
				l.add(evidence.Operation{Client: 1, Kind: evidence.Update, Subject: "record 1", Basis: "first", Value: "b", Status: 412}, 2, 0.1)
				return l.operations
			},
		},
		{
			name: "a change is refused although nobody has made one",
			history: func(seed uint64) []evidence.Operation {
				l := begin(newPlatform(seed))
				l.add(evidence.Operation{Client: 1, Kind: evidence.Update, Subject: "record 1", Basis: "first", Value: "b", Status: 412}, 2, 0.1)
				return l.operations
			},
			subject: "record 1", says: "no course",
		},
		{
			name: "a content that was replaced is said to be the current one",
			history: func(seed uint64) []evidence.Operation {
				p := newPlatform(seed)
				l := begin(p)
				l.update(p, 0, p.current(), 1)
				l.add(evidence.Operation{
					Client: 1, Kind: evidence.ReadRecord, Subject: "record 1", Basis: "first", Value: "first", Status: 304,
				}, 9, 0.1)
				return l.operations
			},
			subject: "record 1", says: "no course",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(3) {
				result := Check(test.history(seed), test.allowed)
				if len(result.Undecided) > 0 {
					t.Fatalf("%v are undecided", result.Undecided)
				}
				if test.subject == "" {
					if len(result.Violations) > 0 || result.Operations == 0 {
						t.Errorf("%d operations, violations %v; want none", result.Operations, result.Violations)
					}
					continue
				}
				i := slices.IndexFunc(result.Violations, func(v Violation) bool { return v.Subject == test.subject })
				if i < 0 || !strings.Contains(result.Violations[i].Text, test.says) {
					t.Errorf("violations %v, want one of %s that says %q", result.Violations, test.subject, test.says)
				}
			}
		})
	}
}

func TestReconciliation(t *testing.T) {
	// The record is not touched after the cut, and comes back as it was.
	history := func(p *platform) []evidence.Operation {
		l := begin(p)
		l.round(p, 1)
		replicated := p.fork(0)
		l.round(p, 61)
		l.add(evidence.Operation{
			Kind: evidence.ReadRecord, Subject: "record 1", Value: replicated.current().value, Tag: replicated.current().tag, Status: 200,
		}, 100, 0.1)
		l.round(p, 130)
		return l.operations
	}
	allowed := aCut()
	t.Run("what a reconciliation has brought back is there again", func(t *testing.T) {
		allowed.Return = &Return{at(110), at(120)}
		if result := Check(history(newPlatform(1)), allowed); len(result.Violations) > 0 {
			t.Errorf("violations %v", result.Violations)
		}
	})
	t.Run("without one nothing comes back", func(t *testing.T) {
		allowed.Return = nil
		if result := Check(history(newPlatform(1)), allowed); len(result.Violations) != 1 {
			t.Errorf("violations %v, want one", result.Violations)
		}
	})
}

func TestStale(t *testing.T) {
	p := newPlatform(1)
	l := begin(p)
	l.round(p, 1)
	l.add(evidence.Operation{Kind: evidence.ReadRecord, Subject: "record 1", Value: "first", Region: "us-west-2", Status: 200}, 50, 0.1)
	stale := func(o evidence.Operation) bool { return o.Region == "us-west-2" }
	if result := Check(l.operations, Allowed{Stale: stale}); len(result.Violations) > 0 || result.Stale != 1 {
		t.Errorf("%+v, want one read that is not judged", result)
	}
	if result := Check(l.operations, Allowed{}); len(result.Violations) != 1 {
		t.Errorf("%+v, want a violation", result)
	}
}

func TestDraw(t *testing.T) {
	operations := lossy(newPlatform(1), wellBehaved)
	var page bytes.Buffer
	if err := Draw(&page, operations, Allowed{}, "record 1"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<html", "1 of client 0", "update on"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the picture has no %q", want)
		}
	}
	if strings.Contains(page.String(), "<script src") {
		t.Error("the picture loads a script")
	}
}
