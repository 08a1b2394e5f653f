package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// Entry is a past drill.
type Entry struct {
	Began       time.Time       `json:"began"`
	Scenario    string          `json:"scenario"`
	Environment string          `json:"environment"`
	Verdict     verdict.Verdict `json:"verdict"`
	RTO         *float64        `json:"rtoSeconds"`
	AnswerMoved *float64        `json:"answerMovedSeconds"`
	UsersMoved  *float64        `json:"usersMovedSeconds"`
	Outage      float64         `json:"outageSeconds"`
	LostRows    int             `json:"lostRows"`
	LostSeconds float64         `json:"lostSeconds"`
	Busiest     *float64        `json:"busiestMinute"` // CPU pressure, 0 to 1; null if it was not observed
	// Corruption is what a bad release did and what its end cost; nil in other scenarios.
	Corruption *verdict.Corruption `json:"corruption,omitempty"`
	// Folder is the drill's, relative to that of all drills.
	Folder string `json:"folder"`
}

func newEntry(d Document) Entry {
	return Entry{
		d.Evidence.Began, d.Scenario, d.Evidence.Environment, d.Result.Verdict,
		d.Result.RTO, d.Result.AnswerMoved, d.Result.UsersMoved, d.Result.Outage,
		d.Result.RPO.Rows, d.Result.RPO.Seconds, d.Result.Busiest, d.Result.Corruption, folderName(d),
	}
}

// ParseHistory decodes a history.json. It refuses an entry whose folder is not directly in the history's own.
func ParseHistory(content []byte) ([]Entry, error) {
	var all []Entry
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("reading the history of drills: %w", err)
	}
	for i, e := range all {
		if e.Folder == "" || !filepath.IsLocal(e.Folder) || strings.ContainsAny(e.Folder, "/\\") {
			return nil, fmt.Errorf("reading the history of drills: entry %d is in %q, which is not a folder beside it", i, e.Folder)
		}
		if math.IsNaN(e.Outage) || e.LostRows < 0 {
			return nil, fmt.Errorf("reading the history of drills: entry %d has impossible figures", i)
		}
	}
	return all, nil
}

// History returns the past drills, oldest first. A folder without a history has none.
func History(drills string) ([]Entry, error) {
	content, err := os.ReadFile(filepath.Join(drills, HistoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the history of drills: %w", err)
	}
	return ParseHistory(content)
}

// addToHistory adds a drill to the history, writes the page of the history, and returns all drills.
func addToHistory(drills string, one Entry) ([]Entry, error) {
	all, err := History(drills)
	if err != nil {
		return nil, err
	}
	all = append(slices.DeleteFunc(all, func(e Entry) bool { return e.Folder == one.Folder }), one)
	slices.SortStableFunc(all, func(a, b Entry) int { return a.Began.Compare(b.Began) })
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the history of drills: %w", err)
	}
	var html bytes.Buffer
	if err := historyPage(&html, all); err != nil {
		return nil, err
	}
	return all, errors.Join(replace(filepath.Join(drills, HistoryFile), content), replace(filepath.Join(drills, PageFile), html.Bytes()))
}

// Spread has the figures of one scenario over several drills. Inconclusive drills do not count.
type Spread struct {
	Scenario     string
	Drills, Pass int
	Inconclusive int
	RTO          Range
	AnswerMoved  Range
	UsersMoved   Range
	Outage       Range
	LostRows     Range
	LostSeconds  Range
	Busiest      Range // 0 to 1
	// Recovered is the time from the first damage until the damaged rows are back. Found, Restored and TakenBack are its parts.
	Recovered, Found, Restored, TakenBack Range
}

// Range is the spread of one figure; Known is false without any.
type Range struct {
	Known            bool
	Min, Median, Max float64
}

func (r Range) text(unit string) string {
	if !r.Known {
		return "–"
	}
	tenths := func(value float64) string { return strconv.FormatFloat(math.Round(10*value)/10, 'f', -1, 64) }
	if r.Min == r.Max {
		return tenths(r.Max) + unit
	}
	return tenths(r.Min) + " / " + tenths(r.Median) + " / " + tenths(r.Max) + unit
}

func (r Range) percent() string {
	return Range{r.Known, 100 * r.Min, 100 * r.Median, 100 * r.Max}.text(" %")
}

func rangeOf(values []float64) Range {
	if len(values) == 0 {
		return Range{}
	}
	slices.Sort(values)
	n := len(values)
	return Range{true, values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}
}

// Spreads returns the spread of each scenario with drills, in the order of the scenarios' table.
func Spreads(all []Entry) []Spread {
	var spreads []Spread
	for _, s := range scenario.All() {
		spread := Spread{Scenario: s.Name}
		var outage, rows, lost []float64
		var rto, answer, users, busiest, recovered, found, restored, takenBack []float64 // which not every drill has
		for _, e := range all {
			if e.Scenario != s.Name {
				continue
			}
			spread.Drills++
			if e.Verdict == verdict.Inconclusive {
				spread.Inconclusive++
				continue
			}
			if e.Verdict == verdict.Pass {
				spread.Pass++
			}
			corruption := cmp.Or(e.Corruption, &verdict.Corruption{})
			for _, known := range [...]struct {
				figure *float64
				of     *[]float64
			}{
				{e.RTO, &rto}, {e.AnswerMoved, &answer}, {e.UsersMoved, &users}, {e.Busiest, &busiest}, {corruption.RTO, &recovered},
				{corruption.Found, &found}, {corruption.Restore, &restored}, {corruption.TakeBack, &takenBack},
			} {
				if known.figure != nil {
					*known.of = append(*known.of, *known.figure)
				}
			}
			outage, rows, lost = append(outage, e.Outage), append(rows, float64(e.LostRows)), append(lost, e.LostSeconds)
		}
		if spread.Drills > 0 {
			spread.RTO, spread.AnswerMoved, spread.UsersMoved, spread.Busiest = rangeOf(rto), rangeOf(answer), rangeOf(users), rangeOf(busiest)
			spread.Outage, spread.LostRows, spread.LostSeconds = rangeOf(outage), rangeOf(rows), rangeOf(lost)
			spread.Recovered, spread.Found = rangeOf(recovered), rangeOf(found)
			spread.Restored, spread.TakenBack = rangeOf(restored), rangeOf(takenBack)
			spreads = append(spreads, spread)
		}
	}
	return spreads
}

// Table prints the spread of drills, one line for each scenario: minimum, median and maximum where they differ.
func Table(to io.Writer, all []Entry) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(
		table,
		"scenario\tdrills\tpassed\tfirst good write\tanswer moved\tusers moved\tlongest outage\trows lost\tseconds lost\tdamaged rows back\t"+
			"processors waited for",
	)
	for _, s := range Spreads(all) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Scenario, s.Drills, s.Pass,
			s.RTO.text(" s"), s.AnswerMoved.text(" s"), s.UsersMoved.text(" s"),
			s.Outage.text(" s"), s.LostRows.text(""), s.LostSeconds.text(" s"), s.Recovered.text(" s"), s.Busiest.percent())
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the drills: %w", err)
	}
	return nil
}
