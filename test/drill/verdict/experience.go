package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"warmstandby/test/drill/evidence"
)

// Experience is what the client met in one part of the drill: of its writes, or of its reads of its own writes.
type Experience struct {
	// Part is before, during or after the outage; Until says what ends it.
	Part  string            `json:"part"`
	Until string            `json:"until"`
	Time  evidence.Interval `json:"time"`
	Kind  string            `json:"kind"`
	Tries int               `json:"tries"`
	Bad   int               `json:"bad"`
	// Latency is of good answers, in seconds; nil without one.
	Latency *Latency `json:"latency,omitempty"`
}

// Latency is the spread of the time to an answer, in seconds.
type Latency struct {
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Most   float64 `json:"most"`
}

// BadShare is the share of the tries that failed, 0 to 1; 0 without a try.
func (e Experience) BadShare() float64 { return float64(e.Bad) / float64(max(1, e.Tries)) }

// experience divides the load into before, during and after, and counts each.
func (j *judge) experience() {
	from, begun := j.MarkedAt(evidence.LoadBegan)
	if !begun || j.faultTime.IsZero() {
		return
	}
	recovered, by := j.recovered()
	what := "fault"
	if !j.faulted {
		what = "operator's command"
	}
	for _, part := range [...]struct {
		name, until string
		time        evidence.Interval
	}{
		{"before", what, evidence.Interval{From: from, To: j.faultTime}},
		{"during", by, evidence.Interval{From: j.faultTime, To: recovered}},
		{"after", "end of the load", evidence.Interval{From: recovered, To: j.markedOrEnd(evidence.LoadEnded)}},
	} {
		for _, kind := range [...]string{evidence.Write, evidence.Read} {
			one := Experience{Part: part.name, Until: part.until, Time: part.time, Kind: kind}
			var answered []float64
			for _, a := range j.Attempts {
				if a.Kind != kind || a.At.Before(part.time.From) || !a.At.Before(part.time.To) {
					continue
				}
				one.Tries++
				if !a.Good() {
					one.Bad++
					continue
				}
				answered = append(answered, a.Duration.Seconds())
			}
			one.Latency = latency(answered)
			j.result.Experience = append(j.result.Experience, one)
		}
	}
}

// latency returns the spread of durations in seconds by the nearest rank.
func latency(seconds []float64) *Latency {
	if len(seconds) == 0 {
		return nil
	}
	slices.Sort(seconds)
	rank := func(part float64) float64 { return seconds[min(len(seconds)-1, int(part*float64(len(seconds))))] }
	return &Latency{rank(0.5), rank(0.95), seconds[len(seconds)-1]}
}

// GivenUp are numbers that the client tried until its time was over, and has no acknowledgement of. Nobody was promised anything, so
// none of them is lost; a user saw an error.
type GivenUp struct {
	Numbers int               `json:"numbers"`
	Time    evidence.Interval `json:"time"` // in which they were first tried
	// Stored are there all the same: the answer was lost, not the row.
	Stored int `json:"stored"`
	// Causes are what the last try of each got, most frequent first.
	Causes []Cause `json:"causes"`
}

// Cause is a result of tries.
type Cause struct {
	Text    string `json:"text"`
	Numbers int    `json:"numbers"`
}

// givenUp explains the numbers without an acknowledgement.
func (j *judge) givenUp() {
	acked, last, first := map[int]bool{}, map[int]evidence.Attempt{}, map[int]time.Time{}
	for _, a := range j.Attempts {
		if a.Kind != evidence.Write {
			continue
		}
		acked[a.Number] = acked[a.Number] || a.Good()
		if begun, known := first[a.Number]; !known || a.At.Before(begun) {
			first[a.Number] = a.At
		}
		if known, ok := last[a.Number]; !ok || a.Try > known.Try {
			last[a.Number] = a
		}
	}
	result, causes := GivenUp{Stored: j.result.Requests.Unknown}, map[string]int{}
	for number, a := range last {
		if acked[number] {
			continue
		}
		result.Numbers++
		if begun := first[number]; result.Time.From.IsZero() || begun.Before(result.Time.From) {
			result.Time.From = begun
		}
		if begun := first[number]; begun.After(result.Time.To) {
			result.Time.To = begun
		}
		causes[cause(a)]++
	}
	if result.Numbers == 0 {
		return
	}
	for text, n := range maps.All(causes) {
		result.Causes = append(result.Causes, Cause{text, n})
	}
	slices.SortFunc(result.Causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Numbers, a.Numbers), cmp.Compare(a.Text, b.Text))
	})
	j.result.GivenUp = &result
}

// cause is what a try got, in few words.
func cause(a evidence.Attempt) string {
	region := cmp.Or(a.Region, "no region")
	switch {
	case a.Withheld:
		return "withheld by the client, because its other requests hung"
	case a.Status == 0 && a.Region == "":
		return "the name had no address"
	case a.Status == 0:
		return "no answer of " + region
	}
	return fmt.Sprintf("status %d of %s", a.Status, region)
}
