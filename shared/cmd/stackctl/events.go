package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// engineEvent is what stackctl reads of one event of Pulumi's engine: a line of the file that --event-log names
// (github.com/pulumi/pulumi/sdk/v3/go/common/apitype, EngineEvent).
type engineEvent struct {
	Diagnostic *struct {
		URN      string `json:"urn"`
		Message  string `json:"message"`
		Severity string `json:"severity"` // info, info#err, warning or error
	} `json:"diagnosticEvent"`
	Finished *engineStep `json:"resOutputsEvent"`
	Failed   *engineStep `json:"resOpFailedEvent"`
	Summary  *struct {
		Changes map[string]int `json:"resourceChanges"`
		Preview bool           `json:"isPreview"`
	} `json:"summaryEvent"`
}

// engineStep is an operation of the engine on one resource.
type engineStep struct {
	Metadata struct {
		Op    string   `json:"op"`
		URN   string   `json:"urn"`
		Keys  []string `json:"keys"`  // those that cause a replacement
		Diffs []string `json:"diffs"` // those that changed
	} `json:"metadata"`
	Planning bool `json:"planning"`
}

// operations are what is counted of a stack, in the order in which they are printed, and the engine's names of the steps that are of
// each. Steps that are not listed read or forget, and change nothing.
var operations = []struct {
	done, planned string   // how it is printed
	steps         []string // a replacement has up to three further ones
}{
	{"created", "create", []string{"create", "import"}},
	{"updated", "update", []string{"update"}},
	{"replaced", "replace", []string{"replace"}},
	{"deleted", "delete", []string{"delete"}},
	{"same", "same", []string{"same"}},
}

// maxErrors is how many errors of a stack are printed; the others are in its log.
const maxErrors = 5

// tally is what the engine has said of one stack so far.
type tally struct {
	mu       sync.Mutex
	planned  int            // resources that are expected; 0 where that is not known
	finished map[string]int // by the engine's step
	summary  map[string]int // by the engine's step, of the last operation that came to its end
	preview  bool           // that operation was a preview
	warnings int
	changed  []string // what a preview would do, other than create, a line each
	failed   []string // a line or more each
	hidden   int      // errors beyond maxErrors
	repeated []string // errors that repeat others
}

// begin forgets what an operation before has counted, with the number of resources that are expected.
func (t *tally) begin(expected int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.planned, t.finished, t.summary = expected, map[string]int{}, nil
	t.warnings, t.changed, t.failed, t.hidden, t.repeated = 0, nil, nil, 0, nil
}

// add counts one event.
func (t *tally) add(e engineEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.Diagnostic != nil && e.Diagnostic.Severity == "error":
		t.fail(resourceLabel(e.Diagnostic.URN), e.Diagnostic.Message)
	case e.Diagnostic != nil && e.Diagnostic.Severity == "warning":
		t.warnings++
	case e.Finished != nil:
		step := e.Finished.Metadata
		if !e.Finished.Planning {
			t.finished[step.Op]++
			t.summary = nil // That of the plan.
		} else if slices.Contains([]string{"update", "replace", "delete"}, step.Op) {
			t.changed = append(t.changed, fmt.Sprintf("%-8s %s%s", step.Op, resourceLabel(step.URN), because(step.Keys, step.Diffs)))
		}
	case e.Summary != nil && e.Summary.Preview:
		t.summary, t.preview, t.planned = e.Summary.Changes, true, 0
		for _, count := range e.Summary.Changes {
			t.planned += count
		}
	case e.Summary != nil:
		t.summary, t.preview = e.Summary.Changes, false
	}
}

