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
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/emulator"
)

const (
	// startTime is how long a server may take until it answers. It takes 0.2 s; recovery after a kill takes longer.
	startTime = 60 * time.Second
	// stopTime is how long a server may take to end; it waits for its standbys to have received everything.
	stopTime = 20 * time.Second
	// quitTime is how long a server may take to end at once: it gives its own processes 5 s before it kills them.
	// PostgreSQL: SIGKILL_CHILDREN_AFTER_SECS in postmaster.c.
	quitTime = 6 * time.Second
	// pause separates two looks at something that takes tenths of a second.
	pause = 20 * time.Millisecond
)

// place is where a server's files are and who owns them.
type place struct {
	folder   string // of one DB cluster
	binaries Binaries
	owner    owner
	port     int    // of this run; clients come through a door
	password string // the administrator's

	authority *authority // signs the server's certificate
}

func (p place) data() string { return filepath.Join(p.folder, "data") }
func (p place) log() string  { return filepath.Join(p.folder, "server.log") }
func (p place) lock() string { return filepath.Join(p.folder, "lock") }

// server is a running PostgreSQL server.
type server struct {
	place
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read after ended

	stopping atomic.Bool // its end is wanted
}

// start runs the server on its data folder, as a writer when from is nil, and returns when it answers.
func (p place) start(ctx context.Context, from *source) (*server, error) {
	lock, err := p.claim(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close() // the server has its own copy
	if !isFree(serverHost, p.port) {
		return nil, fmt.Errorf("port %d, which was free a moment ago, is used by another process: try again", p.port)
	}
	// A new certificate at each start: a standby's data has its writer's, and those of an earlier time may be signed by another.
	certificate, key, err := p.authority.issue(time.Now())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(
		p.owner.write(filepath.Join(p.data(), certificateFile), certificate),
		p.owner.write(filepath.Join(p.data(), keyFile), key),
		p.owner.write(filepath.Join(p.data(), "postgresql.conf"), configuration(p.port, p.password, from)),
		p.owner.write(filepath.Join(p.data(), "pg_hba.conf"), []byte(openAccess)),
	); err != nil {
		return nil, err
	}
	output, err := os.OpenFile(p.log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the server's log: %w", err)
	}
	defer output.Close()
	cmd := p.owner.command(p.binaries.program("postgres"), "-D", p.data())
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{lock}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s := &server{place: p, cmd: cmd, ended: make(chan struct{})}
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	if err := s.waitReady(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w (log: %s)", err, p.log()), s.stop(syscall.SIGQUIT))
	}
	return s, nil
}

// claim takes the lock that a server holds for as long as one of its processes lives. A server that an earlier run left
// behind has it: that one is stopped first. Its process id is read while the lock is held, so it is its own.
func (p place) claim(ctx context.Context) (*os.File, error) {
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	for {
		lock, err := emulator.TryLock(p.lock())
		if !errors.Is(err, emulator.ErrLocked) {
			return lock, err
		}
		if pid, ok := p.pid(); ok {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return nil, fmt.Errorf("stopping the PostgreSQL server %d of an earlier run: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the PostgreSQL server of an earlier run in %s to end: %w", p.folder, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// pid reads the process id from the first line of postmaster.pid.
func (p place) pid() (int, bool) {
	content, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	return pid, err == nil && pid > 1
}

func (s *server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		connection, err := s.connect(ctx)
		if err == nil {
			return connection.Close(ctx)
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it ended at once: %w", errors.Join(s.err, err))
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(pause):
		}
	}
}

// connect opens a session of the administrator's.
func (p place) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=postgres sslmode=disable connect_timeout=3", serverHost, p.port, administrator))
	if err != nil {
		return nil, fmt.Errorf("connecting to port %d: %w", p.port, err)
	}
	config.Password = p.password
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to port %d: %w", p.port, err)
	}
	return connection, nil
}

// do runs statements of the administrator's, in turn, outside a transaction.
func (p place) do(ctx context.Context, statements ...string) error {
	connection, err := p.connect(ctx)
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

// stop ends the server: SIGINT ends sessions, lets standbys receive everything and saves; SIGQUIT ends at once, as a crash
// does. PostgreSQL: "Shutting Down the Server". One that does not end in time is ended at once.
func (s *server) stop(how syscall.Signal) error {
	s.stopping.Store(true)
	for signal := how; ; {
		if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping PostgreSQL: %w", err)
		}
		patience := stopTime
		if signal != syscall.SIGINT {
			patience = quitTime
		}
		select {
		case <-s.ended:
			return nil
		case <-time.After(patience):
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
