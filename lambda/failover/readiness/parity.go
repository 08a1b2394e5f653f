package readiness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/shared/contract/controller"
)

// Quotas is Service Quotas of one region.
type Quotas interface {
	// Quota returns the value that is in effect.
	Quota(ctx context.Context, quota controller.Quota) (float64, error)
}

// Clusters is RDS of one region.
type Clusters interface {
	Cluster(ctx context.Context, identifier string) (globaldb.Cluster, error)
}

// capacityUnits is the name of what a cluster's instances scale to, which is compared as the quotas are.
const capacityUnits = "Aurora capacity units of an instance"

// allotment is what one region may have, by the quota's name, and why the rest is not known.
type allotment struct {
	values  map[string]float64
	unknown error
}

// allotted asks a region. It stops at the first question without an answer: a region that is lost answers none, and each would take its
// whole timeout. One question follows another, because Service Quotas answers five a second (Service Quotas User Guide, "Service Quotas
// values").
func allotted(ctx context.Context, region string, quotas Quotas, clusters Clusters, cluster string) allotment {
	a := allotment{values: map[string]float64{}}
	for _, quota := range controller.Quotas() {
		value, err := quotas.Quota(ctx, quota)
		if err != nil {
			a.unknown = fmt.Errorf("%s in %s: not known: %w", quota.Name, region, err)
			return a
		}
		a.values[quota.Name] = value
	}
	described, err := clusters.Cluster(ctx, cluster)
	switch {
	case err != nil:
		a.unknown = fmt.Errorf("%s in %s: not known: %w", capacityUnits, region, err)
	case described.MaxCapacity > 0: // Instances of a fixed class have no such bound.
		a.values[capacityUnits] = described.MaxCapacity
	}
	return a
}

// checkQuotas checks that the standby region is allotted no less than the primary: it takes the whole load when the primary is lost, and no
// quota is raised within the hour. No failover is decided by it: a region with less serves more users than one that is lost.
func (v Validator) checkQuotas(ctx context.Context) Check {
	c := v.Config
	var primary, standby allotment
	var both sync.WaitGroup
	both.Go(func() { primary = allotted(ctx, c.PrimaryRegion, v.PrimaryQuotas, v.PrimaryClusters, c.PrimaryCluster) })
	both.Go(func() {
		standby = allotted(ctx, c.StandbyRegion, v.StandbyQuotas, v.Sources.Databases, c.StandbyCluster)
	})
	both.Wait()
	var less []string
	compared := 0
	for _, name := range allotmentNames() {
		wants, wanted := primary.values[name]
		has, known := standby.values[name]
		if !known || !wanted {
			continue
		}
		if compared++; has < wants {
			less = append(less, fmt.Sprintf("%s: %g in %s, %g in %s", name, has, c.StandbyRegion, wants, c.PrimaryRegion))
		}
	}
	var err error
	switch {
	case len(less) > 0:
		err = fmt.Errorf("%s; have what is less raised in %s", strings.Join(less, "; "), c.StandbyRegion)
	case primary.unknown != nil || standby.unknown != nil:
		err = AsUnknown(oneLine(primary.unknown, standby.unknown))
	}
	return NewCheck("quotas", fmt.Sprintf("%d of %s are no less than those of %s", compared, c.StandbyRegion, c.PrimaryRegion), err)
}

// allotmentNames are the names of all that is compared, in the order in which they are shown.
func allotmentNames() []string {
	var names []string
	for _, quota := range controller.Quotas() {
		names = append(names, quota.Name)
	}
	return append(names, capacityUnits)
}

// oneLine joins errors as a line of a screen has them.
func oneLine(errs ...error) error {
	var texts []string
	for _, err := range errs {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	return errors.New(strings.Join(texts, "; "))
}
