package evidence

import (
	"testing"
	"time"
)

func TestBusiest(t *testing.T) {
	t.Run("the busiest minute is found within its interval", func(t *testing.T) {
		start := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
		// Nothing waits but for the third minute, for half of it.
		var waits []PressureSample
		for second := 0; second <= 300; second += 5 {
			waited := time.Duration(min(max(second-120, 0), 60)) * time.Second / 2
			waits = append(waits, PressureSample{start.Add(time.Duration(second) * time.Second), time.Hour + waited})
		}
		for _, test := range []struct {
			name     string
			waits    []PressureSample
			from, to int // seconds
			part     float64
			ok       bool
		}{
			{"within all of it", waits, 0, 300, 0.5, true},
			{"within a time that ends before", waits, 0, 100, 0, true},
			{"within a time that has half of it", waits, 150, 300, 0.25, true},
			{"within half a minute", waits, 120, 150, 0, false},
			{"when nobody looked", nil, 0, 300, 0, false},
			{"of looks two minutes apart", []PressureSample{waits[0], waits[24], waits[48]}, 0, 300, 0.25, true},
		} {
			e := Evidence{CPUPressure: test.waits}
			part, ok := e.Busiest(start.Add(time.Duration(test.from)*time.Second), start.Add(time.Duration(test.to)*time.Second))
			if part != test.part || ok != test.ok {
				t.Errorf("%s: %.3f, %t; want %.3f, %t", test.name, part, ok, test.part, test.ok)
			}
		}
	})
}
