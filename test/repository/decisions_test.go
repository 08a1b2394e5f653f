package repository

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// decisionsFolder holds one file for each decision, NNNN-title.md.
const decisionsFolder = ".adr"

// decisionName is the file name of a decision; its groups are the number and the title.
var decisionName = regexp.MustCompile(`^(\d{4})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md$`)

// supersededBy is the status of a decision that no longer holds, or holds in part; its group is the file name of the one that replaces
// it.
var supersededBy = regexp.MustCompile(`^superseded (?:in part )?by \[decision \d+\]\(([^)]+)\)$`)

// sections are the headings that every decision has, in this order. Others may stand after them.
var sections = []string{"Context", "Decision", "Refused"}

// checkDecision returns what is wrong with the form of a decision: its head and its sections. known are all decisions' file names.
func checkDecision(name, text string, known []string) error {
	match := decisionName.FindStringSubmatch(name)
	if match == nil {
		return fmt.Errorf("the file name is not NNNN-title.md")
	}
	number, err := strconv.Atoi(match[1])
	if err != nil {
		return fmt.Errorf("the number of the file name: %w", err)
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 5 || lines[1] != "" || lines[4] != "" {
		return fmt.Errorf("want a title, an empty line, the status, the date and an empty line")
	}
	var errs []error
	if want := fmt.Sprintf("# %d. ", number); !strings.HasPrefix(lines[0], want) || lines[0] == want {
		errs = append(errs, fmt.Errorf("the title is %q, want it to begin with %q, as the file name does", lines[0], want))
	}
	errs = append(errs, checkStatus(lines[2], name, known), checkDate(lines[3]), checkSections(lines))
	return errors.Join(errs...)
}

func checkStatus(line, name string, known []string) error {
	status, is := strings.CutPrefix(line, "- Status: ")
	if !is {
		return fmt.Errorf("the third line is %q, want - Status: and one of proposed, accepted, rejected, superseded by …", line)
	}
	if slices.Contains([]string{"proposed", "accepted", "rejected"}, status) {
		return nil
	}
	successor := supersededBy.FindStringSubmatch(status)
	switch {
	case successor == nil:
		return fmt.Errorf("the status is %q, want proposed, accepted, rejected or superseded (in part) by [decision N](NNNN-title.md)", status)
	case successor[1] == name || !slices.Contains(known, successor[1]):
		return fmt.Errorf("it is superseded by %s, which is no other decision", successor[1])
	default:
		return nil
	}
}

func checkDate(line string) error {
	date, is := strings.CutPrefix(line, "- Date: ")
	if !is {
		return fmt.Errorf("the fourth line is %q, want - Date: and the day as 2006-01-02", line)
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("the date is %q, want the day as 2006-01-02: %w", date, err)
	}
	return nil
}

func checkSections(lines []string) error {
	var found []string
	for _, line := range lines {
		if heading, is := strings.CutPrefix(line, "## "); is {
			found = append(found, heading)
		}
	}
	if len(found) < len(sections) || !slices.Equal(found[:len(sections)], sections) {
		return fmt.Errorf("the sections are %q, want %q first", found, sections)
	}
	return nil
}

func TestDecisions(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(root, decisionsFolder))
	if err != nil || len(entries) == 0 {
		t.Fatalf("finding the decisions: %d, %v", len(entries), err)
	}
	var known []string
	for _, entry := range entries {
		known = append(known, entry.Name())
	}
	for i, name := range known {
		text, err := os.ReadFile(filepath.Join(root, decisionsFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := checkDecision(name, string(text), known); err != nil {
			t.Errorf("%s/%s: %v", decisionsFolder, name, err)
		}
		if i > 0 && name[:4] == known[i-1][:4] {
			t.Errorf("%s and %s have one number", known[i-1], name)
		}
	}
}

func TestCheckDecision(t *testing.T) {
	const name = "0007-capacity.md"
	known := []string{"0001-names.md", name, "0009-keys.md"}
	decision := func(title, status, date, rest string) string {
		return title + "\n\n" + status + "\n" + date + "\n\n" + rest
	}
	const (
		title    = "# 7. Capacity"
		accepted = "- Status: accepted"
		date     = "- Date: 2026-11-22"
		body     = "## Context\nA\n\n## Decision\nB\n\n## Refused\n- C\n"
	)
	for _, test := range []struct {
		name, file, text string
		want             string // a part of the error, "" for none
	}{
		{"an accepted decision", name, decision(title, accepted, date, body), ""},
		{"a proposed decision", name, decision(title, "- Status: proposed", date, body), ""},
		{"further sections may follow", name, decision(title, accepted, date, body+"\n## Limits\nD\n"), ""},
		{
			"a decision that holds in part names its successor", name,
			decision(title, "- Status: superseded in part by [decision 9](0009-keys.md)", date, body), "",
		},
		{
			"a superseded decision names its successor", name,
			decision(title, "- Status: superseded by [decision 9](0009-keys.md)", date, body), "",
		},
		{
			"a successor that does not exist", name,
			decision(title, "- Status: superseded by [decision 8](0008-keys.md)", date, body), "no other decision",
		},
		{
			"a decision that supersedes itself", name,
			decision(title, "- Status: superseded by [decision 7](0007-capacity.md)", date, body), "no other decision",
		},
		{"superseded without a successor", name, decision(title, "- Status: superseded", date, body), "the status is"},
		{"a status that is not known", name, decision(title, "- Status: done", date, body), "the status is"},
		{"no status", name, decision(title, "Accepted", date, body), "the third line"},
		{"no date", name, decision(title, accepted, "2026-11-22", body), "the fourth line"},
		{"a date with a month's name", name, decision(title, accepted, "- Date: 22 November 2026", body), "the date is"},
		{"a day that does not exist", name, decision(title, accepted, "- Date: 2026-02-30", body), "the date is"},
		{"another number than the file's", name, decision("# 8. Capacity", accepted, date, body), "the title is"},
		{"a number without a title", name, decision("# 7. ", accepted, date, body), "the title is"},
		{"no head at all", name, title + "\n\n" + body, "the third line"},
		{"no text after the title", name, title + "\n", "want a title"},
		{"a head with a line too many", name, decision(title, accepted, date+"\n- By: somebody", body), "want a title"},
		{"sections in another order", name, decision(title, accepted, date, "## Decision\n## Context\n## Refused\n"), "the sections are"},
		{"nothing refused", name, decision(title, accepted, date, "## Context\nA\n\n## Decision\nB\n"), "the sections are"},
		{"a file without a number", "capacity.md", decision(title, accepted, date, body), "the file name"},
		{"a file with capitals", "0007-Capacity.md", decision(title, accepted, date, body), "the file name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkDecision(test.file, test.text, known)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}
