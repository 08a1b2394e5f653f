package emulator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// healthPath answers 200 once MiniStack has loaded its state and serves.
	healthPath = "/_ministack/health"
	// healthPollInterval is the pause between two requests of healthPath; MiniStack is ready after 0.2 to 0.6 s.
	healthPollInterval = 25 * time.Millisecond
	// stopTimeout bounds a graceful end; the process is killed after it. Saving takes milliseconds; functions that still run
	// are given their time.
	stopTimeout = 30 * time.Second
)

// direct ignores the proxy in the environment, which may be the gateway.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Options configure one emulator process.
type Options struct {
	Installation Installation
	Folder       string // where its state is kept
	Endpoint     string // the gateway's URL, which functions are given
	Faults       string // the file of the regions' faults, as package fault writes it
	BusPolicies  string // the file of the event buses' policies, as package gateway writes it
	// BackupCalendar is the file of AWS Backup's calendar, as package gateway writes it: the alarms on its metrics follow it.
	BackupCalendar string
	// Propagation is how long a change of a role or of its policies takes to have an effect. AWS: IAM User Guide, "Troubleshoot
	// IAM", "Changes that I make are not always immediately visible".
	Propagation time.Duration
	CA          string // the file of the databases' certificate authority, which functions are given
	// BalancerCAs is the folder of the certificate authority of load balancers. Functions are given it, and the gateway as the proxy by which
	// they reach what speaks TLS.
	BalancerCAs string
	// NameServers are the addresses, host:port, at which the functions of each region reach Route 53's name servers. Functions
	// are given theirs as WARMSTANDBY_NAME_SERVER, which is for DNS what AWS_ENDPOINT_URL is for AWS's APIs.
	NameServers map[string]string
	Log         *os.File   // its output; a file, so that a function that outlives the emulator holds nothing up
	Inherit     []*os.File // kept open in the process for as long as it lives: the lock of its folder
}

// Process is a running emulator.
type Process struct {
	URL *url.URL // where it listens, on loopback

	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // why it ended; read after ended

	saved    string // the file with the name of the last save
	requests io.WriteCloser
	answers  *bufio.Reader

	saving sync.Mutex // of a save, from its request to its answer
}

// startAttempts bounds how often Start looks for a port. That two processes find the same one is rare, and an attempt takes half a second.
const startAttempts = 5

// errPortTaken says that another process listens at the port that was free a moment before.
var errPortTaken = errors.New("another process has taken the port")

// Start runs the emulator and returns when it serves. If ctx or the process ends first, the process is stopped and the error
// says why. The process saves its state and ends by itself when its parent dies.
func Start(ctx context.Context, options Options) (*Process, error) {
	return startAt(ctx, options, freePort)
}

// startAt is Start with the function that finds a port.
func startAt(ctx context.Context, options Options, findPort func() (int, error)) (*Process, error) {
	for attempt := 1; ; attempt++ {
		port, err := findPort()
		if err != nil {
			return nil, err
		}
		process, err := start(ctx, options, port)
		if !errors.Is(err, errPortTaken) || attempt == startAttempts {
			return process, err
		}
	}
}

// start runs the emulator at a port. Its error is errPortTaken when another process listens there.
func start(ctx context.Context, options Options, port int) (*Process, error) {
	if err := errors.Join(os.RemoveAll(options.tempDir()), os.MkdirAll(options.tempDir(), 0o755)); err != nil {
		return nil, fmt.Errorf("making the emulator's folder: %w", err)
	}
	env, err := environment(options, port)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(options.Installation.Python, options.Installation.Launcher)
	cmd.Env = env
	cmd.Dir = options.Folder
	cmd.Stderr = options.Log
	cmd.ExtraFiles = options.Inherit
	// A group of its own: an interrupt typed at a terminal must reach the gateway alone, which then stops the emulator.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	requests, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting to the emulator: %w", err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting to the emulator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the emulator: %w", err)
	}
	process := &Process{
		URL:      &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))},
		cmd:      cmd,
		ended:    make(chan struct{}),
		saved:    options.servicesDir() + ".saved",
		requests: requests,
		answers:  bufio.NewReader(answers),
	}
	go func() {
		process.err = cmd.Wait()
		close(process.ended)
	}()
	if err := process.waitReady(ctx); err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	return process, nil
}

// The request whether the process itself serves, and the answer that it does, as launch.py has them. What answers at the port can be
// another process.
const (
	readyRequest = "ready?"
	readyAnswer  = "ready"
)

// isServing asks the process by its own pipe whether it serves.
func (p *Process) isServing() bool {
	p.saving.Lock()
	defer p.saving.Unlock()
	if _, err := io.WriteString(p.requests, readyRequest+"\n"); err != nil {
		return false
	}
	answer, err := p.answers.ReadString('\n')
	return err == nil && strings.TrimSpace(answer) == readyAnswer
}

// startError is why the process ended before it served.
func (p *Process) startError(ctx context.Context) error {
	err := fmt.Errorf("starting the emulator: it ended before it served: %w", p.Err())
	var dialer net.Dialer
	if connection, dialErr := dialer.DialContext(ctx, "tcp", p.URL.Host); dialErr == nil {
		return errors.Join(errPortTaken, err, connection.Close())
	}
	return err
}

func (p *Process) waitReady(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Signal(syscall.SIGTERM) }) // also while it is asked by its pipe
	defer stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL.String()+healthPath, nil)
		if err != nil {
			return fmt.Errorf("asking the emulator whether it is ready: %w", err)
		}
		if response, err := direct.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK && p.isServing() {
				return nil
			}
		}
		select {
		case <-p.ended:
			return p.startError(ctx)
		case <-ctx.Done():
			return fmt.Errorf("waiting for the emulator to serve: %w", ctx.Err())
		case <-time.After(healthPollInterval):
		}
	}
}

// PID is the process id of the emulator.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Err returns how the process ended, and waits for that. A clean exit is an error too: the caller did not request it.
func (p *Process) Err() error {
	<-p.ended
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

// Stop ends the process gracefully, so that it saves its state, and kills it when that takes longer than 30 s.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending the emulator: %w", err)
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing the emulator: %w", err)
	}
	<-p.ended
	return fmt.Errorf("the emulator did not end within %s and was killed: what changed since its last save is lost", stopTimeout)
}

// freePort returns a free loopback port. MiniStack takes a port number and not an open socket, so another process can take the
// port first; MiniStack then ends at once with an error, and startAt looks for another port.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	return port, nil
}
