package observe

import (
	"context"

	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
)

// CheckDocument reads a document by a region's application and bucket. The error says what is wrong with it.
func (w *Watch) CheckDocument(ctx context.Context, region string, c *client.Client, wanted evidence.Document) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	address, err := w.Names.OwnAddress(ctx, region)
	if err != nil {
		return err
	}
	return c.CheckDocument(ctx, w.application(region), address, wanted)
}
