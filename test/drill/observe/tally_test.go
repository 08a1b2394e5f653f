package observe

import (
	"slices"
	"testing"
)

func TestTally(t *testing.T) {
	t.Run("events are compared with the stored records", func(t *testing.T) {
		received := map[string]int{"kept": 1, "twice": 2, "gone": 1, "of somebody else": 1}
		stored := map[string]bool{"kept": true, "twice": true, "silent": true}
		acknowledged := map[string]bool{"kept": true, "twice": true, "gone": true}
		count := Tally(received, stored, acknowledged)
		if !count.Counted || !slices.Equal(count.Lost, []string{"silent"}) || count.Arrived != 3 || count.Doubled != 1 || count.Orphans != 1 {
			t.Errorf("counted %+v, want silent lost, 3 arrived, 1 doubled and 1 of a row that is gone", count)
		}
	})
}
