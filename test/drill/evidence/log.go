package evidence

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Log collects evidence from several goroutines.
type Log struct {
	mu  sync.Mutex
	all Evidence
}

// NewLog returns a log with what is known before the drill begins.
func NewLog(begun Evidence) *Log {
	begun.Sightings, begun.Arrivals = map[Topic][]Sighting{}, map[int]time.Time{}
	begun.Events, begun.Rows.Records = map[string]EventCount{}, map[int]int{}
	return &Log{all: begun}
}

// Change changes the evidence. Nobody else sees it meanwhile.
func (l *Log) Change(change func(*Evidence)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.all)
}

// Mark notes what the drill does now.
func (l *Log) Mark(step Step, says string) {
	l.Change(func(e *Evidence) { e.Marks = append(e.Marks, Mark{time.Now(), step, says}) })
}

// Attempted notes an attempt.
func (l *Log) Attempted(a Attempt) {
	l.Change(func(e *Evidence) { e.Attempts = append(e.Attempts, a) })
}

// See notes what is seen of a topic, when it is not what was seen last.
func (l *Log) See(topic Topic, is, why string) {
	l.Change(func(e *Evidence) {
		if last, seen := e.Last(topic); !seen || last.Is != is {
			e.Sightings[topic] = append(e.Sightings[topic], Sighting{time.Now(), is, why})
		}
	})
}

// Moved notes a move, in place of what was known of it.
func (l *Log) Moved(m Move) {
	l.Change(func(e *Evidence) {
		if i := slices.IndexFunc(e.Moves, func(known Move) bool { return known.Begun.Equal(m.Begun) }); i >= 0 {
			e.Moves[i] = m
		} else {
			e.Moves = append(e.Moves, m)
		}
	})
}

// Arrived notes numbers that were read in the standby region.
func (l *Log) Arrived(numbers []int) {
	l.Change(func(e *Evidence) {
		for _, number := range numbers {
			if _, known := e.Arrivals[number]; !known {
				e.Arrivals[number] = time.Now()
			}
		}
	})
}

// Look shows the evidence as it is now; look must keep nothing of it.
func (l *Log) Look(look func(*Evidence)) { l.Change(look) }

// Copy returns the evidence as it is now, the caller's own.
func (l *Log) Copy() Evidence {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.all
	c.Marks, c.Attempts, c.Probes = slices.Clone(c.Marks), slices.Clone(c.Attempts), slices.Clone(c.Probes)
	c.Moves, c.Late, c.Unseen, c.Waits = slices.Clone(c.Moves), slices.Clone(c.Late), slices.Clone(c.Unseen), slices.Clone(c.Waits)
	c.Arrivals, c.Events, c.Sightings = maps.Clone(c.Arrivals), maps.Clone(c.Events), maps.Clone(c.Sightings)
	c.Rows.Records = maps.Clone(c.Rows.Records)
	for topic, seen := range c.Sightings {
		c.Sightings[topic] = slices.Clone(seen)
	}
	return c
}
