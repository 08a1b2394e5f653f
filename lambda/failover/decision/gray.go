package decision

import (
	"fmt"
	"time"
)

// The rule of a gray failure, in which a part of the requests fails or all are slow. A watch makes three probes a minute, so that a
// tenth of failing requests spoils every fourth minute; a region that is gone for seconds, however often within two minutes,
// spoils three.
const (
	// GrayWindow is how many minutes are looked back on.
	GrayWindow = 30
	// GrayMinutes is how many spoiled minutes in the window make a gray failure. A minute is spoiled when a probe of it failed, or
	// when all were slow.
	GrayMinutes = 5
	// SlowProbe is how long a good answer takes at most to count as quick: the application answers within a second (ProbeTimeout
	// of package observe), the connection between the regions takes a third of one.
	SlowProbe = time.Second
)

// Recent counts the write probes of the last GrayWindow minutes.
type Recent struct {
	Minutes, Spoiled     int // with probes, and those of them that were spoiled
	Probes, Failed, Slow int
}

// gray says whether the primary region fails in part, with the figures.
func (e Evidence) gray() (signal, bool) {
	r := e.Writes.Recent
	if r.Spoiled < GrayMinutes {
		return signal{}, false
	}
	return signal{
		gone,
		fmt.Sprintf(
			"The primary region fails in part: in %d of the last %d minutes a probe failed or all were slow; of %d probes %d failed and %d took more than %s.",
			r.Spoiled,
			r.Minutes,
			r.Probes,
			r.Failed,
			r.Slow,
			SlowProbe,
		),
	}, true
}
