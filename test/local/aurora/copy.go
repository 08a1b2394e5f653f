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

// initialise makes a new database cluster with the master user and database of a DB cluster. Its server is running when
// it returns.
func (p place) initialise(ctx context.Context, c Cluster) (*server, error) {
	if err := p.owner.folder(p.data()); err != nil {
		return nil, err
	}
	password := filepath.Join(p.folder, "password")
	if err := p.owner.write(password, []byte(p.password)); err != nil {
		return nil, err
	}
	defer os.Remove(password)
	out, err := p.owner.command(p.binaries.program("initdb"), "-D", p.data(), "-U", administrator, "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("making a database: %w: %s", err, out)
	}
	s, err := p.start(ctx, nil)
	if err != nil {
		return nil, err
	}
	return s, s.do(ctx, roles(c)...)
}

// roles makes the master user as RDS does: it may make databases and roles and is a member of rds_superuser, without
// being a superuser. AWS: Amazon Aurora User Guide, "Understanding the rds_superuser role".
func roles(c Cluster) []string {
	user := pgx.Identifier{c.User}.Sanitize()
	statements := []string{
		"CREATE ROLE rds_superuser NOLOGIN",
		"GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION",
		fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB CREATEROLE PASSWORD %s IN ROLE rds_superuser", user, literal(c.Password)),
	}
	if c.Database != "" && c.Database != "postgres" {
		statements = append(statements, fmt.Sprintf("CREATE DATABASE %s OWNER %s", pgx.Identifier{c.Database}.Sanitize(), user))
	}
	return statements
}

// follow makes the data of a standby from a running writer: a slot, so that the writer keeps what the standby needs from
// here on, and a copy of the writer's files between pg_backup_start and pg_backup_stop.
// PostgreSQL: "Making a Base Backup Using the Low Level API".
func (p place) follow(ctx context.Context, writer place, slot string) error {
	if err := p.owner.folder(p.data()); err != nil {
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
	if err := p.copyTree(ctx, writer.data()); err != nil {
		return fmt.Errorf("copying the writer: %w", err)
	}
	var label string
	if err := connection.QueryRow(ctx, "SELECT labelfile FROM pg_backup_stop(false)").Scan(&label); err != nil {
		return fmt.Errorf("ending the copy of the writer: %w", err)
	}
	return errors.Join(
		p.owner.write(filepath.Join(p.data(), "backup_label"), []byte(label)),
		p.owner.write(filepath.Join(p.data(), "standby.signal"), nil),
	)
}

// emptied are the folders of which a copy has nothing but themselves, and left the files that it does not have.
// PostgreSQL: "Backing Up the Data Directory", in the section on the low-level API.
var (
	emptied = []string{"pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"}
	left    = []string{"postmaster.pid", "postmaster.opts", "standby.signal", "recovery.signal", "backup_label"}
)

// copyTree copies a data folder that a server is working on. A file that goes away meanwhile is one that it does not need.
func (p place) copyTree(ctx context.Context, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
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
		top, below, nested := strings.Cut(relative, string(filepath.Separator))
		switch target := filepath.Join(p.data(), relative); {
		case nested && slices.Contains(emptied, top) && !(top == "pg_wal" && below == "archive_status"):
			return skip(entry)
		case slices.Contains(left, relative), strings.HasPrefix(entry.Name(), "pgsql_tmp"), strings.HasPrefix(entry.Name(), "pg_internal.init"):
			return skip(entry)
		case entry.IsDir():
			return p.owner.folder(target)
		case entry.Type().IsRegular():
			return p.copyFile(path, target)
		default:
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
	})
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (p place) copyFile(from, to string) error {
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
	return errors.Join(err, target.Close(), p.owner.own(to))
}

// dropSlots drops the replication slots that a rule names, and ends whoever reads from one: a slot that nobody will read
// from again keeps its writer's log for ever.
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
