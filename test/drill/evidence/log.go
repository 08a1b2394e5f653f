package evidence

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Log collects evidence from several goroutines.
type Log struct {
	mu       sync.Mutex
	evidence Evidence
}

// NewLog returns a log with the evidence that is known before the drill begins.
func NewLog(initial Evidence) *Log {
	initial.Observations, initial.Arrivals = map[Topic][]Observation{}, map[int]time.Time{}
	initial.Events, initial.Rows.Records = map[string]EventCount{}, map[int]int{}
	return &Log{evidence: initial}
}

// Update changes the evidence, under the lock.
func (l *Log) Update(update func(*Evidence)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	update(&l.evidence)
}

// Mark records an action of the drill at the present time.
func (l *Log) Mark(step Step, detail string) {
	l.Update(func(e *Evidence) { e.Marks = append(e.Marks, Mark{time.Now(), step, detail}) })
}

// AddAttempt records an attempt.
func (l *Log) AddAttempt(a Attempt) {
	l.Update(func(e *Evidence) { e.Attempts = append(e.Attempts, a) })
}

// Observe records a topic's value if it differs from the last one.
func (l *Log) Observe(topic Topic, value, reason string) {
	l.Update(func(e *Evidence) {
		if last, observations := e.Last(topic); !observations || last.Value != value {
			e.Observations[topic] = append(e.Observations[topic], Observation{time.Now(), value, reason})
		}
	})
}

// SetMove records a move, and replaces what was known of it.
func (l *Log) SetMove(m Move) {
	l.Update(func(e *Evidence) {
		if i := slices.IndexFunc(e.Moves, func(known Move) bool { return known.Begun.Equal(m.Begun) }); i >= 0 {
			e.Moves[i] = m
		} else {
			e.Moves = append(e.Moves, m)
		}
	})
}

// AddArrivals records numbers that were read in the standby region.
func (l *Log) AddArrivals(numbers []int) {
	l.Update(func(e *Evidence) {
		for _, number := range numbers {
			if _, known := e.Arrivals[number]; !known {
				e.Arrivals[number] = time.Now()
			}
		}
	})
}

// Read passes the present evidence to read, under the lock. read must not keep any of it.
func (l *Log) Read(read func(*Evidence)) { l.Update(read) }

// Copy returns a copy of the present evidence.
func (l *Log) Copy() Evidence {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.evidence
	c.Marks, c.Attempts, c.Probes = slices.Clone(c.Marks), slices.Clone(c.Attempts), slices.Clone(c.Probes)
	c.Moves, c.Timeouts = slices.Clone(c.Moves), slices.Clone(c.Timeouts)
	c.Documents, c.Operations = slices.Clone(c.Documents), slices.Clone(c.Operations)
	c.NotObserved, c.CPUPressure = slices.Clone(c.NotObserved), slices.Clone(c.CPUPressure)
	c.Arrivals, c.Events, c.Observations = maps.Clone(c.Arrivals), maps.Clone(c.Events), maps.Clone(c.Observations)
	c.Rows.Records, c.OtherUsers = maps.Clone(c.Rows.Records), maps.Clone(c.OtherUsers)
	for user, attempts := range c.OtherUsers {
		c.OtherUsers[user] = slices.Clone(attempts)
	}
	for topic, observations := range c.Observations {
		c.Observations[topic] = slices.Clone(observations)
	}
	return c
}
