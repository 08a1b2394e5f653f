package verdict

import (
	"slices"

	"warmstandby/test/drill/evidence"
)

// Documents counts the documents that S3 has acknowledged.
type Documents struct {
	Acked int `json:"acknowledged"`
	// OfLostRows are those whose rows the failover gave up, so that nobody could have found them without the reconciliation.
	OfLostRows int `json:"ofLostRows"`
	// Conflict are those whose rows are in conflict: the object is there, and the row waits for a person.
	Conflict int       `json:"conflict"`
	Missing  []LostRow `json:"missing,omitempty"`
}

// checkDocuments fails a drill in which an acknowledged document is not there, unless its row is listed as in conflict.
func (j *judge) checkDocuments() {
	if len(j.Documents) == 0 {
		if j.Expectations.Documents && j.Aborted == "" {
			j.doubt("No document was put, so it is not known whether they outlive the failover.")
			return
		}
		j.skip(notPart)
		return
	}
	result := &Documents{}
	j.result.Documents = result
	sought := true
	for _, d := range j.Documents {
		if !d.Good() {
			continue
		}
		result.Acked++
		if r := j.Reconciliation; r != nil && d.End().Before(r.CountedAt) && r.Before[d.Number] == 0 {
			result.OfLostRows++
		}
		switch {
		case d.Found == evidence.Yes:
		case j.inConflict(d.ID):
			result.Conflict++
		case d.Found == "":
			sought = false
		default:
			result.Missing = append(result.Missing, j.lostRow(d.Number, d.ID, d.End(), StillLost))
		}
	}
	if !sought && j.Aborted == "" {
		j.fail("The documents were not looked for: what was lost of them is not known.")
	}
	if len(result.Missing) > 0 {
		first := slices.IndexFunc(j.Documents, func(d evidence.Document) bool { return d.Number == result.Missing[0].Number })
		j.fail("%d acknowledged documents are not there: of the numbers %s; the first: %s.",
			len(result.Missing), formatNumbers(result.Missing), j.Documents[first].Found)
	}
}
