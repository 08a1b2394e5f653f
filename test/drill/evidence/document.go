package evidence

import (
	"net/http"
	"time"
)

// Document is the upload of a record's document by the URL that the application signed for it, tried once.
type Document struct {
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"took"`
	Number   int           `json:"number"`
	ID       string        `json:"id"`               // of the record
	Region   string        `json:"region,omitempty"` // of the resolved address
	Status   int           `json:"status,omitempty"` // of S3's answer; 0 without one
	Error    string        `json:"error,omitempty"`
	// Found is Yes when the document was there with its content at the end of the drill, or else what was there. It is empty when
	// nobody looked.
	Found string `json:"found,omitempty"`
}

// End is when the answer came, or the upload was given up.
func (d Document) End() time.Time { return d.At.Add(d.Duration) }

// Good reports whether S3 has acknowledged the document.
func (d Document) Good() bool { return d.Status == http.StatusOK }

// AddDocument records an upload.
func (l *Log) AddDocument(d Document) {
	l.Update(func(e *Evidence) { e.Documents = append(e.Documents, d) })
}
