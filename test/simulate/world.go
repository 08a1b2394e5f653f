// Package simulate runs the failover controller against a simulated world, on virtual time: two regions, Route 53, a global
// database and users, late and broken as AWS documents and as a seed decides. The controller's code is the real one; the clients
// of AWS's services are simulated. Package spec judges what happened.
package simulate

import (
	"sync"
	"time"

	"warmstandby/lambda/failover/spec"
)

// World is one simulated world. Its state changes by events, each at its time, and by calls of the controller. Calls and what is
// drawn for them depend on the seed and the time alone, not on the order in which goroutines run.
type World struct {
	plan  *Plan
	start time.Time

	mu      sync.Mutex
	now     time.Duration // up to which events have happened
	queue   []event
	pushed  uint32
	present uint32 // the faults that are present, a bit each

	global       global
	halves       [2]half
	servers      [nameServers]nameServer
	routed       bool
	clients      [clients]client
	writes       uint16 // the last ones, a bit each that is set for a good one
	writable     bool
	lastGood     time.Duration
	acknowledged []time.Duration
	heartbeat    time.Duration
	lags         []time.Duration // of each minute; a negative one is none

	document []byte // the journal's
	version  int64
	calls    map[string]int
	runs     int // that are at work

	waits      time.Duration                // since when commits wait
	promisedAt [len(promised)]time.Duration // when each promised notice was accepted
	untrue     []string                     // notices that say what is not

	watcher *spec.Watcher
	result  Result
	tracing bool
	trace   []entry
}

type entry struct {
	at   time.Duration
	text string
}

// event is something that happens in the world at a time.
type event struct {
	at    time.Duration
	order uint32
	kind  eventKind
	of    int16
}

type eventKind uint8

const (
	eventEdge eventKind = iota // a fault begins or ends
	eventCheckEast
	eventCheckWest
	eventTarget
	eventWrite
	eventArrives
	eventHeartbeat
	eventMinute
)

// NewWorld returns the world of a plan, in which all is well, at the beginning of its time.
func NewWorld(plan *Plan, start time.Time, tracing bool) *World {
	w := &World{
		plan: plan, start: start, tracing: tracing, watcher: spec.NewWatcher(), calls: make(map[string]int, 16),
		routed: true, writable: true, writes: 1<<16 - 1,
		heartbeat: -time.Minute, queue: make([]event, 0, 64), acknowledged: make([]time.Duration, 0, 1024), lags: make([]time.Duration, 0, 64),
	}
	w.result.Seed, w.result.Cause = plan.Seed, plan.Cause
	w.global = global{flowing: true, base: -plan.Lag, cancels: plan.Cancels, refusals: plan.Refusals}
	for i := range w.servers {
		w.servers[i] = nameServer{primary: true, next: true}
	}
	d := draw(plan.Seed, 1)
	for i := range checkers {
		w.push(d.between(0, checkInterval), eventCheckEast, i)
		w.push(d.between(0, checkInterval), eventCheckWest, i)
	}
	for p := range 2 {
		w.push(d.between(0, targetInterval), eventTarget, p)
	}
	for i := range clients {
		w.clients[i].expires = d.between(0, recordTTL)
		w.push(d.between(0, writeInterval), eventWrite, i)
	}
	for _, f := range plan.Faults {
		w.push(f.From, eventEdge, int(f.Kind))
		w.push(f.To, eventEdge, int(f.Kind))
	}
	w.push(0, eventMinute, 0)
	w.push(plan.HeartbeatLate, eventHeartbeat, 0)
	w.view()
	return w
}

// push has an event happen at a time.
func (w *World) push(at time.Duration, kind eventKind, of int) {
	w.pushed++
	w.queue = append(w.queue, event{at, w.pushed, kind, int16(of)})
	for i := len(w.queue) - 1; i > 0; {
		parent := (i - 1) / 2
		if !w.queue[i].before(w.queue[parent]) {
			break
		}
		w.queue[i], w.queue[parent] = w.queue[parent], w.queue[i]
		i = parent
	}
}

func (e event) before(other event) bool {
	return e.at < other.at || e.at == other.at && e.order < other.order
}

// again has the first event of the queue happen once more, later.
func (w *World) again(at time.Duration) {
	w.pushed++
	w.queue[0].at, w.queue[0].order = at, w.pushed
	w.sink()
}

