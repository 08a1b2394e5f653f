package policy

import (
	"reflect"
	"testing"
)

// The condition names the account.
func TestSourceAccount(t *testing.T) {
	want := Conditions{"StringEquals": {"aws:SourceAccount": {"111122223333"}}}
	if got := SourceAccount("111122223333"); !reflect.DeepEqual(got, want) {
		t.Errorf("the conditions are %v, want %v", got, want)
	}
}
