package access

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"warmstandby/test/access/resolver"
)

// Regions resolves the names of a platform. Each region has a name of its own beside the global one; the addresses of these
// names identify the regions. Addresses are remembered, because a load balancer changes them from time to time.
type Regions struct {
	cache *resolver.Cache
	hosts map[string]string // by region

	mu    sync.Mutex
	known map[netip.Addr]string
}

// NewRegions returns the names that a cache resolves; hosts are the regions' own names, by region.
func NewRegions(cache *resolver.Cache, hosts map[string]string) *Regions {
	return &Regions{cache: cache, hosts: hosts, known: map[netip.Addr]string{}}
}

// Address returns an address of a name and its region, "" if the region is not known. Of several addresses it returns the lowest, so
// that one answer always leads to one region.
func (r *Regions) Address(ctx context.Context, name string) (netip.Addr, string, error) {
	answer, err := r.cache.Lookup(ctx, name)
	if err != nil {
		return netip.Addr{}, "", err
	}
	address := slices.MinFunc(answer.Addresses, netip.Addr.Compare)
	return address, r.Locate(ctx, address), nil
}

// OwnAddress returns an address of a region's own name.
func (r *Regions) OwnAddress(ctx context.Context, region string) (netip.Addr, error) {
	address, _, err := r.Address(ctx, r.hosts[region])
	return address, err
}

// Locate returns the region of an address, "" if it is not known.
func (r *Regions) Locate(ctx context.Context, address netip.Addr) string {
	if region, ok := r.remembered(address); ok {
		return region
	}
	for region, host := range r.hosts {
		if answer, err := r.cache.Lookup(ctx, host); err == nil {
			r.mu.Lock()
			for _, one := range answer.Addresses {
				r.known[one] = region
			}
			r.mu.Unlock()
		}
	}
	region, _ := r.remembered(address)
	return region
}

func (r *Regions) remembered(address netip.Addr) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	region, ok := r.known[address]
	return region, ok
}
