package zone

import (
	"slices"
	"testing"
)

func TestZones(t *testing.T) {
	ids := []string{"use1-az10", "use1-az3", "use1-az9", "use1-az1"}
	slices.SortFunc(ids, Compare)
	if want := []string{"use1-az1", "use1-az3", "use1-az9", "use1-az10"}; !slices.Equal(ids, want) {
		t.Errorf("the order is %q, want %q", ids, want)
	}
	if got := slices.DeleteFunc(ids, Unsuited); slices.Contains(got, "use1-az3") || len(got) != 3 {
		t.Errorf("suited are %q", got)
	}
}
