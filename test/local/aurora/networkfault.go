package aurora

import (
	"maps"
	"sync"
)

// NetworkFault is a fault of the network that connects clients to the database servers of a region. Greater values are worse:
// of two faults the greater one applies.
type NetworkFault int

const (
	// Connected is the absence of a fault.
	Connected NetworkFault = iota
	// Partitioned means that the region is separated from the other regions. Connections between regions behave as Blackholed;
	// connections whose client's region is unknown, as those to an endpoint, pass.
	Partitioned
	// Refusing means that the servers are down. Open connections are reset and new ones refused.
	Refusing
	// Blackholed means that the region is lost. Packets are dropped without a reset, so connections hang until their clients give up.
	// AWS: AWS Fault Isolation Boundaries, "Regions": what is in a Region can be lost with it.
	Blackholed
)

// networkFaults holds the fault of each region. A region without an entry is Connected.
type networkFaults struct {
	mu      sync.Mutex
	regions map[string]NetworkFault
}

// replace sets the faults of all regions.
func (f *networkFaults) replace(regions map[string]NetworkFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.regions = maps.Clone(regions)
}

// onRoute returns the worse of the faults of a route's two regions. Partitioned affects routes between two regions only: they
// are Blackholed.
func (f *networkFaults) onRoute(r route) NetworkFault {
	worst := max(f.ofRegion(r.clientRegion), f.ofRegion(r.serverRegion))
	switch {
	case worst != Partitioned:
		return worst
	case r.clientRegion != "" && r.clientRegion != r.serverRegion:
		return Blackholed
	}
	return Connected
}

func (f *networkFaults) ofRegion(region string) NetworkFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.regions[region]
}

// SetNetworkFaults replaces the network faults of all regions, at once; regions without an entry become Connected. A standby
// stops receiving while the region at either end of its replication has a fault, and then resumes where it stopped. A member
// that a failover replaced during the fault is rebuilt as a standby, in the background after SetNetworkFaults has returned.
func (mgr *Manager) SetNetworkFaults(regions map[string]NetworkFault) error {
	mgr.faults.replace(regions)
	mgr.stateMu.Lock()
	proxies := mgr.allProxies()
	mgr.stateMu.Unlock()
	for _, p := range proxies {
		if err := p.applyFaults(); err != nil {
			return err
		}
	}
	mgr.background.Go(func() {
		mgr.changeMu.Lock()
		defer mgr.changeMu.Unlock()
		if mgr.ctx.Err() != nil {
			return
		}
		for _, m := range mgr.state.Members {
			if err := mgr.converge(mgr.ctx, mgr.groupOf(m)); err != nil && mgr.ctx.Err() == nil {
				mgr.options.Log.Printf("aurora: starting or rebuilding DB cluster %s after a change of the network faults: %v", m.ID, err)
			}
		}
	})
	return nil
}

// isUnreachable says whether clients cannot connect to a member's server because of a network fault.
func (mgr *Manager) isUnreachable(m *member) bool {
	return mgr.faults.onRoute(route{serverRegion: m.Region}) != Connected
}
