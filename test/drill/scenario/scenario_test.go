package scenario

import (
	"slices"
	"testing"
	"time"
)

func TestAll(t *testing.T) {
	t.Run("every scenario can be run and judged", func(t *testing.T) {
		kinds := []Kind{Unreachable, AppDown, DBDown, Split, Isolated, ReplicationStalled, BackupSilent, BackupFailing}
		seen := map[string]bool{}
		for _, s := range All() {
			if seen[s.Name] || s.Summary == "" {
				t.Errorf("%s is there twice, or does not say what it is", s.Name)
			}
			seen[s.Name] = true
			if first := s.Steps[0]; first.Do != Await || first.Until != AllHealthy {
				t.Errorf("%s begins with %v: without calm it would blame the fault for what was wrong before", s.Name, first)
			}
			if load := s.Steps[1]; load.Do != Load || load.Jitter < time.Minute {
				t.Errorf("%s has %+v before its fault, which does not come at any moment of the controller's minute then", s.Name, load)
			}
			broken, healed, asked, failedBack, reconciled, corrupted := false, true, false, false, false, false
			for _, step := range s.Steps {
				switch step.Do {
				case Fault, Blip:
					if !slices.Contains(kinds, step.Kind) || step.Kind != s.Fault || step.Role != s.FaultRole {
						t.Errorf("%s injects %s in the %s, and declares %s in the %s", s.Name, step.Kind, step.Role, s.Fault, s.FaultRole)
					}
					broken, healed = true, step.Do == Blip
				case Heal:
					healed = true
				case Operate:
					asked = asked || slices.Contains([]string{"switchover", "failover"}, step.Command[0])
					if step.Command[0] == "failback" && !healed {
						t.Errorf("%s fails back before it heals", s.Name)
					}
					failedBack = failedBack || step.Command[0] == "failback"
				case Restore:
					if !corrupted {
						t.Errorf("%s restores before anything is damaged", s.Name)
					}
				case Corrupt:
					corrupted = true
				case Reconcile:
					if !failedBack {
						t.Errorf("%s counts the primary region's rows before the writer is back there", s.Name)
					}
					reconciled = true
				}
				if step.Do != Fault && step.Do != Heal && step.For <= 0 {
					t.Errorf("%s has a step without a time: %+v", s.Name, step)
				}
			}
			if broken != (s.Fault != "") || !healed {
				t.Errorf("%s is about %q and ends healed: %t", s.Name, s.Fault, healed)
			}
			if asked != (s.Expectations.MovedBy == "operator") {
				t.Errorf("in %s the %q moves the writer, and the operator asks: %t", s.Name, s.Expectations.MovedBy, asked)
			}
			if e := s.Expectations; e.Documents && e.AllowedLoss != NoLoss && !e.Reconciled {
				t.Errorf("%s demands the documents of rows that may be lost", s.Name)
			}
			if corrupted != s.Expectations.Corrupted {
				t.Errorf("%s damages records: %t, expected: %+v", s.Name, corrupted, s.Expectations)
			}
			if reconciled != s.Expectations.Reconciled || reconciled && s.Expectations.AllowedLoss == NoLoss {
				t.Errorf("%s reconciles: %t, expected: %+v", s.Name, reconciled, s.Expectations)
			}
			if b := s.Expectations; b.WriterMoves != (b.FirstGoodWithin > 0) || b.WriterMoves != (b.Action != "") ||
				b.WriterMoves == (b.MaxOutage > 0) {
				t.Errorf("the bounds of %s do not fit together: %+v", s.Name, b)
			}
			if found, ok := Find(s.Name); !ok || found.Name != s.Name {
				t.Errorf("%s is not found by its name", s.Name)
			}
		}
		want := []string{"region-lost", "flood", "app-lost", "database-lost", "planned-switchover", "split", "flap", "standby-lost",
			"isolated", "replication-stalled", "data-corrupted", "backup-silent", "backup-failing"}
		if len(seen) != len(want) {
			t.Errorf("the scenarios are %s, want %v", Names(), want)
		}
	})
}

func TestWithMaxWait(t *testing.T) {
	t.Run("waits are shortened, loads and faults are not", func(t *testing.T) {
		const maxWait = time.Minute
		for _, s := range All() {
			shortened, unchanged := s.WithMaxWait(maxWait), s.WithMaxWait(0)
			for i, step := range s.Steps {
				waits := step.Do == Await || step.Do == Operate || step.Do == Reconcile || step.Do == Restore
				want := step.For
				if waits {
					want = min(want, maxWait)
				}
				if got := shortened.Steps[i].For; got != want {
					t.Errorf("%s waits for %s in a step of %s, want %s", s.Name, got, step.For, want)
				}
				if unchanged.Steps[i].For != step.For {
					t.Errorf("%s was changed although nothing was asked for", s.Name)
				}
			}
		}
	})
}

func TestFlapSteps(t *testing.T) {
	// Three checks in a row, thirty seconds apart, are what Route 53 takes for a loss: a flap that met them would be one.
	t.Run("no three health checks in a row meet a blip", func(t *testing.T) {
		const every, step = 30 * time.Second, time.Second / 4
		down := func(elapsed time.Duration) bool {
			begun := time.Duration(0)
			for _, s := range flapSteps() {
				if s.Do == Blip && elapsed >= begun && elapsed <= begun+s.For {
					return true
				}
				begun += s.For
			}
			return false
		}
		for first := time.Duration(0); first < 3*time.Minute; first += step {
			if down(first) && down(first+every) && down(first+2*every) {
				t.Errorf("checks %s after the beginning, and 30 and 60 s later, all fail", first)
			}
		}
	})
}
