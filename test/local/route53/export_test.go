package route53

// The tests that see the gateway beside the data plane are outside of this package, which the gateway imports.

// FailoverSnapshot has a name that fails over and one name per region; StartPlane starts a plane with a snapshot.
var (
	FailoverSnapshot = failoverSnapshot
	StartPlane       = newPlane
)

// ForceStatus feeds a health check as many results as change its status.
func (p *Plane) ForceStatus(id string, healthy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forceStatus(id, healthy)
}
