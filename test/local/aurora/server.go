package aurora

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/emulator"
)

const (
	// startTimeout bounds a start until the server accepts connections. It takes 0.2 s; recovery after a kill takes longer.
	startTimeout = 60 * time.Second
	// shutdownTimeout bounds a regular shutdown (SIGINT), in which the server waits until its standbys have received
	// everything.
	shutdownTimeout = 20 * time.Second
	// quitTimeout bounds an immediate shutdown (SIGQUIT): the server gives its own processes 5 s before it kills them.
	// PostgreSQL: SIGKILL_CHILDREN_AFTER_SECS in postmaster.c.
	quitTimeout = 6 * time.Second
	// pollInterval is the pause between two polls of something that takes tenths of a second.
	pollInterval = 20 * time.Millisecond
)

// serverConfig is what a server needs to run: its directory, the programs, the user to run them as, and what goes into its
// configuration.
type serverConfig struct {
	dir      string // of one DB cluster
	binaries Binaries
	user     serverUser
	port     int    // chosen at each start; clients connect to a proxy
	password string // of the administrator
	volume   int    // the number of the data directory, by which its backups are found

	authority *authority // signs the server's certificate
}

func (c serverConfig) dataDir() string  { return filepath.Join(c.dir, "data") }
func (c serverConfig) logFile() string  { return filepath.Join(c.dir, "server.log") }
func (c serverConfig) lockFile() string { return filepath.Join(c.dir, "lock") }

// server is a running PostgreSQL server.
type server struct {
	serverConfig
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read after ended

	stopping atomic.Bool // stop was called: the end is intended

	holding sync.Mutex // of a change of held
	held    bool       // commits wait, see EnforceRPO
}

// start runs the server on its data directory and returns when it accepts connections. source is nil for a writer.
func (c serverConfig) start(ctx context.Context, source *replicationSource) (*server, error) {
	return c.startWith(ctx, c.renderConfiguration(source), startTimeout)
}

// startWith is start with a configuration and a bound of its own.
func (c serverConfig) startWith(ctx context.Context, configuration []byte, timeout time.Duration) (*server, error) {
	if err := c.prepareVolume(); err != nil {
		return nil, err
	}
	lock, err := c.acquireLock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close() // the server has its own copy
	if !isFree(serverHost, c.port) {
		return nil, fmt.Errorf("port %d of PostgreSQL is used by another process (end it): it was free a moment ago", c.port)
	}
	// A new certificate at each start: a standby's data is a copy with the writer's certificate, and an older certificate may be
	// signed by an authority that was replaced.
	certificate, key, err := c.authority.issue()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		c.user.writeFile(filepath.Join(c.dataDir(), certificateFile), certificate),
		c.user.writeFile(filepath.Join(c.dataDir(), keyFile), key),
		c.user.writeFile(filepath.Join(c.dataDir(), "postgresql.conf"), configuration),
		c.user.writeFile(filepath.Join(c.dataDir(), holdFile), nil),
		c.user.writeFile(filepath.Join(c.dataDir(), "pg_hba.conf"), []byte(openAccessRules)),
	); err != nil {
		return nil, err
	}
	output, err := os.OpenFile(c.logFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the server's log: %w", err)
	}
	defer output.Close()
	cmd := c.user.command(c.binaries.program("postgres"), "-D", c.dataDir())
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{lock}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s := &server{serverConfig: c, cmd: cmd, ended: make(chan struct{})}
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	if err := s.waitReady(ctx, timeout); err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w (log: %s)", err, c.logFile()), s.stop(syscall.SIGQUIT))
	}
	return s, nil
}

// acquireLock takes the lock that every process of a server holds while it lives. If a server that an earlier run left behind
// holds it, that server is stopped first: its process id is read while the lock is held, so it cannot be the id of another
// process.
func (c serverConfig) acquireLock(ctx context.Context) (*os.File, error) {
	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()
	for {
		lock, err := emulator.TryLock(c.lockFile())
		if !errors.Is(err, emulator.ErrLocked) {
			return lock, err
		}
		if pid, ok := c.pid(); ok {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return nil, fmt.Errorf("stopping the PostgreSQL server %d of an earlier run: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the PostgreSQL server of an earlier run in %s to end: %w", c.dir, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// pid reads the process id from the first line of postmaster.pid.
func (c serverConfig) pid() (int, bool) {
	content, err := os.ReadFile(filepath.Join(c.dataDir(), "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	return pid, err == nil && pid > 1
}

func (s *server) waitReady(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		connection, err := s.connect(ctx)
		if err == nil {
			return connection.Close(ctx)
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended during its start: %w", errors.Join(s.err, err))
		case <-ctx.Done():
			return fmt.Errorf("the server does not accept connections: %w", err)
		case <-time.After(pollInterval):
		}
	}
}

// connect opens a session of the administrator.
func (c serverConfig) connect(ctx context.Context) (*pgx.Conn, error) {
	parsed, err := pgx.ParseConfig(
		fmt.Sprintf("host=%s port=%d user=%s dbname=postgres sslmode=disable connect_timeout=3", serverHost, c.port, administrator),
	)
	if err != nil {
		return nil, fmt.Errorf("connecting to port %d: %w", c.port, err)
	}
	parsed.Password = c.password
	// What this package writes itself does not wait where users' commits do.
	parsed.RuntimeParams["synchronous_commit"] = "local"
	connection, err := pgx.ConnectConfig(ctx, parsed)
	if err != nil {
		return nil, fmt.Errorf("connecting to port %d: %w", c.port, err)
	}
	return connection, nil
}

// exec runs statements as the administrator, one after another, outside a transaction.
func (c serverConfig) exec(ctx context.Context, statements ...string) error {
	connection, err := c.connect(ctx)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := connection.Exec(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("running %.60q: %w", statement, err), connection.Close(ctx))
		}
	}
	return connection.Close(ctx)
}

// stop ends the server. SIGINT ends sessions, lets standbys receive everything and writes a checkpoint; SIGQUIT ends it
// immediately, as a crash does. A server that does not end in time gets the next stronger signal, SIGKILL at last. PostgreSQL:
// "Shutting Down the Server".
func (s *server) stop(how syscall.Signal) error {
	s.stopping.Store(true)
	for signal := how; ; {
		if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping PostgreSQL: %w", err)
		}
		timeout := shutdownTimeout
		if signal != syscall.SIGINT {
			timeout = quitTimeout
		}
		select {
		case <-s.ended:
			return nil
		case <-time.After(timeout):
		}
		switch signal {
		case syscall.SIGINT:
			signal = syscall.SIGQUIT
		case syscall.SIGQUIT:
			signal = syscall.SIGKILL
		default:
			return fmt.Errorf("PostgreSQL (process %d) does not end", s.cmd.Process.Pid)
		}
	}
}

// runs says whether the process lives.
func (s *server) runs() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}
