package invariant

import "fmt"

// companion is a resource that another cannot be without, because it holds a setting of it.
type companion struct {
	token string
	// by is the companion's property that names what it belongs to, of the property of.
	by, of string
	rule   Rule
}

// companions are by the type that needs them. Whether they are set right is their own types' row.
var companions = map[string][]companion{
	"aws:s3/bucketV2:BucketV2": {
		{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "bucket", "bucket", Encrypted},
		{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket", "bucket", Closed},
		{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket", "bucket", Closed},
		{"aws:s3/bucketPolicy:BucketPolicy", "bucket", "bucket", Closed},
	},
	"aws:ec2/vpc:Vpc": {
		{"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId", "id", Closed},
	},
}

// company is the set of what there is, by type and by the value that links it.
type company map[[2]string]bool

func companionsOf(resources []Resource) company {
	there := company{}
	for _, needed := range companions {
		for _, c := range needed {
			for _, r := range resources {
				if r.Type == c.token {
					there[[2]string{r.Type, r.Outputs.Text(c.by)}] = true
				}
			}
		}
	}
	return there
}

// missing returns the companions of a rule that a resource lacks.
func (there company) missing(r Resource, rule Rule) []string {
	var found []string
	for _, c := range companions[r.Type] {
		if c.rule == rule && !there[[2]string{c.token, r.Outputs.Text(c.of)}] {
			found = append(found, fmt.Sprintf("no %s belongs to it", c.token))
		}
	}
	return found
}
