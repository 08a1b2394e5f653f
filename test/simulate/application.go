package simulate

import (
	"math/bits"
	"time"
)

// response is what an application answers: a status of zero is none within the time that a probe waits.
type response struct {
	status int
	reason string // as /readyz names it
}

// applicationAnswers says whether a region's application answers at all.
func (w *World) applicationAnswers(p region) bool {
	if p == east {
		return !w.is(RegionLost) && !w.is(ApplicationLost)
	}
	return !w.is(WestLost) && !w.is(StandbyLost)
}

// ask returns what a region's application answers to whoever reaches it: /readyz, which is a commit in the region's own cluster,
// or /healthz.
func (w *World) ask(p region, ready bool, request ...uint64) response {
	switch {
	case p == east && w.is(RegionLost) || p == west && w.is(WestLost):
		return response{}
	case !w.applicationAnswers(p):
		return response{status: 502}
	case p == east && w.hits(GraySlow, request...):
		return response{}
	case p == east && w.hits(GrayErrors, request...):
		return response{500, "other"}
	case !w.databaseAnswers(p):
		return response{503, "database-unreachable"}
	case !ready:
		if p == east && w.is(Saturated) && draw(w.plan.Seed, append(request, 8)...).half() {
			return response{503, "no-connection-slots"}
		}
		return response{status: 200}
	case w.global.writer != p:
		return response{503, "read-only"}
	case w.global.fenced:
		return response{503, "database-unreachable"}
	case p == east && w.is(Saturated):
		return response{503, "no-connection-slots"}
	case w.commitWaits():
		return response{503, "replication-wait"}
	}
	return response{status: 200}
}

// The load: clients that write a row every interval, resolve the name as long as its TTL says, and keep nothing else.
const (
	clients       = 2
	writeInterval = 2 * time.Second
	recordTTL     = 60 * time.Second // of an alias of a load balancer (Elastic Load Balancing User Guide)
)

type client struct {
	target  region
	expires time.Duration
}

// write is one client's attempt to have a row acknowledged.
func (w *World) write(number int) {
	c, id := &w.clients[number], uint64(number)+100
	if w.now >= c.expires && !w.is(CutUsersCheckers) {
		c.expires = w.now + recordTTL
		if c.target = west; w.servers[(number+int(w.now/recordTTL))%nameServers].answer(w.now) {
			c.target = east
		}
	}
	good := w.now < c.expires && !w.is([...]Kind{CutUsersEast, CutUsersWest}[c.target]) &&
		w.applicationAnswers(c.target) && !(c.target == east && (w.hits(GrayErrors, id, uint64(w.now)) || w.hits(GraySlow, id, uint64(w.now)))) &&
		w.commits(c.target, id)
	w.seeWrite(good)
	if !good {
		return
	}
	if w.global.writer == east {
		w.acknowledged = append(w.acknowledged, w.now)
	}
	if w.now > w.firstFault() {
		if gap := w.now - max(w.lastGood, w.firstFault()); gap > w.result.Gap {
			w.result.Gap = gap
		}
	}
	w.lastGood = w.now
}

// Users see a primary that is writable while fifteen of their last sixteen writes to it were good, until four were not.
const (
	goodEnough = 15
	badEnough  = 12
)

// seeWrite adds a write to what users see of the primary.
func (w *World) seeWrite(good bool) {
	w.writes <<= 1
	if good && w.global.writer == east {
		w.writes |= 1
	}
	switch seen := bits.OnesCount16(w.writes); {
	case w.writable && seen < badEnough, !w.writable && seen >= goodEnough:
		w.writable = !w.writable
		w.view()
	}
}
