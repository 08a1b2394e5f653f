package observe

import (
	"context"

	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
)

// CheckDocument reads a document by a region's application and bucket. The error says what is wrong with it.
func (w *Watch) CheckDocument(ctx context.Context, region string, documents client.Documents, wanted evidence.Document) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	address, err := w.Names.OwnAddress(ctx, region)
	if err != nil {
		return err
	}
	target := *w.Global
	target.Host = region + "." + target.Host
	return documents.Check(ctx, target.JoinPath("records").String(), address, wanted.ID, wanted.Number)
}
