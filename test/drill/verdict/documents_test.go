package verdict

import (
	"fmt"
	"strings"
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestDocuments(t *testing.T) {
	// document is of an acknowledged write that was begun at or after a moment.
	document := func(r *recording, seconds float64, found string) evidence.Document {
		for _, a := range r.Attempts {
			if a.Good() && !a.At.Before(secondsAfterFault(seconds)) {
				return evidence.Document{At: a.End(), Number: a.Number, ID: a.ID, Status: 200, Found: found}
			}
		}
		t.Fatalf("no write was good after %.0f s", seconds)
		return evidence.Document{}
	}
	for _, test := range []struct {
		name    string
		breaks  func(*recording)
		verdict Verdict
		message string
		want    Documents
		missing int
	}{
		{
			name:    "a document is there",
			breaks:  func(r *recording) { r.Documents = []evidence.Document{document(r, -20, evidence.Yes)} },
			verdict: Pass, want: Documents{Acked: 1},
		},
		{
			name: "the document of a row that came back is there",
			breaks: func(r *recording) {
				one := document(r, -1, evidence.Yes)
				delete(r.Reconciliation.Before, one.Number)
				delete(r.Arrivals, one.Number)
				r.Documents = []evidence.Document{one}
			},
			verdict: Pass, want: Documents{Acked: 1, OfLostRows: 1},
		},
		{
			name: "the document of a row that was written after the count was never lost",
			breaks: func(r *recording) {
				one := document(r, 860, evidence.Yes)
				delete(r.Reconciliation.Before, one.Number)
				r.Documents = []evidence.Document{one}
			},
			verdict: Pass, want: Documents{Acked: 1},
		},
		{
			name: "an upload that S3 has not acknowledged may be lost",
			breaks: func(r *recording) {
				one := document(r, -20, "S3 answers 404")
				one.Status = 503
				r.Documents = []evidence.Document{one}
			},
			verdict: Pass,
		},
		{
			name:    "an acknowledged document is not there",
			breaks:  func(r *recording) { r.Documents = []evidence.Document{document(r, -20, "S3 answers 404")} },
			verdict: Fail, message: "1 acknowledged documents are not there: of the numbers ", want: Documents{Acked: 1}, missing: 1,
		},
		{
			name: "the document of a row in conflict waits with it",
			breaks: func(r *recording) {
				one := document(r, -20, "the application answers 404")
				r.Documents, r.Reconciliation.Conflicts = []evidence.Document{one}, []string{one.ID}
			},
			verdict: Pass, want: Documents{Acked: 1, Conflict: 1},
		},
		{
			name:    "nobody looked for the documents",
			breaks:  func(r *recording) { r.Documents = []evidence.Document{document(r, -20, "")} },
			verdict: Fail, message: "were not looked for", want: Documents{Acked: 1},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("split")
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			got := *result.Documents
			if len(got.Missing) != test.missing {
				t.Errorf("%d documents are missing, want %d", len(got.Missing), test.missing)
			}
			if got.Missing = nil; fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("the documents are %+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("a drill that was to put documents and put none proves nothing", func(t *testing.T) {
		s, r := passingRecording("database-lost")
		r.Documents = nil
		if result := Of(s, r.Evidence); result.Verdict != Inconclusive || !strings.Contains(result.Reasons[0], "No document was put") {
			t.Errorf("%s: %q", result.Verdict, result.Reasons)
		}
	})
	t.Run("a drill without documents has no count of them", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		if result := Of(s, r.Evidence); result.Documents != nil {
			t.Errorf("the documents are %+v", result.Documents)
		}
	})
}
