package storage

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// side is one region's bucket as the test expects it, beside the other's.
type side struct{ role, region, name, key, otherRole, otherRegion, otherName, otherKey string }

const (
	primaryName = "bucket-documents-primary-111122223333-blue"
	standbyName = "bucket-documents-secondary-111122223333-blue"
	primaryKey  = "arn:aws:kms:us-east-1:111122223333:key/east"
	standbyKey  = "arn:aws:kms:us-west-2:111122223333:key/west"
)

var sides = [...]side{
	{"primary", "us-east-1", primaryName, primaryKey, "secondary", "us-west-2", standbyName, standbyKey},
	{"secondary", "us-west-2", standbyName, standbyKey, "primary", "us-east-1", primaryName, primaryKey},
}

// mirrored are the words by which the sides differ.
func (s side) mirrored() pulumitest.Side {
	return pulumitest.Side{Region: s.region, Words: []string{
		s.role, "<own>", s.region, "<own>", s.key, "<own key>", s.otherRole, "<peer>", s.otherRegion, "<peer>", s.otherKey, "<peer key>",
	}}
}

// build builds a pair of buckets for documents; change changes its arguments.
func build(t *testing.T, change func(*Args), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		args := Args{
			Purpose:   "documents",
			Primary:   Side{pair.Primary, pulumi.String(primaryKey)},
			Standby:   Side{pair.Standby, pulumi.String(standbyKey)},
			Lifecycle: Lifecycle{TransitionDays: 31, NoncurrentExpiryDays: 92, AbortUploadDays: 3},
		}
		change(&args)
		_, err = NewReplicated(ctx, "documents", args)
		return err
	}, opts...)
}

func asItIs(*Args) {}

// rules are those that the environment under test must keep.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.PairRules("blue", sides[0].region, sides[1].region, protection, nil)
}
