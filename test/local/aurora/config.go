package aurora

import (
	"fmt"
	"slices"
	"strings"
)

// administrator is the superuser that this package uses, named like RDS's own. A cluster's master user is no superuser, as on
// AWS. AWS: Amazon Aurora User Guide, "Understanding PostgreSQL roles and permissions".
const administrator = "rdsadmin"

const (
	certificateFile = "server.crt"
	keyFile         = "server.key"
)

// serverSettings are the same for every server, because a standby's limits must not be lower than its writer's. The parameters of
// DB cluster parameter groups are not applied.
var serverSettings = [][2]string{
	{"listen_addresses", serverHost},
	{"unix_socket_directories", ""},        // the path of a deep directory is longer than a socket's name may be
	{"max_connections", "1000"},            // commits that wait keep their sessions, whose clients have long given up
	{"reserved_connections", "3"},          // for the readiness probe; on AWS no parameter group sets it yet (ADR 29, Limits)
	{"shared_buffers", "32MB"},             // small: many servers may share a machine with a build
	{"dynamic_shared_memory_type", "mmap"}, // files of the data folder: a killed server leaves nothing elsewhere
	{"max_wal_size", "256MB"},
	{"fsync", "off"}, // a killed process loses nothing without it; local data need not survive a power failure
	{"wal_level", "replica"},
	{"hot_standby", "on"},
	{"max_slot_wal_keep_size", "1GB"}, // a standby that stays unreachable must not fill the disk; it is rebuilt after that
	// Both ends notice a lost connection after 5 s; the default is a minute. The receiver retries five times a second.
	{"wal_sender_timeout", "5s"},
	{"wal_receiver_timeout", "5s"},
	{"wal_retrieve_retry_interval", "200ms"},
	{"recovery_target_timeline", "latest"},
	{"ssl", "on"},
	{"ssl_cert_file", certificateFile},
	{"ssl_key_file", keyFile},
	{"password_encryption", "scram-sha-256"},
	{"timezone", "UTC"},
}

// administratorRules admit the administrator from this machine. Users need a password and TLS (openAccessRules): rds.force_ssl
// is 1 by default since Aurora PostgreSQL 17, and in this platform's own parameter groups. AWS: Amazon Aurora User Guide,
// "Requiring an SSL/TLS connection to a PostgreSQL DB cluster".
const administratorRules = "host    all         " + administrator + " " + serverHost + "/32 scram-sha-256\n" +
	"host    replication " + administrator + " " + serverHost + "/32 scram-sha-256\n"

const (
	openAccessRules    = administratorRules + "hostssl all         all      " + serverHost + "/32 scram-sha-256\n"
	blockedAccessRules = administratorRules + "host    all         all      all          reject\n"
)

// replicationSource is the writer that a standby follows.
type replicationSource struct {
	port int
	slot string
}

// renderConfiguration returns postgresql.conf; source is nil for a writer.
func (c serverConfig) renderConfiguration(source *replicationSource) []byte {
	var replication [][2]string
	if source != nil {
		connection := fmt.Sprintf("host=%s port=%d user=%s password=%s application_name=%s sslmode=disable connect_timeout=3",
			serverHost, source.port, administrator, c.password, source.slot)
		replication = [][2]string{{"primary_conninfo", connection}, {"primary_slot_name", source.slot}}
	}
	return c.render(replication)
}

// render returns postgresql.conf with settings besides those of every server.
func (c serverConfig) render(further [][2]string) []byte {
	all := slices.Concat([][2]string{{"port", fmt.Sprint(c.port)}}, serverSettings, c.archiveSettings(), further)
	var b strings.Builder
	for _, setting := range all {
		fmt.Fprintf(&b, "%s = %s\n", setting[0], quoteLiteral(setting[1]))
	}
	fmt.Fprintf(&b, "include = %s\n", quoteLiteral(holdFile))
	return []byte(b.String())
}

// quoteLiteral quotes a string for SQL and for postgresql.conf.
func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
