package client

import (
	"context"
	"net/netip"
	"slices"
	"sync"

	"warmstandby/test/drill/resolver"
)

// Regions is Names of a platform: each region has a name of its own beside the one that fails over, by which its addresses are
// told. Addresses once seen are remembered: a load balancer changes them from time to time.
type Regions struct {
	cache *resolver.Cache
	hosts map[string]string // by region

	mu    sync.Mutex
	known map[netip.Addr]string
}

// NewRegions returns the names before a cache; hosts are the regions' own names, by region.
func NewRegions(cache *resolver.Cache, hosts map[string]string) *Regions {
	return &Regions{cache: cache, hosts: hosts, known: map[netip.Addr]string{}}
}

// Address implements Names. Of several addresses it returns the least, so that one region is not left for another of the same
// answer.
func (r *Regions) Address(ctx context.Context, name string) (netip.Addr, string, error) {
	answer, err := r.cache.Lookup(ctx, name)
	if err != nil {
		return netip.Addr{}, "", err
	}
	address := slices.MinFunc(answer.Addresses, netip.Addr.Compare)
	return address, r.Locate(ctx, address), nil
}

// Own returns an address of a region by its own name.
func (r *Regions) OwnAddress(ctx context.Context, region string) (netip.Addr, error) {
	address, _, err := r.Address(ctx, r.hosts[region])
	return address, err
}

// Of returns the region that an address is in, "" when that cannot be told.
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
