// Package nameserver asks the name servers of the hosted zone where the global name leads.
//
// It asks each of them directly, so that no cache answers and no delegation is needed: a zone that no parent has delegated yet, or
// never will as in an environment without a domain of its own, is served all the same. Route 53's name servers are its data plane,
// which does not depend on a region (AWS Fault Isolation Boundaries, "Route 53"); nothing here calls its control plane.
//
// What the answers mean:
//
//   - The global name leads to a region when the addresses that a server gives for it are some of those that the same server gives for
//     that region's own name, and none of the other's.
//   - It is known when at least two servers say so and no server says otherwise. Servers disagree while Route 53 changes its answer,
//     which takes seconds; a server that is silent, refuses, is not authoritative for the zone or has no address is not counted.
//   - The records of the global name evaluate the health of their load balancer too (EvaluateTargetHealth), so it also leads away
//     from a region whose targets are all unhealthy.
//   - When both regions are unhealthy Route 53 answers with the primary (Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses
//     records when health checking is configured"): users stay, and there is no standby to which the writer could be moved.
package nameserver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/shared/contract/controller"
)

const (
	// AddressVariable is the environment variable with the host:port at which every name server is asked. It is the counterpart of
	// AWS_ENDPOINT_URL, for an emulator whose name servers have no addresses of their own; on AWS it is not set.
	AddressVariable = "WARMSTANDBY_NAME_SERVER"
	// budget bounds all questions. It is less than gatherTimeout of package observe, so that what was heard is not thrown away with
	// what was not.
	budget = 2500 * time.Millisecond
	// quorum is how many servers must agree: one alone may lag behind.
	quorum = 2
)

// Router implements observe.Router.
type Router struct {
	servers                  []string
	global, primary, standby string // names
	primaryRegion            string
	standbyRegion            string
	// refused is why nobody is asked; empty when somebody is.
	refused string
	ask     func(ctx context.Context, server, name string) ([]address, error)
}

// endpointVariable is the environment variable with which AWS's SDKs call an emulator (AWS SDKs and Tools Reference Guide,
// "Service-specific endpoints").
const endpointVariable = "AWS_ENDPOINT_URL"

// FromEnvironment returns the router that the variables of the process ask for. Where AWS_ENDPOINT_URL leads to an emulator and
// AddressVariable is not set it asks nobody: the emulator's zones have name servers of AWS's names, which do not serve them.
func FromEnvironment(c controller.Config, variable func(string) string) Router {
	override := variable(AddressVariable)
	if override == "" && variable(endpointVariable) != "" {
		return Router{refused: endpointVariable + " is set and " + AddressVariable + " is not, so no name server is asked"}
	}
	return New(c, override)
}

// New returns the router of an environment. override is the host:port at which every server is asked; empty, each is asked at its
// own address.
func New(c controller.Config, override string) Router {
	if len(c.NameServers) == 0 {
		return Router{refused: "the controller's configuration names no name servers, until global-edge is deployed again"}
	}
	return Router{
		servers: distinct(c.NameServers), global: c.GlobalName, primary: c.PrimaryName, standby: c.StandbyName,
		primaryRegion: c.PrimaryRegion, standbyRegion: c.StandbyRegion, ask: asker{override}.addresses,
	}
}

// distinct returns the servers, each once: one that is named twice must not be its own quorum.
func distinct(servers []string) []string {
	var once []string
	for _, server := range servers {
		if server = strings.ToLower(strings.TrimSuffix(server, ".")); !slices.Contains(once, server) {
			once = append(once, server)
		}
	}
	return once
}

// verdict is what one server says: a region, or why it counts for nothing.
type verdict struct {
	server, region string
	err            error
}

// Route implements observe.Router.
func (r Router) Route(ctx context.Context) (decision.Routing, error) {
	if r.refused != "" {
		return decision.Routing{Detail: r.refused}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	verdicts := make([]verdict, len(r.servers))
	var all sync.WaitGroup
	for i, server := range r.servers {
		all.Go(func() {
			region, err := r.region(ctx, server)
			verdicts[i] = verdict{server, region, err}
		})
	}
	all.Wait()
	return r.judge(verdicts), nil
}

// region asks one server for the three names and returns the region to which the global one leads.
func (r Router) region(ctx context.Context, server string) (string, error) {
	names := [...]string{r.global, r.primary, r.standby}
	var addresses [len(names)][]address
	var errs [len(names)]error
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { addresses[i], errs[i] = r.ask(ctx, server, name) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return "", err
		}
	}
	global, primary, standby := addresses[0], addresses[1], addresses[2]
	switch {
	case leads(global, primary, standby):
		return r.primaryRegion, nil
	case leads(global, standby, primary):
		return r.standbyRegion, nil
	}
	return neither, nil
}

// neither is the verdict on an answer that has addresses of neither region, or of both.
const neither = "neither region, or both"

// leads says whether some of a name's addresses are a region's, and none the other region's.
func leads(global, region, other []address) bool {
	return overlap(global, region) && !overlap(global, other)
}

func overlap(some, others []address) bool {
	return slices.ContainsFunc(some, func(one address) bool { return slices.Contains(others, one) })
}

// judge returns what the servers say together.
func (r Router) judge(verdicts []verdict) decision.Routing {
	counts, silent := map[string]int{}, []string(nil)
	for _, one := range verdicts {
		if one.err != nil {
			silent = append(silent, one.server+": "+one.err.Error())
			continue
		}
		counts[one.region]++
	}
	var heard []string
	for region, count := range counts {
		heard = append(heard, fmt.Sprintf("%d of %d name servers answer with %s", count, len(verdicts), region))
	}
	slices.Sort(heard)
	if len(heard) == 0 {
		heard = []string{fmt.Sprintf("none of %d name servers answers", len(verdicts))}
	}
	known := len(counts) == 1 && counts[neither] == 0 && len(verdicts)-len(silent) >= quorum
	return decision.Routing{
		Known: known, Primary: known && counts[r.primaryRegion] > 0, Detail: strings.Join(append(heard, silent...), "; "),
	}
}
