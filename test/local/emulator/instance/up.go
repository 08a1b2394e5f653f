package instance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/makecommand"
)

const (
	// otherTimeout is how long Up waits for another up or a stopping process of the same folder, and Down for the end: longer
	// than the emulator may take to stop.
	otherTimeout = 60 * time.Second
	// otherPollInterval is the pause between two attempts to take the lock meanwhile.
	otherPollInterval = 50 * time.Millisecond
	// statusTimeout bounds the request that identifies the owner of an occupied port.
	statusTimeout = 2 * time.Second
)

// UpOptions configure Up.
type UpOptions struct {
	Port     int                                                  // 0 takes a free one
	Install  func(context.Context) (emulator.Installation, error) // called when nothing runs yet
	Command  func(emulator.Installation) []string                 // the arguments with which this executable becomes the background process
	Progress emulator.Progress
	Notice   io.Writer // one line when the run before did not end well
}

// Up starts the instance of this folder unless it runs already, and returns when it serves.
func (f Folder) Up(ctx context.Context, options UpOptions) (Record, error) {
	lock, running, err := f.claim(ctx, options)
	if err != nil {
		return Record{}, err
	}
	if lock == nil {
		if options.Port != 0 && running.Endpoint != endpointOf(options.Port) {
			return Record{}, fmt.Errorf(
				"the local AWS emulator of %s runs at %s already: use that, or stop it before it starts at port %d",
				f,
				running.Endpoint,
				options.Port,
			)
		}
		return running, nil
	}
	listener, installation, err := f.prepare(ctx, options)
	if err != nil {
		return Record{}, errors.Join(err, emulator.Unlock(lock))
	}
	defer lock.Close() // the background process has a copy, and with it the lock
	defer listener.Close()
	defer options.Progress("starting the local AWS emulator")()
	return f.launch(ctx, options.Command(installation), lock, listener)
}

// prepare returns what the background process needs: the port that it serves, and the emulator's installation.
func (f Folder) prepare(ctx context.Context, options UpOptions) (*net.TCPListener, emulator.Installation, error) {
	if err := f.noticeUncleanEnd(options.Notice); err != nil {
		return nil, emulator.Installation{}, err
	}
	listener, err := f.listen(ctx, options.Port)
	if err != nil {
		return nil, emulator.Installation{}, err
	}
	installation, err := options.Install(ctx)
	if err != nil {
		return nil, emulator.Installation{}, errors.Join(err, listener.Close())
	}
	return listener, installation, nil
}

// claim returns the folder's lock, or, when an instance runs, its record.
func (f Folder) claim(ctx context.Context, options UpOptions) (*os.File, Record, error) {
	var stop func()
	deadline := time.Now().Add(otherTimeout)
	for {
		lock, err := emulator.TryLock(f.lockFile())
		if err == nil || !errors.Is(err, emulator.ErrLocked) {
			return lock, Record{}, err
		}
		record, ok, err := f.readRecord()
		if err != nil {
			return nil, Record{}, err
		}
		if ok {
			if answered, err := askStatus(ctx, record.Endpoint); err == nil && answered == record {
				return nil, record, nil
			}
		}
		if time.Now().After(deadline) {
			return nil, Record{}, fmt.Errorf(
				"the local AWS emulator of %s neither serves nor ends: see %s, then %s", f, f.GatewayLog(), makecommand.For("local-down"),
			)
		}
		if stop == nil {
			stop = options.Progress("waiting for another start or stop of the local AWS emulator")
			defer stop()
		}
		select {
		case <-ctx.Done():
			return nil, Record{}, fmt.Errorf("waiting for the local AWS emulator of %s: %w", f, ctx.Err())
		case <-time.After(otherPollInterval):
		}
	}
}

