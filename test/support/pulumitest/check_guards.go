package pulumitest

import (
	"maps"
	"slices"
	"testing"
)

// durability is why a resource cannot be recreated after a loss, and what guards it in AWS.
type durability struct {
	holds  string
	guards []guard
}

// guard is a property that keeps a resource, or its data, from being deleted.
type guard struct {
	property string
	// off is its value without protection, on its value with it.
	off, on any
}

// durable holds every type of resource that no further update can restore: it has data that is nowhere else, or others refer to it
// by a name that AWS assigns once. With protection Pulumi protects each of them (region.Region.Durable), so that it refuses a plan
// which deletes or replaces one, and the guards are on. A type that is not here is never protected: an ordinary update may replace
// it. Numbers are float64, as in the engine.
//
// Left out on purpose: queues, whose events the archives have too, and the versions of a secret, which are deleted with it.
var durable = map[string]durability{
	"aws:backup/vault:Vault":                   {"the recovery points", []guard{{"forceDestroy", true, false}}},
	"aws:cloudwatch/eventArchive:EventArchive": {"the events, for replay", nil},
	"aws:cloudwatch/logGroup:LogGroup":         {"the record of who did what", []guard{{"skipDestroy", false, true}}},
	"aws:dynamodb/table:Table":                 {"the controller's memory", []guard{{"deletionProtectionEnabled", false, true}}},
	"aws:ec2/vpc:Vpc":                          {"all that stands in it", nil},
	"aws:kms/key:Key":                          {"all that it encrypts", []guard{{"deletionWindowInDays", 7.0, 30.0}}},
	"aws:lb/loadBalancer:LoadBalancer":         {"its host name, which others' DNS may lead to", []guard{{"enableDeletionProtection", false, true}}},
	"aws:rds/cluster:Cluster": {"the records", []guard{
		{"deletionProtection", false, true}, {"skipFinalSnapshot", true, false}, {"deleteAutomatedBackups", true, false},
	}},
	"aws:rds/clusterInstance:ClusterInstance": {"a region's share of the database", nil},
	"aws:rds/globalCluster:GlobalCluster":     {"the replication, which a member never enters again", []guard{{"deletionProtection", false, true}}},
	"aws:route53/zone:Zone":                   {"its name servers, which the parent zone delegates to", []guard{{"forceDestroy", true, false}}},
	"aws:s3/bucketV2:BucketV2":                {"the objects", []guard{{"forceDestroy", true, false}}},
	"aws:secretsmanager/secret:Secret":        {"the database's first password", []guard{{"recoveryWindowInDays", 0.0, 30.0}}},
}

// guards holds a resource to being destroyable, unless the stack is protected and the resource durable.
func (c *checker) guards(r Resource) {
	row, is := durable[r.Type]
	want := is && c.rules.Protection
	switch got := r.Request.GetProtect(); {
	case r.Request.GetRetainOnDelete():
		c.fault(r, "is retained: no destroy would remove it")
	case got && !is:
		c.fault(r, "is protected, and is not among the durable types: an ordinary update could not replace it")
	case got && !want:
		c.fault(r, "is protected without protection: the stack could not be destroyed")
	case want && !got:
		c.fault(r, "holds %s and is not protected: build it with region.Region.Durable", row.holds)
	}
	for _, rule := range row.guards {
		want := rule.off
		if c.rules.Protection {
			want = rule.on
		}
		if got := r.Input(rule.property); got != want {
			c.fault(r, "has %s %v, want %v with protection %t", rule.property, got, want, c.rules.Protection)
		}
	}
}

// CheckDestroyRefused holds a stack that was deployed with protection to refuse a destroy by resources of these types, in order,
// and by no others: a stack without any would be destroyed while the rest of the environment stands.
func CheckDestroyRefused(t testing.TB, recording *Recording, by ...string) {
	t.Helper()
	types := map[string]bool{}
	for _, registered := range recording.Resources {
		if registered.Request.GetProtect() {
			types[registered.Type] = true
		}
	}
	if got := slices.Sorted(maps.Keys(types)); len(got) == 0 || !slices.Equal(got, by) {
		t.Errorf("a destroy of %s is refused by %q, want %q", recording.Project, got, by)
	}
}
