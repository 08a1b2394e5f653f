package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

//go:embed page.html incident.html parts.html pictures.html history.html style.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"seconds":  seconds,
	"clock":    clock,
	"percent":  func(part float64) string { return fmt.Sprintf("%.0f %%", 100*part) },
	"part":     func(part float64) string { return fmt.Sprintf("%.1f %%", 100*part) },
	"number":   func(n float64) string { return fmt.Sprintf("%.1f", n) },
	"after":    func(n float64) string { return fmt.Sprintf("%+.1f s", n) },
	"ms":       func(seconds float64) string { return fmt.Sprintf("%.0f ms", 1000*seconds) },
	"moment":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"duration": func(i evidence.Interval) string { return i.Length().Round(time.Second / 10).String() },
	"next":     func(n int) int { return n + 1 },
	"picture":  historyPicture,
	"spread":   func(r Range, unit string) string { return r.text(unit) },
	"percents": Range.percent,
	"outcome":  func(o verdict.CheckOutcome) string { return strings.ReplaceAll(string(o), " ", "-") },
	"alarm": func(state string) string {
		if class, known := map[string]string{"ALARM": "not-met", "OK": "met"}[state]; known {
			return class
		}
		return "not-judged"
	},
	"style": func() (template.CSS, error) {
		content, err := files.ReadFile("style.css")
		return template.CSS(content), err
	},
}).ParseFS(files, "*.html"))

// Page writes a drill's page, which loads nothing. all are the drills to compare with, and sum is the SHA-256 of its drill.json; signed is
// the command by which the sums are signed, empty where they are not.
func Page(to io.Writer, d Document, all []Entry, sum, signed string) error {
	err := pages.ExecuteTemplate(to, "page.html", struct {
		Document
		Timeline    *Timeline
		Trend       *Trend
		Contingency []Specification
		Sum, Signed string
	}{d, newTimeline(d), newTrend(d.Scenario, all, folderName(d)), contingency(d), sum, signed})
	if err != nil {
		return fmt.Errorf("writing the page of the drill: %w", err)
	}
	return nil
}

// historyPage writes the page of all drills, newest first.
func historyPage(to io.Writer, all []Entry) error {
	newest := make([]Entry, 0, len(all))
	for i := range all {
		newest = append(newest, all[len(all)-1-i])
	}
	var trends []*Trend
	for _, s := range scenario.All() {
		if t := newTrend(s.Name, all, ""); t != nil {
			trends = append(trends, t)
		}
	}
	err := pages.ExecuteTemplate(to, "history.html", struct {
		Entries []Entry
		Spreads []Spread
		Trends  []*Trend
	}{newest, Spreads(all), trends})
	if err != nil {
		return fmt.Errorf("writing the page of all drills: %w", err)
	}
	return nil
}
