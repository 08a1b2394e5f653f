package invariant

import "fmt"

// companion is a resource that another one requires, because it has a setting of it.
type companion struct {
	token string
	// reference is the companion's property that has the value of the property referenced.
	reference, referenced string
	rule                  Rule
}

// companions are by the type that requires them. Their own types' rows say how they must be set.
var companions = map[string][]companion{
	"aws:s3/bucketV2:BucketV2": {
		{
			token:     "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
			reference: "bucket", referenced: "bucket", rule: Encrypted,
		},
		{token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", reference: "bucket", referenced: "bucket", rule: Closed},
		{token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls", reference: "bucket", referenced: "bucket", rule: Closed},
		{token: "aws:s3/bucketPolicy:BucketPolicy", reference: "bucket", referenced: "bucket", rule: Closed},
	},
	"aws:ec2/vpc:Vpc": {
		{token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", reference: "vpcId", referenced: "id", rule: Closed},
	},
}

// linkedResources is the set of companions that exist, by type and by the value of their reference.
type linkedResources map[[2]string]bool

func companionsOf(resources []Resource) linkedResources {
	linked := linkedResources{}
	for _, needed := range companions {
		for _, c := range needed {
			for _, r := range resources {
				if r.Type == c.token {
					linked[[2]string{r.Type, r.Outputs.Text(c.reference)}] = true
				}
			}
		}
	}
	return linked
}

// missing returns the companions of a rule that a resource lacks.
func (l linkedResources) missing(r Resource, rule Rule) []string {
	var found []string
	for _, c := range companions[r.Type] {
		if c.rule == rule && !l[[2]string{c.token, r.Outputs.Text(c.referenced)}] {
			found = append(found, fmt.Sprintf("no %s belongs to it", c.token))
		}
	}
	return found
}
