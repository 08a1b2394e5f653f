package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/observe"
)

// Probe implements observe.Prober: what the controller's own probe of an application brings.
func (r *run) Probe(ctx context.Context, url string) observe.ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, observe.ProbeTimeout)
	defer cancel()
	begun, ready := time.Now(), strings.HasSuffix(url, observe.ReadyPath)
	of, name := west, "Probe.standby"
	if strings.HasPrefix(url, controllerConfig.PrimaryURL) {
		if of, name = east, "Read.primary"; ready {
			name = "Probe.primary"
		}
	}
	var got response
	err := r.call(ctx, name, never, func(d *dice) error {
		if cut := of == east && (r.is(CutRegions) || r.is(CutWestInternet)); !cut {
			got = r.ask(of, ready, d.next())
		}
		return nil
	})
	if err == nil && got.status == 0 { // no answer: the probe waits for it
		deadline, _ := ctx.Deadline()
		time.Sleep(time.Until(deadline))
	}
	result := observe.ProbeResult{OK: got.status == 200, Outcome: "a time-out", Took: time.Since(begun)}
	switch {
	case err != nil || got.status == 0:
		result.OK, result.Cause = false, decision.CauseUnreachable
	case got.reason != "":
		result.Outcome, result.Cause = fmt.Sprintf("status %d, %s", got.status, got.reason), decision.WriteFailure(got.reason)
	default:
		if result.Outcome = fmt.Sprintf("status %d", got.status); !result.OK {
			result.Cause = decision.CauseUnreachable // an answer of the load balancer
		}
	}
	return result
}

// leastServers is how many name servers must answer the controller.
const leastServers = 2

// Route implements observe.Router: what the zone's name servers answer the controller.
func (r *run) Route(ctx context.Context) (routing decision.Routing, err error) {
	err = r.call(ctx, "Route53.Query", NameServersLost, func(d *dice) error {
		cut := r.active(CutWestInternet)
		if cut != nil && cut.Part > 0.5 { // in half of the seeds the way to the name servers is cut too
			routing.Detail = "no name server answers"
			return nil
		}
		primary, answered := 0, 0
		for i := range r.servers {
			if d.chance(0.02) { // a datagram, and the attempt over TCP, are lost
				continue
			}
			answered++
			if r.servers[i].answer(r.now) {
				primary++
			}
		}
		switch {
		case answered < leastServers:
			routing.Detail = fmt.Sprintf("%d name servers answer", answered)
		case primary != 0 && primary != answered:
			routing.Detail = fmt.Sprintf("%d of %d name servers answer with us-east-1", primary, answered)
			r.meet(metDisagree)
		default:
			routing.Known, routing.Primary = true, primary > 0
			routing.Detail = fmt.Sprintf("%d of %d name servers answer with us-east-1", primary, answered)
		}
		return nil
	})
	return routing, err
}
