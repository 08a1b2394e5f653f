package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report adds up results.
type Report struct {
	seeds  int
	met    [rareCases]int
	faults [kinds]int
	causes map[string]*distribution
	wrong  []string
	kinds  map[string]int // of what is wrong
}

// distribution is what became of the seeds of one cause.
type distribution struct {
	seeds, moved, recovered int
	gaps, spans             []timed
	lost                    int
}

type timed struct {
	length time.Duration
	seed   uint64
}

// NewReport returns an empty report.
func NewReport() *Report { return &Report{causes: map[string]*distribution{}, kinds: map[string]int{}} }

// wrongLimit is how many wrong seeds are listed in full.
const wrongLimit = 20

// Add adds a result.
func (r *Report) Add(one Result) {
	r.seeds++
	for rare := range rareCases {
		if one.Met&(1<<rare) != 0 {
			r.met[rare]++
		}
	}
	for kind := range kinds {
		if one.faults&(1<<kind) != 0 {
			r.faults[kind]++
		}
	}
	d := r.causes[one.Cause]
	if d == nil {
		d = &distribution{}
		r.causes[one.Cause] = d
	}
	d.seeds++
	d.lost += one.Lost
	if len(one.Moves) > 0 {
		d.moved++
	}
	if one.Recovered {
		d.recovered++
	}
	d.gaps = append(d.gaps, timed{one.Gap, one.Seed})
	if one.Lost > 0 {
		d.spans = append(d.spans, timed{one.Span, one.Seed})
	}
	reported := map[string]bool{}
	for _, v := range one.Violations {
		if !reported[v.Rule] {
			reported[v.Rule] = true
			r.add(one, v.Rule, v.String())
		}
	}
	if one.Wrong != "" {
		r.add(one, "wrong answer: "+one.Cause, one.Wrong)
	}
}

func (r *Report) add(one Result, kind, text string) {
	if r.kinds[kind]++; r.kinds[kind] <= wrongLimit {
		r.wrong = append(r.wrong, fmt.Sprintf("seed %d (%s): %s", one.Seed, one.Cause, text))
	}
}

// enoughSeeds is from how many seeds on each rare case must have come up.
const enoughSeeds = 1000

// Faults returns what is wrong: seeds that break a rule or give a wrong answer, and rare cases that never came up.
func (r *Report) Faults() []string {
	wrong := slices.Clone(r.wrong)
	slices.Sort(wrong)
	for kind, count := range r.kinds {
		wrong = append(wrong, fmt.Sprintf("%d seeds: %s", count, kind))
	}
	if r.seeds < enoughSeeds {
		return wrong
	}
	for rare, count := range r.met {
		if count == 0 {
			wrong = append(wrong, "never met in "+fmt.Sprint(r.seeds)+" seeds: "+rareNames[rare])
		}
	}
	for kind, count := range r.faults {
		if count == 0 {
			wrong = append(wrong, "never met in "+fmt.Sprint(r.seeds)+" seeds: "+kindNames[kind])
		}
	}
	return wrong
}

// Text returns the report as Markdown.
func (r *Report) Text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d seeds\n\n", r.seeds)
	text.WriteString("| cause | seeds | moved | RTO: median | p95 | worst (seed) | RPO: median | p95 | worst (seed) |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	for _, s := range scenarios {
		d := r.causes[s.cause]
		if d == nil {
			continue
		}
		fmt.Fprintf(&text, "| %s | %d | %d | %s | %s |\n", s.cause, d.seeds, d.moved, quantiles(d.gaps), quantiles(d.spans))
	}
	text.WriteString("\n| rare case | seeds |\n|---|---|\n")
	for rare, count := range r.met {
		fmt.Fprintf(&text, "| %s | %d |\n", rareNames[rare], count)
	}
	for kind, count := range r.faults {
		fmt.Fprintf(&text, "| %s | %d |\n", kindNames[kind], count)
	}
	return text.String()
}

// quantiles returns the median, the 95th percentile and the greatest, with its seed, as cells of a table.
func quantiles(all []timed) string {
	if len(all) == 0 {
		return "– | – | –"
	}
	slices.SortFunc(all, func(a, b timed) int {
		return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(a.seed, b.seed))
	})
	at := func(part float64) time.Duration { return all[int(part*float64(len(all)-1))].length }
	worst := all[len(all)-1]
	return fmt.Sprintf("%.0f s | %.0f s | %.0f s (%d)", at(0.5).Seconds(), at(0.95).Seconds(), worst.length.Seconds(), worst.seed)
}
