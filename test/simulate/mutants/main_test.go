package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
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
