package simulate

import "time"

// Route 53 as global-edge sets it up: a name that fails over, each half with a health check and an alias that evaluates the
// load balancer's targets. Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy":
// checkers in many regions probe an endpoint, each every 30 s, each changes its verdict after three results in a row, and the
// endpoint is healthy while more than 18 % of them say so. Package test/local/route53 of the local AWS emulator has one checker; the
// tests compare both by its tables.
const (
	checkers       = 16 // two in each of Route 53's eight regions
	checkInterval  = 30 * time.Second
	checkThreshold = 3
	quorum         = 0.18

	// The load balancer's own health check of its targets, and how many results change its mind (shared/components/application).
	targetInterval  = 35 * time.Second
	targetThreshold = 2

	nameServers = 4
	// propagation is the longest that a changed status takes to a name server. Amazon names no figure; a minute of TTL follows.
	propagation = 8 * time.Second
)

// threshold is a state that changes after so many contrary results in a row. The zero value is healthy.
type threshold struct {
	unhealthy bool
	contrary  int8
}

// observe adds a result and says whether the state has changed.
func (t *threshold) observe(healthy bool, limit int) bool {
	if healthy != t.unhealthy {
		t.contrary = 0
		return false
	}
	if t.contrary++; int(t.contrary) < limit {
		return false
	}
	t.unhealthy, t.contrary = !healthy, 0
	return true
}

// half is one half of the name that fails over.
type half struct {
	checkers  [checkers]threshold
	unhealthy int // of the checkers
	target    threshold
}

// healthy is the half's health: its check's quorum, and the load balancer's target.
func (h *half) healthy() bool {
	return float64(checkers-h.unhealthy) > quorum*checkers && !h.target.unhealthy
}

// choosePrimary says whether a name that fails over is answered with its primary. Amazon Route 53 API Reference,
// ResourceRecordSet, Failover: the primary answers while it is healthy, or while the secondary is unhealthy too.
func choosePrimary(primaryHealthy, secondaryHealthy bool) bool {
	return primaryHealthy || !secondaryHealthy
}

// nameServer answers with what it has heard.
type nameServer struct {
	primary, next bool
	changes       time.Duration // when next holds
}

func (n *nameServer) answer(now time.Duration) bool {
	if now >= n.changes {
		n.primary = n.next
	}
	return n.primary
}

// checked is a probe of a checker. A checker sees one region's application by its own address.
func (w *World) checked(p region, checker int) {
	h := &w.halves[p]
	good := false
	if cut := [...]Kind{CutCheckersEast, CutCheckersWest}[p]; !w.hits(cut, uint64(checker), 1) {
		got := w.ask(p, p == east, uint64(checker), uint64(w.now))
		good = got.status == 200
	}
	if h.checkers[checker].observe(good, checkThreshold) {
		if good {
			h.unhealthy--
		} else {
			h.unhealthy++
		}
		if h.unhealthy > 0 && h.unhealthy < checkers && h.healthy() {
			w.meet(metQuorum)
		}
		w.route()
	}
}

// targeted is a health check of a load balancer: of its own region, so that no cut comes between.
func (w *World) targeted(p region) {
	if w.halves[p].target.observe(w.applicationAnswers(p), targetThreshold) {
		w.route()
	}
}

// route has the name servers hear a change of the answer, each after its own time.
func (w *World) route() {
	primary := choosePrimary(w.halves[east].healthy(), w.halves[west].healthy())
	if primary == w.routed {
		return
	}
	w.routed = primary
	w.view()
	for i := range w.servers {
		s := &w.servers[i]
		s.answer(w.now)
		d := draw(w.plan.Seed, 53, uint64(i), uint64(w.now))
		s.next, s.changes = primary, w.now+d.between(0, propagation)
	}
	if primary {
		w.note("Route 53 answers with us-east-1")
	} else {
		w.note("Route 53 answers with us-west-2")
		w.meet(metRouted)
	}
}
