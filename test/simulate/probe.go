package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/observe"
)

// Probe implements observe.Prober: what the controller's own probe of an application brings.
func (r *run) Probe(ctx context.Context, url string) observe.ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, observe.ProbeTimeout)
	defer cancel()
	of, name := west, "Probe.standby"
	if strings.HasPrefix(url, controllerConfig.PrimaryURL) {
		of, name = east, "Probe.primary"
	}
	var got response
	err := r.call(ctx, name, never, func(d *dice) error {
		if cut := of == east && (r.is(CutRegions) || r.is(CutWestInternet)); !cut {
			got = r.ask(of, strings.HasSuffix(url, observe.ReadyPath), d.next())
		}
		return nil
	})
	if err == nil && got.status == 0 { // no answer: the probe waits for it
		deadline, _ := ctx.Deadline()
		time.Sleep(time.Until(deadline))
	}
	if err != nil || got.status == 0 {
		return observe.ProbeResult{Outcome: "a time-out"}
	}
	return observe.ProbeResult{OK: got.status == 200, Outcome: fmt.Sprintf("status %d", got.status)}
}
