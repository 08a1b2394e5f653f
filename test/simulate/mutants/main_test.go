package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEveryMutantIsPlantedInTheCodeAsItIs(t *testing.T) {
	all := slices.Concat(mutants, longMutants)
	if len(all) < 30 {
		t.Errorf("there are %d mutants, want 30 at least", len(all))
	}
	seen := map[string]bool{}
	for _, m := range all {
		t.Run(m.description, func(t *testing.T) {
			text, err := m.apply(filepath.Join("../../..", folder, m.file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), m.file, text, 0); err != nil {
				t.Errorf("the mutant is no Go: %v", err)
			}
			if seen[m.description] || m.old == m.new {
				t.Error("it is there twice, or changes nothing")
			}
			seen[m.description] = true
		})
	}
}

func TestTheReadmeHasEachMutantWithItsFile(t *testing.T) {
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "<!-- mutants: begin -->")
	table, _, closed := strings.Cut(rest, "<!-- mutants: end -->")
	if !closed {
		t.Fatal("the page has no table of mutants")
	}
	all := slices.Concat(mutants, longMutants)
	for _, m := range all {
		if row := fmt.Sprintf("\n| %s | `%s` | ", m.description, m.file); !strings.Contains(table, row) {
			t.Errorf("the page has no row %q: go run ./test/simulate/mutants prints them", row)
		}
	}
	const head = 2
	if rows := strings.Count(table, "\n|") - head; rows != len(all) {
		t.Errorf("the page has %d mutants, want %d", rows, len(all))
	}
}