// noticeUncleanEnd reports a previous run that was killed or crashed, and removes its record.
func (f Folder) noticeUncleanEnd(notice io.Writer) error {
	end, err := f.uncleanEnd()
	if err != nil || end == nil {
		return err
	}
	fmt.Fprintf(
		notice,
		"the local AWS emulator (gateway %d, emulator %d) was killed or crashed, last log line: %s; starting it again with every resource that had been acknowledged, last save %s\n",
		end.GatewayPID,
		end.EmulatorPID,
		end.LastLog,
		end.Saved.Format(time.RFC3339),
	)
	if err := os.Remove(f.recordFile()); err != nil {
		return fmt.Errorf("removing the record of a run that is gone: %w", err)
	}
	return nil
}

// listen opens the port here and hands the open socket to the background process, so that no other process can take the port
// between.
func (f Folder) listen(ctx context.Context, port int) (*net.TCPListener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err == nil {
		return listener.(*net.TCPListener), nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listening on port %d: %w", port, err)
	}
	if other, err := askStatus(ctx, endpointOf(port)); err == nil && other.StateDir != "" {
		if orphan := other.orphan(port); orphan != nil {
			return nil, orphan
		}
		return nil, fmt.Errorf(
			"port %d is used by the local AWS emulator of %s (process %d): stop it with make local-down STATE=%s, or choose another port with PORT=…",
			port, other.StateDir, other.GatewayPID, makecommand.Quote(other.StateDir),
		)
	}
	return nil, fmt.Errorf("port %d is used by %s: end it, or choose another port with PORT=…", port, portOwner(port))
}

// launch starts this executable as the background process and waits until it serves.
func (f Folder) launch(ctx context.Context, args []string, lock *os.File, listener *net.TCPListener) (Record, error) {
	self, err := os.Executable()
	if err != nil {
		return Record{}, fmt.Errorf("finding this executable: %w", err)
	}
	output, err := openLog(f.GatewayLog())
	if err != nil {
		return Record{}, err
	}
	defer output.Close()
	socket, err := listener.File()
	if err != nil {
		return Record{}, fmt.Errorf("handing over the port: %w", err)
	}
	defer socket.Close()
	ready, serving, err := os.Pipe()
	if err != nil {
		return Record{}, fmt.Errorf("connecting to the background process: %w", err)
	}
	defer ready.Close()
	if err := os.MkdirAll(f.Temporary(), 0o700); err != nil {
		return Record{}, fmt.Errorf("making the folder of temporary files: %w", err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = string(f)
	cmd.Env = append(os.Environ(), "TMPDIR="+f.Temporary())
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{lock, socket, serving}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this command and its terminal
	err = cmd.Start()
	serving.Close()
	if err != nil {
		return Record{}, fmt.Errorf("starting the background process: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	// One line when it serves, or the end of the stream when it does not come to that.
	line, err := io.ReadAll(ready)
	if err != nil {
		return Record{}, fmt.Errorf("waiting for the background process: %w", err)
	}
	var record Record
	if err := json.Unmarshal(bytes.TrimSpace(line), &record); err != nil {
		return Record{}, errors.Join(
			ctx.Err(),
			fmt.Errorf("the local AWS emulator did not start: %s (logs: %s, %s)", lastLine(f.GatewayLog()), f.GatewayLog(), f.EmulatorLog()),
			cmd.Wait(),
		)
	}
	go cmd.Wait() // should this process outlive it, nothing of it stays in the process table
	return record, nil
}

// direct ignores HTTP_PROXY, which may name this very endpoint.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func endpointOf(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }

// askStatus requests an instance's record from an endpoint.
func askStatus(ctx context.Context, endpoint string) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+statusPath, nil)
	if err != nil {
		return Record{}, fmt.Errorf("asking %s: %w", endpoint, err)
	}
	response, err := direct.Do(request)
	if err != nil {
		return Record{}, fmt.Errorf("asking %s: %w", endpoint, err)
	}
	defer response.Body.Close()
	var record Record
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&record); err != nil {
		return Record{}, fmt.Errorf("reading the answer of %s: %w", endpoint, err)
	}
	return record, nil
}
