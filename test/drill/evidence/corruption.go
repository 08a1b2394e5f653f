package evidence

import "time"

// Corruption is the damage that a bad release does to records, and how they came back. Times that were not reached are zero.
type Corruption struct {
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	// Overwritten and Deleted are the numbers of the damaged records.
	Overwritten []int `json:"overwritten"`
	Deleted     []int `json:"deleted"`
	// Errors are of damage that the application refused.
	Errors []string `json:"errors,omitempty"`

	Found      time.Time `json:"found,omitzero"`      // when the operator began to restore
	RestoredTo time.Time `json:"restoredTo,omitzero"` // the second whose data was asked for
	Restored   time.Time `json:"restored,omitzero"`   // when the restored cluster served
	TakenBack  time.Time `json:"takenBack,omitzero"`  // when the damaged rows were back
	// Rows counts the rows that were written back.
	Rows int `json:"rows"`
}

// SetCorruption changes what is known of the corruption.
func (l *Log) SetCorruption(change func(*Corruption)) {
	l.Update(func(e *Evidence) {
		next := Corruption{}
		if e.Corruption != nil {
			next = *e.Corruption
		}
		change(&next)
		e.Corruption = &next
	})
}
