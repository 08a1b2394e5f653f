package instance

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A cluster's recovery point is a snapshot of AWS Backup's, which RDS does not delete, is copied to the other region, and restores.
func TestABackupOfAClusterRestoresWhatWasInIt(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	globalDatabase(a)
	writer := a.clusterEndpoint(east, eastCluster)
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.write(writer)
	a.newVault(east, "vault")
	peer := a.newVault(west, "peer")
	started := a.backup(east, http.MethodPut, "/backup-jobs", object{
		"BackupVaultName": "vault", "IamRoleArn": backupRole,
		"ResourceArn": "arn:aws:rds:" + east + ":" + testAccount + ":cluster:" + eastCluster,
	})
	a.write(writer)
	job := a.backup(east, http.MethodGet, fmt.Sprintf("/backup-jobs/%v", started["BackupJobId"]), nil)
	point := fmt.Sprint(job["RecoveryPointArn"])
	if job["State"] != "COMPLETED" || job["ResourceType"] != "Aurora" || !strings.Contains(point, ":cluster-snapshot:awsbackup:job-") {
		t.Fatalf("the job is %v", job)
	}
	copied := a.backup(east, http.MethodPut, "/copy-jobs", object{
		"RecoveryPointArn": point, "SourceBackupVaultName": "vault", "DestinationBackupVaultArn": peer, "IamRoleArn": backupRole,
	})
	described, _ := a.backup(east, http.MethodGet, fmt.Sprintf("/copy-jobs/%v", copied["CopyJobId"]), nil)["CopyJob"].(map[string]any)
	if described["State"] != "COMPLETED" {
		t.Fatalf("the copy is %v", described)
	}
	_, name, _ := strings.Cut(point, ":cluster-snapshot:")
	if status, body := a.try(east, "rds", "DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier", name); status < http.StatusBadRequest {
		t.Errorf("RDS deletes it: %d %s", status, body)
	}
	for region, from := range map[string]any{east: point, west: described["DestinationRecoveryPointArn"]} {
		restore := a.backup(region, http.MethodPut, "/restore-jobs", object{
			"RecoveryPointArn": from, "IamRoleArn": backupRole, "Metadata": object{"dbClusterIdentifier": "restored"},
		})
		job := a.backup(region, http.MethodGet, fmt.Sprintf("/restore-jobs/%v", restore["RestoreJobId"]), nil)
		if job["Status"] != "COMPLETED" || !strings.HasSuffix(fmt.Sprint(job["CreatedResourceArn"]), ":cluster:restored") {
			t.Fatalf("the restore in %s is %v", region, job)
		}
		a.restored(region, "restored", 1)
	}
	for region, vault := range map[string]string{east: "vault", west: "peer"} {
		for _, one := range a.points(region, vault) {
			arn, _ := one.(map[string]any)["RecoveryPointArn"].(string)
			a.backup(region, http.MethodDelete, "/backup-vaults/"+vault+"/recovery-points/"+url.PathEscape(arn), nil)
		}
		if left := a.query(region, "rds", "DescribeDBClusterSnapshots", "SnapshotType", "awsbackup"); strings.Contains(left, "awsbackup:") {
			t.Errorf("left in %s: %s", region, left)
		}
	}
	missing := a.backup(east, http.MethodPut, "/backup-jobs", object{
		"BackupVaultName": "vault", "IamRoleArn": backupRole, "ResourceArn": "arn:aws:rds:" + east + ":" + testAccount + ":cluster:none",
	})
	if job := a.backup(east, http.MethodGet, fmt.Sprintf("/backup-jobs/%v", missing["BackupJobId"]), nil); job["State"] != "FAILED" {
		t.Errorf("a backup of no cluster is %v", job)
	}
}