// drop takes the first event from the queue.
func (w *World) drop() {
	last := len(w.queue) - 1
	w.queue[0] = w.queue[last]
	w.queue = w.queue[:last]
	w.sink()
}

// sink restores the order of the queue after a change of its first event.
func (w *World) sink() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(w.queue); child++ {
			if w.queue[child].before(w.queue[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		w.queue[i], w.queue[least] = w.queue[least], w.queue[i]
		i = least
	}
}

// advance has everything happen up to now.
func (w *World) advance(now time.Duration) {
	for len(w.queue) > 0 && w.queue[0].at <= now {
		e := w.queue[0]
		w.now = e.at
		switch e.kind {
		case eventCheckEast:
			w.again(e.at + checkInterval)
			w.checked(east, int(e.of))
		case eventCheckWest:
			w.again(e.at + checkInterval)
			w.checked(west, int(e.of))
		case eventTarget:
			w.again(e.at + targetInterval)
			w.targeted(region(e.of))
		case eventWrite:
			w.again(e.at + writeInterval)
			w.write(int(e.of))
		case eventMinute:
			w.again(e.at + time.Minute)
			w.measure()
		case eventHeartbeat:
			w.sendHeartbeat(e)
		case eventEdge:
			w.drop()
			w.edge(Kind(e.of))
		case eventArrives:
			w.drop()
			w.arrive()
		}
	}
	w.now = now
}

// edge is a fault that begins or ends.
func (w *World) edge(kind Kind) {
	before := w.is(kind)
	w.refresh()
	if w.is(kind) == before {
		return
	}
	w.reflow()
	w.view()
	excuses := kind >= WestLost && kind <= SchedulerLost
	if before {
		w.note("ended: " + kind.String())
		if excuses {
			w.watch(spec.Event{Kind: spec.Restored, Detail: kind.String()})
		}
		return
	}
	w.note("begun: " + kind.String())
	w.result.faults |= 1 << kind
	if excuses {
		w.watch(spec.Event{Kind: spec.Excused, Detail: kind.String()})
	}
}

// The heartbeat: its schedule is late, its event crosses the regions in a second or two, and EventBridge gives it up after a
// minute (shared/components/failover).
const (
	heartbeatRetry   = 15 * time.Second
	heartbeatTries   = 4
	heartbeatLatency = 1500 * time.Millisecond
)

// sendHeartbeat sends the heartbeat of a minute, in one of heartbeatTries attempts: e.of counts both.
func (w *World) sendHeartbeat(e event) {
	minute, try := int(e.of)/heartbeatTries, int(e.of)%heartbeatTries
	scheduled := time.Duration(minute) * time.Minute
	sent := !w.is(RegionLost) && !w.is(HeartbeatLost)
	arrives := sent && !w.is(CutRegions) && !w.is(WestLost) && !w.is(TableLost)
	w.drop()
	if arrives && scheduled > w.heartbeat {
		w.heartbeat = scheduled
	}
	if sent && !arrives && try < heartbeatTries-1 {
		w.push(e.at+heartbeatRetry, eventHeartbeat, minute*heartbeatTries+try+1)
	}
	if try == 0 {
		d := draw(w.plan.Seed, 60, uint64(minute))
		late := min(time.Minute, w.plan.HeartbeatLate+d.between(0, 5*time.Second))
		w.push(scheduled+time.Minute+late+heartbeatLatency, eventHeartbeat, (minute+1)*heartbeatTries)
	}
}

// measure is CloudWatch's measurement of a minute that begins: the least lag within it, which is the lag at its beginning.
func (w *World) measure() {
	lag := w.now - w.through()
	if w.global.writer != east || w.global.fenced || w.is(WestLost) || w.is(MetricsBlind) || w.plan.MissingWhenCut && w.is(CutRegions) {
		lag = -1
	}
	if w.commitWaits() {
		w.meet(metCommitWaits)
	}
	w.lags = append(w.lags, lag)
}

// view reports what outside observers see.
func (w *World) view() {
	causes, _ := w.causes()
	w.watch(spec.Event{Kind: spec.OutsideView, Routed: w.routed, Writable: w.writable, Causes: causes})
}

// firstFault is when the first cause begins, or the end.
func (w *World) firstFault() time.Duration {
	if len(w.plan.Faults) == 0 {
		return w.plan.Length
	}
	return w.plan.Faults[0].From
}
