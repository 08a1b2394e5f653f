// Package sweep looks for what an environment has left in AWS: it asks every service that the stacks use for everything that
// it has, in each region, and says what of it is the environment's.
//
// The environment's is what has one of its names, as [naming.SuffixOf] reads them, and what carries its tags. It is never
// another environment's, whatever their names have in common. A service that did not answer is an error and not an absence:
// a sweep is clean when all were asked, all answered, and nothing was found.
//
// This package knows no service; warmstandby/test/sweep/services does.
package sweep

import (
	"context"
	"errors"
	"fmt"
)

// Row is one kind of resource, and how to list all that there are of it.
type Row struct {
	// Service and Kind are as AWS calls them, the kind in the plural: "ec2", "VPCs".
	Service, Kind string
	// Global is a kind that belongs to no region, which is asked for once, in the first.
	Global bool
	// List gives found each resource of the kind in a region, of all environments, from all pages of the answer.
	List func(ctx context.Context, region string, found func(Resource)) error
}

// Resource is one thing that AWS has.
type Resource struct {
	// ID is what an operator finds it by: an id, a name, an ARN or a URL.
	ID string
	// Names are what it may be recognized by: its own name, the name of what it belongs to, or a path with such a name as an
	// element. Its Name tag is among its tags.
	Names []string
	// Tags are its own, where the list says them.
	Tags map[string]string
	// TagsOf asks for its tags, where the list does not say them; nil where there are none. What is gone by then has none.
	TagsOf func(ctx context.Context) (map[string]string, error)
}

// Leftover is a resource of the environment.
type Leftover struct {
	Service, Kind, Region, ID string
}

// Global is the region of what belongs to none.
const Global = "global"

// String names the leftover in one line: "ec2 VPCs in us-east-1: vpc-1".
func (l Leftover) String() string {
	return fmt.Sprintf("%s %s in %s: %s", l.Service, l.Kind, l.Region, l.ID)
}

// Report is what a sweep found.
type Report struct {
	Environment Environment
	Regions     []string
	Kinds       int
	Left        []Leftover
	// Faults say, one a kind and region, what could not be asked.
	Faults []error
}

// Run asks for every row in every region. It ends early only with the context: a service that does not answer keeps none of
// the others from being asked.
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
			left, err := environment.leftovers(ctx, row, region)
			for _, id := range left {
				report.Left = append(report.Left, Leftover{row.Service, row.Kind, scope, id})
			}
			if err != nil {
				report.Faults = append(report.Faults, fmt.Errorf("asking %s for %s in %s: %w", row.Service, row.Kind, scope, err))
			}
		}
	}
	return report
}

// leftovers returns the ids of what the environment has of a kind in a region.
func (e Environment) leftovers(ctx context.Context, row Row, region string) ([]string, error) {
	var all []Resource
	err := row.List(ctx, region, func(r Resource) { all = append(all, r) })
	faults := []error{err}
	var left []string
	for _, r := range all {
		owned, err := e.owns(ctx, r)
		if err != nil {
			faults = append(faults, fmt.Errorf("tags of %s: %w", r.ID, err))
		}
		if owned {
			left = append(left, r.ID)
		}
	}
	return left, errors.Join(faults...)
}

// Clean says that everything was asked and nothing is left.
func (r Report) Clean() bool { return len(r.Left) == 0 && len(r.Faults) == 0 }
