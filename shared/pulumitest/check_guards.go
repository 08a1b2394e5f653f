package pulumitest

// guard is a property that keeps a resource, or its data, from being deleted.
type guard struct {
	property string
	// off is its value while environments come and go, on its value with protection.
	off, on any
}

// guards holds the types that have any. Numbers are float64, as the engine has them.
var guards = map[string][]guard{
	"aws:backup/vault:Vault":           {{"forceDestroy", true, false}},
	"aws:cloudwatch/logGroup:LogGroup": {{"skipDestroy", false, true}},
	"aws:dynamodb/table:Table":         {{"deletionProtectionEnabled", false, true}},
	"aws:kms/key:Key":                  {{"deletionWindowInDays", 7.0, 30.0}},
	"aws:lb/loadBalancer:LoadBalancer": {{"enableDeletionProtection", false, true}},
	"aws:rds/cluster:Cluster": {
		{"deletionProtection", false, true}, {"skipFinalSnapshot", true, false}, {"deleteAutomatedBackups", true, false},
	},
	"aws:rds/globalCluster:GlobalCluster": {{"deletionProtection", false, true}},
	"aws:route53/zone:Zone":               {{"forceDestroy", true, false}},
	"aws:s3/bucketV2:BucketV2":            {{"forceDestroy", true, false}},
	"aws:secretsmanager/secret:Secret":    {{"recoveryWindowInDays", 0.0, 30.0}},
}

// guards holds a resource to being destroyable, unless the stack is protected.
func (c *checker) guards(r Resource) {
	if !c.rules.Protection && (r.Request.GetProtect() || r.Request.GetRetainOnDelete()) {
		c.fault(r, "is protected or retained: the stack could not be destroyed")
	}
	for _, rule := range guards[r.Type] {
		want := rule.off
		if c.rules.Protection {
			want = rule.on
		}
		if got := r.Input(rule.property); got != want {
			c.fault(r, "has %s %v, want %v with protection %t", rule.property, got, want, c.rules.Protection)
		}
	}
}
