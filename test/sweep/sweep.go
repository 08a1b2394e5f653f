// Package sweep finds the leftovers of an environment in AWS. It lists all resources of every service that the stacks use, in each
// region, and selects those of the environment.
//
// A resource belongs to the environment by its name, which [naming.SuffixOf] parses, or by its tags. A resource of another
// environment is never selected, however similar the names are. A service that does not answer is an error: a sweep is clean only
// if all services have answered and nothing was found.
//
// This package is independent of the services, which are in warmstandby/test/sweep/services.
package sweep

import (
	"context"
	"errors"
	"fmt"
)

// Row is one kind of resource and how to list it.
type Row struct {
	// Service and Kind are named as by AWS, the kind in the plural: "ec2", "VPCs".
	Service, Kind string
	// Global is a kind without a region, which is listed once, in the first region.
	Global bool
	// List passes each resource of the kind in a region to found, of all environments and from all pages.
	List func(ctx context.Context, region string, found func(Resource)) error
}

// Resource is a resource in AWS.
type Resource struct {
	// ID identifies the resource for an operator: an id, a name, an ARN or a URL.
	ID string
	// Names are the names that identify the environment: its own name, that of a parent resource, or a path with such a name as an
	// element. The Name tag is among Tags.
	Names []string
	// Tags are its tags, if the list has them.
	Tags map[string]string
	// TagsOf requests its tags, if the list lacks them; nil if the kind has none. A deleted resource has none.
	TagsOf func(ctx context.Context) (map[string]string, error)
}

// Leftover is a resource of the environment.
type Leftover struct {
	Service, Kind, Region, ID string
}

// Global stands for the region of global resources.
const Global = "global"

// String names the leftover in one line: "ec2 VPCs in us-east-1: vpc-1".
func (l Leftover) String() string {
	return fmt.Sprintf("%s %s in %s: %s", l.Service, l.Kind, l.Region, l.ID)
}

// Report is the result of a sweep.
type Report struct {
	Environment Environment
	Regions     []string
	Kinds       int
	Left        []Leftover
	// Faults are the failed lists, one for each kind and region.
	Faults []error
}

// Run lists every row in every region. It continues after errors, and ends early only with the context.
func Run(ctx context.Context, environment Environment, regions []string, rows []Row) Report {
	report := Report{Environment: environment, Regions: regions, Kinds: len(rows)}
	for i, region := range regions {
		for _, row := range rows {
			scope := region
			if row.Global {
				if i > 0 {
					continue
				}
				scope = Global
			}
			leftovers, err := environment.leftovers(ctx, row, region)
			for _, id := range leftovers {
				report.Left = append(report.Left, Leftover{row.Service, row.Kind, scope, id})
			}
			if err != nil {
				report.Faults = append(report.Faults, fmt.Errorf("asking %s for %s in %s: %w", row.Service, row.Kind, scope, err))
			}
		}
	}
	return report
}

// leftovers returns the ids of the environment's resources of a kind in a region.
func (e Environment) leftovers(ctx context.Context, row Row, region string) ([]string, error) {
	var all []Resource
	err := row.List(ctx, region, func(r Resource) { all = append(all, r) })
	faults := []error{err}
	var leftovers []string
	for _, r := range all {
		owned, err := e.owns(ctx, r)
		if err != nil {
			faults = append(faults, fmt.Errorf("tags of %s: %w", r.ID, err))
		}
		if owned {
			leftovers = append(leftovers, r.ID)
		}
	}
	return leftovers, errors.Join(faults...)
}

// Clean reports whether everything was listed and nothing was found.
func (r Report) Clean() bool { return len(r.Left) == 0 && len(r.Faults) == 0 }
