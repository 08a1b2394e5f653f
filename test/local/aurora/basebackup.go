package aurora

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// initDB creates a data directory with a cluster's master user and initial database. It returns the running server.
func (c serverConfig) initDB(ctx context.Context, cluster Cluster) (*server, error) {
	if err := c.user.replaceDir(c.dataDir()); err != nil {
		return nil, err
	}
	password := filepath.Join(c.dir, "password")
	if err := c.user.writeFile(password, []byte(c.password)); err != nil {
		return nil, err
	}
	defer os.Remove(password)
	out, err := c.user.command(c.binaries.program("initdb"), "-D", c.dataDir(), "-U", administrator, "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("making a database: %w: %s", err, out)
	}
	s, err := c.start(ctx, nil)
	if err != nil {
		return nil, err
	}
	return s, s.exec(ctx, roleStatements(cluster)...)
}

// roleStatements create the master user as RDS does: it may create databases and roles and is a member of rds_superuser, but
// no superuser. AWS: Amazon Aurora User Guide, "Understanding the rds_superuser role".
func roleStatements(c Cluster) []string {
	user := pgx.Identifier{c.User}.Sanitize()
	statements := []string{
		"CREATE ROLE rds_superuser NOLOGIN",
		"GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_use_reserved_connections TO rds_superuser WITH ADMIN OPTION",
		// It may set pgAudit's parameters of databases and roles (Amazon Aurora User Guide, "Using pgAudit to log database activity").
		`GRANT SET ON PARAMETER "pgaudit.log" TO rds_superuser WITH GRANT OPTION`,
		fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB CREATEROLE PASSWORD %s IN ROLE rds_superuser", user, quoteLiteral(c.Password)),
	}
	if c.Database != "" && c.Database != "postgres" {
		statements = append(statements, fmt.Sprintf("CREATE DATABASE %s OWNER %s", pgx.Identifier{c.Database}.Sanitize(), user))
	}
	return statements
}

// baseBackup creates a standby's data directory from a running writer: a replication slot, so that the writer keeps the log
// that the standby will need, and a copy of the writer's files between pg_backup_start and pg_backup_stop. PostgreSQL: "Making
// a Base Backup Using the Low Level API".
func (c serverConfig) baseBackup(ctx context.Context, writer serverConfig, slot string) error {
	if err := c.user.replaceDir(c.dataDir()); err != nil {
		return err
	}
	connection, err := writer.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	if err := dropSlots(ctx, connection, func(name string) bool { return name == slot }); err != nil {
		return err
	}
	for _, statement := range []string{"SELECT pg_create_physical_replication_slot($1, true)", "SELECT pg_backup_start($1, true)"} {
		if _, err := connection.Exec(ctx, statement, slot); err != nil {
			return fmt.Errorf("preparing a copy of the writer: %w", err)
		}
	}
	if err := c.copyTreeTo(ctx, writer.dataDir(), c.dataDir()); err != nil {
		return fmt.Errorf("copying the writer: %w", err)
	}
	var label string
	if err := connection.QueryRow(ctx, "SELECT labelfile FROM pg_backup_stop(false)").Scan(&label); err != nil {
		return fmt.Errorf("ending the copy of the writer: %w", err)
	}
	return errors.Join(
		c.user.writeFile(filepath.Join(c.dataDir(), "backup_label"), []byte(label)),
		c.user.writeFile(filepath.Join(c.dataDir(), "standby.signal"), nil),
	)
}

var (
	// emptiedDirs are the directories that a copy has empty, excludedFiles the files that it lacks. PostgreSQL: "Backing Up
	// the Data Directory", in the section on the low-level API.
	emptiedDirs   = []string{"pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"}
	excludedFiles = []string{"postmaster.pid", "postmaster.opts", "standby.signal", "recovery.signal", "backup_label"}
)

// controlFile says up to where a copy must be recovered. A copy of a standby has it last. PostgreSQL: "Making a Base Backup
// Using the Low Level API".
const controlFile = "global/pg_control"

// copyTreeTo copies the data directory of a running server. Files that disappear during the copy are not needed.
func (c serverConfig) copyTreeTo(ctx context.Context, from, to string) error {
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		relative, err := filepath.Rel(from, path)
		if err != nil || relative == "." {
			return err
		}
		top, rest, nested := strings.Cut(relative, string(filepath.Separator))
		switch target := filepath.Join(to, relative); {
		case relative == filepath.FromSlash(controlFile):
			return nil
		case nested && slices.Contains(emptiedDirs, top) && !(top == "pg_wal" && rest == "archive_status"):
			return skip(entry)
		case slices.Contains(excludedFiles, relative),
			strings.HasPrefix(entry.Name(), "pgsql_tmp"),
			strings.HasPrefix(entry.Name(), "pg_internal.init"):
			return skip(entry)
		case entry.IsDir():
			return c.user.replaceDir(target)
		case entry.Type().IsRegular():
			return c.copyFile(path, target)
		default:
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
	})
	if err != nil {
		return err
	}
	return c.copyFile(filepath.Join(from, controlFile), filepath.Join(to, controlFile))
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (c serverConfig) copyFile(from, to string) error {
	source, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close(), c.user.chown(to))
}

// dropSlots drops the replication slots for which drop returns true, and ends their readers first. A slot without a reader
// would make the writer keep its log for ever.
func dropSlots(ctx context.Context, connection *pgx.Conn, drop func(name string) bool) error {
	rows, err := connection.Query(ctx, "SELECT slot_name::text, coalesce(active_pid, 0) FROM pg_replication_slots")
	if err != nil {
		return fmt.Errorf("listing replication slots: %w", err)
	}
	type slot struct {
		Name string
		PID  int
	}
	slots, err := pgx.CollectRows(rows, pgx.RowToStructByPos[slot])
	if err != nil {
		return fmt.Errorf("listing replication slots: %w", err)
	}
	for _, s := range slots {
		if !drop(s.Name) {
			continue
		}
		if s.PID != 0 {
			if _, err := connection.Exec(ctx, "SELECT pg_terminate_backend($1, 5000)", s.PID); err != nil {
				return fmt.Errorf("ending the reader of slot %s: %w", s.Name, err)
			}
		}
		if _, err := connection.Exec(ctx, "SELECT pg_drop_replication_slot($1)", s.Name); err != nil {
			return fmt.Errorf("dropping slot %s: %w", s.Name, err)
		}
	}
	return nil
}
