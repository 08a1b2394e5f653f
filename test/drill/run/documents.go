package run

import (
	"context"
	"time"

	"warmstandby/test/drill/evidence"
)

// documentsTimeout bounds the wait for documents of the other region's bucket. S3 replicates most objects within seconds, and those of
// a region that was cut off when it is back.
const documentsTimeout = 2 * time.Minute

// findDocuments looks in the primary region for each document that S3 has acknowledged.
func (d *Drill) findDocuments(ctx context.Context) {
	var documents []evidence.Document
	d.Log.Read(func(e *evidence.Evidence) { documents = append(documents, e.Documents...) })
	var missing int
	for end := time.Now().Add(documentsTimeout); ; sleep(ctx, retryInterval) {
		missing = 0
		for i := range documents {
			one := &documents[i]
			if !one.Good() || one.Found == evidence.Yes {
				continue
			}
			one.Found = evidence.Yes
			if err := d.Watch.CheckDocument(ctx, d.Watch.Primary, d.Client, *one); err != nil {
				one.Found = err.Error()
				missing++
			}
		}
		if missing == 0 || ctx.Err() != nil || time.Now().After(end) {
			break
		}
	}
	if len(documents) == 0 {
		return
	}
	d.Logf("of %d documents %d are not there", len(documents), missing)
	d.Log.Update(func(e *evidence.Evidence) { e.Documents = documents })
}
