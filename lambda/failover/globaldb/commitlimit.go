package globaldb

// RPOParameter is the parameter of a DB cluster parameter group at which commits wait: while every secondary of the global database
// lags by more seconds, the primary cluster acknowledges no commit (Amazon Aurora User Guide, "Managing RPOs for Aurora
// PostgreSQL–based global databases").
const RPOParameter = "rds.global_db_rpo"

// rpoDefault is the parameter's default, with which commits never wait.
const rpoDefault = "-1"

// CommitLimit is RPOParameter of a DB cluster.
type CommitLimit struct {
	// Group is the cluster's parameter group.
	Group string
	// Value is what the group sets, in seconds; empty when it leaves the default.
	Value string
}

// IsDefault says whether commits never wait.
func (c CommitLimit) IsDefault() bool { return c.Value == "" || c.Value == rpoDefault }

// String returns the limit in seconds, such as "600 s", or "default".
func (c CommitLimit) String() string {
	if c.IsDefault() {
		return "default"
	}
	return c.Value + " s"
}
