package evidence

import "time"

// OperationKind is what an operation asks for.
type OperationKind string

// The kinds of operation.
const (
	// Create creates a record under an idempotency key, or is answered with the one that the key has created.
	Create OperationKind = "create"
	// ReadRecord reads a record; with a Basis it asks whether the content is still that.
	ReadRecord OperationKind = "read"
	// Update replaces a record's content if it is still the Basis.
	Update OperationKind = "update"
)

// Operation is one request of the load whose histories are checked: several clients that change the same records, each change on what
// its client has read, and clients that repeat keyed creations. It is tried once.
type Operation struct {
	Client   int           `json:"client"` // from 0
	At       time.Time     `json:"at"`     // when it began
	Duration time.Duration `json:"took"`
	Kind     OperationKind `json:"kind"`
	// Subject is what the history is of: a contended record, or an idempotency key.
	Subject string `json:"of"`
	// Basis is the content whose tag the request names.
	Basis string `json:"basis,omitempty"`
	// Value is what an Update writes, unique in the drill; what a read was answered with; of a Create under a key the record's id, of
	// any other one its content.
	Value string `json:"value,omitempty"`
	// Tag is that of the answer.
	Tag    string `json:"tag,omitempty"`
	Region string `json:"region,omitempty"` // of the resolved address
	Status int    `json:"status,omitempty"` // HTTP's; 0 without a response
	Error  string `json:"error,omitempty"`
}

// End is when the answer came, or the operation was given up.
func (o Operation) End() time.Time { return o.At.Add(o.Duration) }

// AddOperation records an operation.
func (l *Log) AddOperation(o Operation) {
	l.Update(func(e *Evidence) { e.Operations = append(e.Operations, o) })
}
