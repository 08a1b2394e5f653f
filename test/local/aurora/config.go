package aurora

import (
	"fmt"
	"strings"
)

// administrator is the superuser by which this package works, named as the one that RDS keeps for itself; a cluster's
// master user is none, as on AWS. AWS: Amazon Aurora User Guide, "Understanding PostgreSQL roles and permissions".
const administrator = "rdsadmin"

const (
	certificateFile = "server.crt"
	keyFile         = "server.key"
)

// settings are the same for every server, since a standby must not have less than its writer. Those of a DB cluster
// parameter group are not carried over.
var settings = [][2]string{
	{"listen_addresses", serverHost},
	{"unix_socket_directories", ""}, // a path in a deep folder is longer than a socket's name may be
	{"max_connections", "200"},
	{"shared_buffers", "32MB"},             // small: many servers may share a machine with a build
	{"dynamic_shared_memory_type", "mmap"}, // files of the data folder: a killed server leaves nothing elsewhere
	{"max_wal_size", "256MB"},
	{"fsync", "off"}, // a killed process loses nothing by it; a power cut is not among what local data must survive
	{"wal_level", "replica"},
	{"hot_standby", "on"},
	{"max_slot_wal_keep_size", "1GB"}, // a standby that stays away must not fill the disk; it is rebuilt after that
	// Both ends notice a lost partner in seconds; the default is a minute. The receiver tries again as often.
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

// access lets users in with a password and TLS only: rds.force_ssl is 1 by default since Aurora PostgreSQL 17, and in this
// platform's own parameter groups. AWS: Amazon Aurora User Guide, "Requiring an SSL/TLS connection to a PostgreSQL DB cluster".
const access = "host    all         " + administrator + " " + serverHost + "/32 scram-sha-256\n" +
	"host    replication " + administrator + " " + serverHost + "/32 scram-sha-256\n"

const (
	openAccess   = access + "hostssl all         all      " + serverHost + "/32 scram-sha-256\n"
	closedAccess = access + "host    all         all      all          reject\n"
)

// source is the writer that a standby follows.
type source struct {
	port int
	slot string
}

// configuration writes postgresql.conf; from is nil for a writer.
func configuration(port int, password string, from *source) []byte {
	all := append([][2]string{{"port", fmt.Sprint(port)}}, settings...)
	if from != nil {
		all = append(all,
			[2]string{"primary_conninfo", fmt.Sprintf("host=%s port=%d user=%s password=%s application_name=%s sslmode=disable connect_timeout=3", serverHost, from.port, administrator, password, from.slot)},
			[2]string{"primary_slot_name", from.slot})
	}
	var b strings.Builder
	for _, setting := range all {
		fmt.Fprintf(&b, "%s = %s\n", setting[0], literal(setting[1]))
	}
	return []byte(b.String())
}

// literal quotes a string for SQL and for postgresql.conf.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