// because names the properties for which a resource changes.
func because(keys, diffs []string) string {
	names := diffs
	if len(keys) > 0 {
		names = keys
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// repeats are errors that say once more what another says: the provider's log of an error that it returns, too, and the end of the
// operation. They are printed where there is no other.
var repeats = regexp.MustCompile(`^(sdk-v2/\S+ |(update|preview|destroy|refresh) failed$)`)

// fail counts an error of a resource, or of the whole operation.
func (t *tally) fail(resource, message string) {
	text := strings.TrimSpace(plainText(message))
	if resource != "" {
		text = resource + ": " + text
	}
	switch {
	case repeats.MatchString(strings.TrimSpace(plainText(message))):
		t.repeated = append(t.repeated, text)
	case text == "" || slices.Contains(t.failed, text): // The engine repeats what a resource's provider has said.
	case len(t.failed) == maxErrors:
		t.hidden++
	default:
		t.failed = append(t.failed, text)
	}
}

// done is how many resources are finished, and how many are expected; 0 where that is not known.
func (t *tally) done() (finished, expected int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range operations {
		for _, step := range o.steps {
			finished += t.finished[step]
		}
	}
	return finished, t.planned
}

// counts says what was done, as "71 same, 2 updated": the engine's own summary where there is one, what was seen otherwise.
func (t *tally) counts() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := t.summary
	if from == nil { // It was cut off.
		from = t.finished
	}
	var parts []string
	for _, o := range operations {
		count := 0
		for _, step := range o.steps {
			count += from[step]
		}
		if label := o.done; count > 0 {
			if t.preview {
				label = o.planned
			}
			parts = append(parts, fmt.Sprintf("%d %s", count, label))
		}
	}
	return strings.Join(parts, ", ")
}

// warned is how many warnings the engine has printed.
func (t *tally) warned() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.warnings
}

// faults returns what failed, an entry each.
func (t *tally) faults() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	faults := slices.Clone(t.failed)
	if len(faults) == 0 {
		faults = slices.Clone(t.repeated)
	}
	if t.hidden > 0 {
		faults = append(faults, fmt.Sprintf("and %d more errors", t.hidden))
	}
	return faults
}

// changes returns what a preview would do other than create, a line each.
func (t *tally) changes() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.changed)
}

// resourceLabel is a resource as a reader knows it: its type and its name, of urn:pulumi:stack::project::parent$type::name.
func resourceLabel(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 || strings.HasSuffix(parts[2], stackType) {
		return ""
	}
	kinds := strings.Split(parts[2], "$")
	kind := kinds[len(kinds)-1]
	if module, name, found := strings.Cut(kind, "/"); found { // aws:lb/targetGroup:TargetGroup
		_, name, _ = strings.Cut(name, ":")
		kind = module[strings.LastIndex(module, ":")+1:] + "." + name
	}
	return kind + " " + strings.Join(parts[3:], "::")
}

// colors are the directives that the engine writes where a terminal has colors.
var colors = regexp.MustCompile(`<\{%[^%]*%\}>`)

func plainText(message string) string { return colors.ReplaceAllString(message, "") }

// eventReader reads the events of a file that the engine appends to, and empties before each operation.
type eventReader struct {
	file    string
	offset  int64
	pending []byte
}

// read passes on the events that were written since it was last called. A line that is no event, as one that the engine has not
// written whole, is left out: events are shown, and nothing is decided by them.
func (r *eventReader) read(each func(engineEvent)) error {
	file, err := os.Open(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the engine's events: %w", err)
	}
	defer file.Close()
	information, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading the engine's events: %w", err)
	}
	if information.Size() < r.offset {
		r.offset, r.pending = 0, nil
	}
	added, err := io.ReadAll(io.NewSectionReader(file, r.offset, information.Size()-r.offset))
	if err != nil {
		return fmt.Errorf("reading the engine's events: %w", err)
	}
	r.offset += int64(len(added))
	r.pending = append(r.pending, added...)
	for {
		line, rest, whole := bytes.Cut(r.pending, []byte("\n"))
		if !whole {
			return nil
		}
		r.pending = rest
		var e engineEvent
		if json.Unmarshal(line, &e) == nil {
			each(e)
		}
	}
}

// eventInterval is how often the engine's events are read: often enough that a reader sees work go on.
const eventInterval = 200 * time.Millisecond

// follow reads the events until the returned function is called, which reads the last.
func (r *eventReader) follow(each func(engineEvent)) (stop func() error) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		repeat(eventInterval, quit, func() {
			_ = r.read(each) // The last read says what is wrong.
		})
	}()
	return func() error {
		close(quit)
		<-ended
		return r.read(each)
	}
}
