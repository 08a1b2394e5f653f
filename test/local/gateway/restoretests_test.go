package gateway

import (
	"slices"
	"testing"
	"time"
)

const (
	testedVault = "arn:aws:backup:us-west-2:000000000000:backup-vault:a"
	otherVault  = "arn:aws:backup:us-west-2:000000000000:backup-vault:b"
)

// A test restores, of each resource, one recovery point that the plan's vaults have of its last days.
func TestTestedPoints(t *testing.T) {
	at := time.Date(2026, 3, 8, 11, 0, 0, 0, time.UTC)
	points, err := openTable[recoveryPoint](t.TempDir(), "points")
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range []recoveryPoint{
		{ARN: "newest", ResourceARN: "one", VaultARN: testedVault, Created: at.Add(-6 * time.Hour)},
		{ARN: "older", ResourceARN: "one", VaultARN: testedVault, Created: at.Add(-30 * time.Hour)},
		{ARN: "of another", ResourceARN: "two", VaultARN: testedVault, Created: at.Add(-30 * time.Hour)},
		{ARN: "too old", ResourceARN: "three", VaultARN: testedVault, Created: at.AddDate(0, 0, -8)},
		{ARN: "of another vault", ResourceARN: "four", VaultARN: otherVault, Created: at.Add(-6 * time.Hour)},
		{ARN: "to come", ResourceARN: "two", VaultARN: testedVault, Created: at.Add(time.Hour)},
		{ARN: "of another region", ResourceARN: "one", VaultARN: testedVault, Created: at.Add(-time.Hour), Region: "us-east-1"},
		{ARN: "of another type", ResourceARN: "one", VaultARN: testedVault, Created: at.Add(-time.Hour), ResourceType: typeAurora},
		{ARN: "not selected", ResourceARN: "five", VaultARN: testedVault, Created: at.Add(-time.Hour)},
	} {
		if point.Region == "" {
			point.Region = "us-west-2"
		}
		if point.ResourceType == "" {
			point.ResourceType = typeS3
		}
		if err := points.update(point.ARN, func(row *recoveryPoint) { *row = point }); err != nil {
			t.Fatal(err)
		}
	}
	h := &backupHandler{points: points}
	selected := []string{"one", "two", "three", "four"}
	for _, test := range []struct {
		name      string
		change    func(*testSchedule)
		resources []string
		want      [][]string // of each resource, the points of which one is chosen
	}{
		{"the newest of each", func(*testSchedule) {}, selected, [][]string{{"newest"}, {"of another"}}},
		{
			"any of each", func(s *testSchedule) { s.RecoveryPointSelection.Algorithm = randomAlgorithm }, selected,
			[][]string{{"newest", "older"}, {"of another"}},
		},
		{
			"of every vault but one", func(s *testSchedule) {
				s.RecoveryPointSelection.IncludeVaults, s.RecoveryPointSelection.ExcludeVaults = []string{"*"}, []string{testedVault}
			}, selected, [][]string{{"of another vault"}},
		},
		{
			"of 30 days, where the plan does not say", func(s *testSchedule) { s.RecoveryPointSelection.SelectionWindowDays = 0 },
			[]string{"three"}, [][]string{{"too old"}},
		},
		{"of every resource", func(*testSchedule) {}, []string{"*"}, [][]string{{"not selected"}, {"newest"}, {"of another"}}},
		{
			"none of another kind", func(s *testSchedule) { s.RecoveryPointSelection.RecoveryPointTypes = []string{"CONTINUOUS"} }, selected, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var schedule testSchedule
			schedule.RecoveryPointSelection.IncludeVaults = []string{testedVault}
			schedule.RecoveryPointSelection.RecoveryPointTypes = []string{snapshotPoints}
			schedule.RecoveryPointSelection.SelectionWindowDays = 7
			test.change(&schedule)
			got := h.testedPoints("us-west-2", schedule, testSelection{ProtectedResourceType: typeS3, ProtectedResourceArns: test.resources}, at)
			if len(got) != len(test.want) {
				t.Fatalf("it restores %v, want one of each of %q", got, test.want)
			}
			for i, point := range got {
				if !slices.Contains(test.want[i], point.ARN) {
					t.Errorf("it restores %s, want one of %q", point.ARN, test.want[i])
				}
			}
		})
	}
}

// Keys of metadata are in any case, and an override stands for what AWS Backup infers.
func TestMetadataOf(t *testing.T) {
	metadata := inferredMetadata(typeAurora, "awsbackup-restore-test-1")
	if got := metadataOf(metadata, "DBClusterIdentifier"); got != "awsbackup-restore-test-1" {
		t.Errorf("the cluster is %q", got)
	}
	if got := metadataOf(metadata, "dbSubnetGroupName"); got != "" {
		t.Errorf("the subnet group is %q", got)
	}
}
