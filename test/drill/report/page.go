package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.html history.html style.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"seconds":  seconds,
	"clock":    clock,
	"percent":  func(part float64) string { return fmt.Sprintf("%.0f %%", 100*part) },
	"number":   func(n float64) string { return fmt.Sprintf("%.1f", n) },
	"after":    func(n float64) string { return fmt.Sprintf("%+.1f s", n) },
	"moment":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"next":     func(n int) int { return n + 1 },
	"spread":   func(r Range, unit string) string { return r.text(unit) },
	"percents": Range.percent,
	"style": func() (template.CSS, error) {
		content, err := files.ReadFile("style.css")
		return template.CSS(content), err
	},
}).ParseFS(files, "*.html"))

// Page writes a drill's page, which loads nothing.
func Page(to io.Writer, d Document) error {
	err := pages.ExecuteTemplate(to, "page.html", struct {
		Document
		Timeline *Timeline
	}{d, newTimeline(d)})
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
	err := pages.ExecuteTemplate(to, "history.html", struct {
		Entries []Entry
		Spreads []Spread
	}{newest, Spreads(all)})
	if err != nil {
		return fmt.Errorf("writing the page of all drills: %w", err)
	}
	return nil
}
