package route53

// The tests that see the gateway beside the data plane are outside of this package, which the gateway imports.

// Platform is a snapshot of a name that fails over and one of each region, Start a plane of it.
var (
	Platform = platform
	Start    = newPlane
)

// Turn makes a health check be found so until its status turns.
func (p *Plane) Turn(id string, healthy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(id, healthy)
}
