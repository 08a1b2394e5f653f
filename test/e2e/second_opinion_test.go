//go:build e2e

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"warmstandby/test/secondopinion"
)

// TestSecondOpinion deploys, previews and destroys a platform on the emulator, sends the same requests to moto, another emulator of AWS,
// and holds each difference between the two to a table of excuses.
func TestSecondOpinion(t *testing.T) {
	requireEmulator(t)
	t.Parallel()
	p := newPlatform(t)
	journal := filepath.Join(p.state, "gateway", "requests.jsonl") // The gateway keeps one where the file is there.
	if err := errors.Join(os.MkdirAll(filepath.Dir(journal), 0o700), os.WriteFile(journal, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	p.make(t, "up")
	p.make(t, "preview", noDrift)
	// What functions write is not in the journal. They write every few minutes: with this document both regions have one in every run.
	regions := p.services(t)
	checkRecordsDocument(t, regions[east], regions[west])
	p.make(t, "destroy")

	kept := require(os.Open(journal))(t)
	defer kept.Close()
	exchanges := require(secondopinion.Read(kept))(t)
	python := require(filepath.Abs(filepath.Join(root, ".state", "make", "moto", "bin", "python")))(t)
	results := filepath.Join(root, ".state", "make", "second-opinion")
	if err := os.MkdirAll(results, 0o755); err != nil {
		t.Fatal(err)
	}
	endpoint, stop, err := secondopinion.Start(t.Context(), python, results)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Errorf("stopping moto: %v", err)
		}
	}()
	opinion := require(secondopinion.Replay(t.Context(), endpoint, exchanges))(t)
	file := require(os.Create(filepath.Join(results, "differences.txt")))(t) // make second-opinion prints it.
	if err := errors.Join(opinion.Write(file, secondopinion.Excuses), file.Close()); err != nil {
		t.Error(err)
	}
	if len(opinion.Differences) == 0 {
		t.Error("two emulators that agree in everything were not both asked")
	}
	if err := opinion.Judge(secondopinion.Excuses); err != nil {
		t.Error(err)
	}
}
