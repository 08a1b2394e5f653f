package secondopinion

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Excuse says why a difference is none of the platform's: who of the two is wrong, by which page of AWS's.
type Excuse struct {
	Operation, Ours, Theirs string
	Reason                  string
}

// Judge returns an error with each difference that has no excuse, and each excuse that no difference needs.
func (o Opinion) Judge(excuses []Excuse) error {
	var faults []error
	for _, difference := range o.Differences {
		if !slices.ContainsFunc(excuses, func(excuse Excuse) bool { return excuse.of(difference) }) {
			faults = append(faults, fmt.Errorf("without an excuse: %v", difference))
		}
	}
	for _, excuse := range excuses {
		if !slices.ContainsFunc(o.Differences, excuse.of) {
			faults = append(faults, fmt.Errorf("nothing needs the excuse of %s, ours %s, moto %s: take it out", excuse.Operation, excuse.Ours,
				excuse.Theirs))
		}
	}
	return errors.Join(faults...)
}

// Write lists the differences, each with its excuse.
func (o Opinion) Write(w io.Writer, excuses []Excuse) error {
	var list strings.Builder
	fmt.Fprintf(&list, "moto was asked %d times: %d kinds of answers differ, and %d answers follow from what it has refused before.\n",
		o.Asked, len(o.Differences), o.Followed)
	for _, difference := range o.Differences {
		reason := "WITHOUT AN EXCUSE"
		if i := slices.IndexFunc(excuses, func(excuse Excuse) bool { return excuse.of(difference) }); i >= 0 {
			reason = excuses[i].Reason
		}
		fmt.Fprintf(&list, "%v\n    %s\n", difference, reason)
	}
	if _, err := io.WriteString(w, list.String()); err != nil {
		return fmt.Errorf("listing the differences: %w", err)
	}
	return nil
}

func (e Excuse) of(d Difference) bool {
	return e.Operation == d.Operation && e.Ours == d.Ours && e.Theirs == d.Theirs
}

// What more than one excuse says.
const (
	noRestoreTests = "moto 5.2.5 has no restore testing plans: its paths of AWS Backup end at plans, vaults and reports"
	noCBOR         = "moto 5.2.5 answers CloudWatch at the path / alone, and the AWS plugin asks in CBOR at /service/…: alarms and dashboards" +
		" have no second opinion"
	functionsWrote = "functions have written objects, whose requests are not replayed: the bucket is empty at moto, and goes at the first try"
	noCapacity     = "MiniStack has no capacity reservations, nor has the platform; the AWS plugin takes the refusal for none" +
		" (a limit in test/local/README.md)"
	managedKey = "KMS makes the key of alias/aws/… when it is described (API reference, DescribeKey), as moto does; MiniStack has none, and" +
		" the AWS plugin compares the table's key with it alone (a limit in test/local/README.md)"
	regionOfMember = "moto looks for the global cluster in the region of the request: RemoveFromGlobalCluster of the standby's member, which" +
		" it answers with success, changes nothing. AWS detaches it (API reference, RemoveFromGlobalCluster)"
	defaultEncryption = "moto has no default encryption before one is set; AWS has had SSE-S3 for every bucket since 2023" +
		" (S3 user guide, Setting default server-side encryption behavior)"
)

// Excuses are the known differences: what moto lacks, and where one of the two is wrong by AWS's pages. A mistake of the local AWS
// emulator is mended in its gateway, or is in the limits of test/local/README.md.
var Excuses = []Excuse{
	{"backup:DELETE /restore-testing/plans/*", good, "Not Found", noRestoreTests},
	{"backup:DELETE /restore-testing/plans/*/selections/*", good, "Not Found", noRestoreTests},
	{"backup:GET /restore-testing/plans/*", good, "Not Found", noRestoreTests},
	{"backup:GET /restore-testing/plans/*/selections/*", good, "Not Found", noRestoreTests},
	{"backup:PUT /restore-testing/plans", good, "Not Found", noRestoreTests},
	{"backup:PUT /restore-testing/plans/*/selections", good, "Not Found", noRestoreTests},
	{"backup:GET /backup-vaults/*/recovery-points", good, "Not Found", "moto 5.2.5 does not list recovery points"},
	{"backup:PUT /backup/plans/*/selections", good, "Internal Server Error", "moto 5.2.5 has no selections: its log has NotImplementedError"},
	{"elasticloadbalancing:DescribeCapacityReservation", "InvalidAction", good, noCapacity},
	{"kms:DescribeKey", "NotFoundException", good, managedKey},
	{"monitoring:DeleteAlarms", good, "Not Found", noCBOR},
	{"monitoring:DeleteDashboards", good, "Not Found", noCBOR},
	{"monitoring:DescribeAlarms", good, "Not Found", noCBOR},
	{"monitoring:GetDashboard", good, "Not Found", noCBOR},
	{"monitoring:ListTagsForResource", good, "Not Found", noCBOR},
	{"monitoring:PutCompositeAlarm", good, "Not Found", noCBOR},
	{"monitoring:PutDashboard", good, "Not Found", noCBOR},
	{"monitoring:PutMetricAlarm", good, "Not Found", noCBOR},
	{"rds:DeleteGlobalCluster", good, "InvalidGlobalClusterStateFault", regionOfMember},
	{"rds:DescribeGlobalClusters", "GlobalClusterNotFoundFault", good, regionOfMember},
	{"s3:DELETE /*", "BucketNotEmpty", good, functionsWrote},
	{"s3:DELETE /*", good, "NoSuchBucket", functionsWrote},
	{"s3:GET /*?encoding-type", good, "NoSuchBucket", functionsWrote},
	{"s3:POST /*?delete", good, "NoSuchBucket", functionsWrote},
	{"s3:GET /*?encryption", good, "ServerSideEncryptionConfigurationNotFoundError", defaultEncryption},
}
