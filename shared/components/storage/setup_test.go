package storage

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// testRegion is one region's bucket as the tests expect it, and the other region's.
type testRegion struct{ role, region, name, key, otherRole, otherRegion, otherName, otherKey string }

const (
	primaryName = "bucket-documents-primary-111122223333-blue"
	standbyName = "bucket-documents-secondary-111122223333-blue"
	primaryKey  = "arn:aws:kms:us-east-1:111122223333:key/east"
	standbyKey  = "arn:aws:kms:us-west-2:111122223333:key/west"
)

var testRegions = [...]testRegion{
	{"primary", "us-east-1", primaryName, primaryKey, "secondary", "us-west-2", standbyName, standbyKey},
	{"secondary", "us-west-2", standbyName, standbyKey, "primary", "us-east-1", primaryName, primaryKey},
}

// mirrored are the words in which the regions differ.
func (r testRegion) mirrored() pulumitest.RegionView {
	return pulumitest.RegionView{Region: r.region, Words: []string{
		r.role, "<own>", r.region, "<own>", r.key, "<own key>", r.otherRole, "<peer>", r.otherRegion, "<peer>", r.otherKey, "<peer key>",
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
			Primary:   RegionArgs{pair.Primary, pulumi.String(primaryKey)},
			Standby:   RegionArgs{pair.Standby, pulumi.String(standbyKey)},
			Lifecycle: Lifecycle{TransitionDays: 31, NoncurrentExpiryDays: 92, AbortUploadDays: 3},
		}
		change(&args)
		_, err = NewBucketPair(ctx, "documents", args)
		return err
	}, opts...)
}

func unchanged(*Args) {}

// rules are those of the environment under test.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules("blue", testRegions[0].region, testRegions[1].region, protection, nil)
}
