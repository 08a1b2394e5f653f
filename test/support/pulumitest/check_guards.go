package pulumitest

import (
	"maps"
	"slices"
	"testing"
)

// durability is why a resource cannot be recreated after a loss, and what guards it in AWS.
type durability struct {
	holds  string // what is lost with it, for a message
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
	"aws:backup/vault:Vault": {
		holds:  "the recovery points",
		guards: []guard{{property: "forceDestroy", off: true, on: false}},
	},
	"aws:cloudwatch/eventArchive:EventArchive": {holds: "the events, for replay"},
	"aws:cloudwatch/logGroup:LogGroup": {
		holds:  "the audit trail",
		guards: []guard{{property: "skipDestroy", off: false, on: true}},
	},
	"aws:dynamodb/table:Table": {
		holds:  "the controller's state",
		guards: []guard{{property: "deletionProtectionEnabled", off: false, on: true}},
	},
	"aws:ec2/vpc:Vpc": {holds: "everything in its subnets"},
	"aws:kms/key:Key": {
		holds:  "the access to everything that it encrypts",
		guards: []guard{{property: "deletionWindowInDays", off: 7.0, on: 30.0}},
	},
	"aws:lb/loadBalancer:LoadBalancer": {
		holds:  "its host name, which others' DNS may refer to",
		guards: []guard{{property: "enableDeletionProtection", off: false, on: true}},
	},
	"aws:rds/cluster:Cluster": {
		holds: "the records",
		guards: []guard{
			{property: "deletionProtection", off: false, on: true},
			{property: "skipFinalSnapshot", off: true, on: false},
			{property: "deleteAutomatedBackups", off: true, on: false},
		},
	},
	"aws:rds/clusterInstance:ClusterInstance": {holds: "a region's share of the database"},
	"aws:rds/globalCluster:GlobalCluster": {
		holds:  "the replication, which a member never enters again",
		guards: []guard{{property: "deletionProtection", off: false, on: true}},
	},
	"aws:route53/zone:Zone": {
		holds:  "its name servers, which the parent zone delegates to",
		guards: []guard{{property: "forceDestroy", off: true, on: false}},
	},
	"aws:s3/bucketV2:BucketV2": {
		holds:  "the objects",
		guards: []guard{{property: "forceDestroy", off: true, on: false}},
	},
	"aws:secretsmanager/secret:Secret": {
		holds:  "the database's first password",
		guards: []guard{{property: "recoveryWindowInDays", off: 0.0, on: 30.0}},
	},
}

// guards holds a resource to being destroyable, unless the stack is protected and the resource durable.
func (c *checker) guards(r Resource) {
	row, isDurable := durable[r.Type]
	want := isDurable && c.rules.Protection
	switch got := r.Request.GetProtect(); {
	case r.Request.GetRetainOnDelete():
		c.fault(r, "is retained: a destroy would leave it")
	case got && !isDurable:
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
