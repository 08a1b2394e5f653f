package evidence

import "time"

// Reconciliation is the operator's reconciliation after a failover with data loss, with the rows that were stored before it.
type Reconciliation struct {
	// CountedAt is when counting Before began: a row that was acknowledged earlier and is not in it, was lost.
	CountedAt time.Time   `json:"countedAt"`
	Before    map[int]int `json:"before"` // how many rows of each number
	// Ended is when the command reported; zero if it never did.
	Ended time.Time `json:"ended,omitzero"`
	// Snapshot is the name of the old volume's snapshot.
	Snapshot string `json:"snapshot,omitempty"`
	// Lost, Returned, Conflict and Doubled count changes by the command's report.
	Lost     int `json:"lost"`
	Returned int `json:"returned"`
	Conflict int `json:"conflict"`
	Doubled  int `json:"doubled"`
	// Conflicts are the ids of the records that were put aside for a person.
	Conflicts []string `json:"conflicts,omitempty"`
}
