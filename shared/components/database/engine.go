package database

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	engine = "aurora-postgresql"

	// DatabaseName is the database that the cluster is created with, and the purpose in the names of all resources here.
	DatabaseName = "records"

	// instanceClass is Serverless v2's: the capacity of each instance follows its load (Amazon Aurora User Guide, "Using Aurora
	// Serverless v2").
	instanceClass = "db.serverless"

	// logExport is the one log that Aurora PostgreSQL exports to CloudWatch Logs. It contains pgAudit's records.
	logExport = "postgresql"
)

// exactVersion is a major and a minor version, the complete form of a version since Aurora PostgreSQL 13.
var exactVersion = regexp.MustCompile(`^[1-9][0-9]*\.[0-9]+$`)

// major returns the major version of an exact one: 16 of 16.8. An inexact one is refused, because AWS would choose the minor
// version, and might choose another for the second member.
func major(version string) (string, error) {
	if !exactVersion.MatchString(version) {
		return "", fmt.Errorf("choosing the engine version: it is exact, such as 16.8; got %q", version)
	}
	before, _, _ := strings.Cut(version, ".")
	return before, nil
}

// parameter is a row of a cluster parameter group.
type parameter struct {
	name, value string
	// static parameters are read when the engine starts. RDS refuses to apply them immediately.
	static bool
}

// parameters returns the parameters of both members. A secondary does not inherit them (Amazon Aurora User Guide,
// "Configuration requirements of an Amazon Aurora global database") and becomes the primary with its own. The parameters of one
// member alone are its creation's.
//
// pgAudit logs statements, and log_statement does not: it would write passwords of CREATE ROLE and the values of bound
// parameters into the log, which pgAudit redacts and leaves out (Amazon Aurora User Guide, "Using pgAudit to log database
// activity"). It logs reads, too, but those of the application's own roles, which lambda/app/src/database/roles.js excepts: they are
// in the audit trail, and the application knows for whom they are.
func parameters() []parameter {
	return []parameter{
		{name: "rds.force_ssl", value: "1"},
		// The first library is Aurora's own default, which a value without it would remove.
		{name: "shared_preload_libraries", value: "pg_stat_statements,pgaudit", static: true},
		{name: "pgaudit.log", value: "ddl,read,role,write"},
		{name: "pgaudit.log_parameter", value: "0"},
		{name: "log_statement", value: "none"},
		{name: "log_connections", value: "1"},
		{name: "log_disconnections", value: "1"},
	}
}

// rpoParameter makes commits wait once the only secondary lags by some seconds. The RPO holds, and a standby that stays lost
// stops the writers (Amazon Aurora User Guide, "Managing RPOs for Aurora PostgreSQL-based global databases"). 0 seconds leave
// the parameter out, which is AWS's default: off.
func rpoParameter(seconds int) []parameter {
	if seconds == 0 {
		return nil
	}
	return []parameter{{name: "rds.global_db_rpo", value: fmt.Sprint(seconds)}}
}
