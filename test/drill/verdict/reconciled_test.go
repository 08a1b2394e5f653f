package verdict

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
)

func TestReconciled(t *testing.T) {
	id := func(number int) string { return fmt.Sprint("id-", number) }
	report := func(r *recording, lost, returned, conflict int) {
		r.Reconciliation.Lost, r.Reconciliation.Returned, r.Reconciliation.Conflict = lost, returned, conflict
	}
	for _, test := range []struct {
		name    string
		breaks  func(*recording)
		verdict Verdict
		message string
		want    Reconciled
		still   int
	}{
		{
			name: "nothing was lost", breaks: func(*recording) {}, verdict: Pass,
		},
		{
			name: "all lost rows are back",
			breaks: func(r *recording) {
				r.lose(3, 0)
				report(r, 3, 3, 0)
			},
			verdict: Pass, want: Reconciled{Lost: 3, Returned: 3, Changes: Changes{Lost: 3, Returned: 3}},
		},
		{
			name: "a lost row that is in conflict is listed",
			breaks: func(r *recording) {
				aside := r.lose(3, 0)[0]
				delete(r.Rows.Records, aside)
				r.Reconciliation.Conflicts = []string{id(aside)}
				report(r, 3, 2, 1)
			},
			verdict: Pass, want: Reconciled{Lost: 3, Returned: 2, Conflict: 1, Changes: Changes{Lost: 3, Returned: 2, Conflict: 1}},
		},
		{
			name: "a lost row is neither back nor in conflict",
			breaks: func(r *recording) {
				lost := r.lose(3, 0)
				delete(r.Rows.Records, lost[0])
				r.Reconciliation.Conflicts = []string{id(lost[1])}
				report(r, 2, 2, 0)
			},
			verdict: Fail, message: "1 acknowledged rows are still lost after the reconciliation and not in conflict: ",
			want: Reconciled{Lost: 3, Returned: 2, Changes: Changes{Lost: 2, Returned: 2}}, still: 1,
		},
		{
			name:    "a row that was stored before is gone",
			breaks:  func(r *recording) { delete(r.Rows.Records, 7) },
			verdict: Fail, message: "not in conflict: 7.", still: 1,
		},
		{
			name: "a row is stored twice",
			breaks: func(r *recording) {
				lost := r.lose(1, 0)
				r.Rows.Records[lost[0]] = 2
				report(r, 1, 1, 0)
			},
			verdict: Fail, message: "written more than once",
			want: Reconciled{Lost: 1, Returned: 1, Doubled: 1, Changes: Changes{Lost: 1, Returned: 1}},
		},
		{
			name:    "the report has doubled changes",
			breaks:  func(r *recording) { r.Reconciliation.Doubled = 2 },
			verdict: Fail, message: "2 changes are there twice", want: Reconciled{Changes: Changes{Doubled: 2}},
		},
		{
			name:    "the report's sums do not fit together",
			breaks:  func(r *recording) { report(r, 3, 1, 1) },
			verdict: Fail, message: "reports 3 lost changes, and 1 returned and 1 in conflict",
			want: Reconciled{Changes: Changes{Lost: 3, Returned: 1, Conflict: 1}},
		},
		{
			name: "the command never ended",
			breaks: func(r *recording) {
				r.Reconciliation.Ended = time.Time{}
				r.lose(2, 0)
			},
			verdict: Fail, message: "The reconciliation did not end: 2 lost rows, of which 2 are back.", want: Reconciled{Lost: 2, Returned: 2},
		},
		{
			name: "the row of another user is still lost, and no overload excuses it",
			breaks: func(r *recording) {
				r.busy(0.99)
				r.OtherUsers = map[evidence.User][]evidence.Attempt{evidence.KeepsAddress: {{
					At: secondsAfterFault(-5), Kind: evidence.Write, Number: 2_000_001, Region: east, Status: 201, ID: "other",
				}}}
			},
			verdict: Fail, message: "not in conflict: 2000001.", want: Reconciled{Lost: 1}, still: 1,
		},
		{
			name: "a row that was acknowledged during the reconciliation is lost",
			breaks: func(r *recording) {
				for _, a := range r.Attempts {
					if a.At.After(secondsAfterFault(860)) {
						delete(r.Rows.Records, a.Number)
						return
					}
				}
			},
			verdict: Fail, message: "1 acknowledged rows are still lost", want: Reconciled{Lost: 1}, still: 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("split")
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			got := *result.Reconciled
			if len(got.StillLost) != test.still {
				t.Errorf("%d rows are still lost, want %d", len(got.StillLost), test.still)
			}
			if got.StillLost = nil; fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("the reconciliation is %+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("each lost row says what became of it", func(t *testing.T) {
		s, r := passingRecording("split")
		lost := r.lose(3, 0)
		delete(r.Rows.Records, lost[1])
		delete(r.Rows.Records, lost[2])
		r.Reconciliation.Conflicts = []string{id(lost[1])}
		rows := Of(s, r.Evidence).RPO.Lost
		want := []Outcome{StillLost, InConflict, Returned}
		if len(rows) != len(want) {
			t.Fatalf("%d rows are lost, want %d", len(rows), len(want))
		}
		for i, row := range rows {
			if row.Number != lost[2-i] || row.Outcome != want[i] {
				t.Errorf("row %d is %+v, want number %d, %s", i, row, lost[2-i], want[i])
			}
		}
	})
	for name, want := range map[string]Verdict{"split": Fail, "database-lost": Fail, "region-lost": Pass} {
		t.Run(name+" without a reconciliation", func(t *testing.T) {
			s, r := passingRecording(name)
			r.Reconciliation = nil
			result := Of(s, r.Evidence)
			if said := strings.Contains(strings.Join(result.Reasons, "\n"), "was not reconciled"); result.Verdict != want || said != (want == Fail) {
				t.Errorf("%s: %q, want %s", result.Verdict, result.Reasons, want)
			}
		})
	}
}
