package gateway

import (
	"net/http"
	"testing"
)

// No automated backups are an empty list and not an unknown operation.
func TestNoAutomatedBackups(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Unknown RDS action", http.StatusBadRequest)
	})
	status, body := f.query("us-west-2", "rds", "DescribeDBClusterAutomatedBackups")
	if status != http.StatusOK {
		t.Errorf("the status is %d, want %d", status, http.StatusOK)
	}
	wantParts(t, body, `<DescribeDBClusterAutomatedBackupsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">`,
		"<DescribeDBClusterAutomatedBackupsResult><DBClusterAutomatedBackups></DBClusterAutomatedBackups></DescribeDBClusterAutomatedBackupsResult>",
		"<RequestId>")
	if status, _ := f.query("us-west-2", "rds", "DescribeDBInstanceAutomatedBackups"); status != http.StatusBadRequest {
		t.Errorf("another operation is answered with %d, want what the emulator says of it", status)
	}
}
