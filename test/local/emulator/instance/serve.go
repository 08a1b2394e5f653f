package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/emulator"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/gateway"
	"warmstandby/test/local/route53"
)

const (
	// statusPath is where the gateway says whose it is. An underscore: no bucket can have that name.
	statusPath = "/_local/status"
	// saveEvery is the longest time that data, as opposed to resources, is unsaved. A save takes some milliseconds in which
	// the emulator answers nobody and a tenth of a second and more of a processor, which functions under load would miss.
	saveEvery = 5 * time.Second
	// drainTime is what requests that are being served get to end when the instance stops.
	drainTime = 5 * time.Second
	// answerTime is what the gateway takes, after the emulator's end, for answers that it has already got.
	answerTime = 2 * time.Second
)

// The open files that Up hands to the background process, in the order of exec.Cmd.ExtraFiles.
const (
	lockFD     = 3
	listenerFD = 4
	readyFD    = 5
)

// Serve is the background process: it runs the emulator, serves on the listener that Up opened, and ends when ctx does,
// with the emulator's state saved. When the emulator ends by itself Serve ends with an error; its record stays, so that
// the next Up knows.
func (f Folder) Serve(ctx context.Context, installation emulator.Installation) error {
	for _, fd := range []int{lockFD, listenerFD, readyFD} {
		syscall.CloseOnExec(fd) // what the emulator inherits is said below
	}
	logger := log.New(os.Stderr, "", log.LstdFlags|log.Lmicroseconds|log.LUTC)
	lock, ready := os.NewFile(lockFD, "lock"), os.NewFile(readyFD, "ready")
	listener, err := net.FileListener(os.NewFile(listenerFD, "listener"))
	if err != nil {
		return fmt.Errorf("taking over the port (serve is started by up, not by hand): %w", err)
	}
	endpoint := "http://" + listener.Addr().String()
	output, err := openLog(f.EmulatorLog())
	if err != nil {
		return err
	}
	faults, err := fault.Open(f.faults())
	if err != nil {
		return err
	}
	if err := aurora.EnsureAuthority(f.databases()); err != nil {
		return err
	}
	process, err := emulator.Start(ctx, emulator.Options{
		Installation: installation, Folder: f.path("emulator"), Endpoint: endpoint, Faults: f.faults(),
		CA: aurora.AuthorityFile(f.databases()), Log: output, Inherit: []*os.File{lock},
	})
	if err != nil {
		return fmt.Errorf("%w (log: %s)", err, f.EmulatorLog())
	}
	record := Record{
		Endpoint: endpoint, StateDir: string(f), GatewayPID: os.Getpid(), EmulatorPID: process.PID(),
		Emulator: "MiniStack " + emulator.Version, Started: time.Now().UTC().Truncate(time.Second),
	}
	databases, err := f.openDatabases(ctx, faults.All(), logger)
	if err != nil {
		return errors.Join(err, process.Stop())
	}
	err = f.serve(ctx, listener, process, databases, faults, record, ready, logger)
	if err := errors.Join(err, databases.Close()); err != nil {
		return errors.Join(err, process.Stop())
	}
	if err := process.Stop(); err != nil {
		return err
	}
	logger.Print("stopped; the state is saved")
	return os.Remove(f.record())
}

func (f Folder) serve(ctx context.Context, listener net.Listener, process *emulator.Process, databases *aurora.Manager, faults *fault.Set, record Record, ready io.WriteCloser, logger *log.Logger) error {
	var touched atomic.Bool
	writerHost, err := databases.WriterHost()
	if err != nil {
		return err
	}
	var handler *gateway.Gateway
	plane, err := route53.New(dataPlane(process.URL, listener, func() *gateway.Gateway { return handler }, logger))
	if err != nil {
		return err
	}
	handler, err = gateway.New(gateway.Options{
		Emulator: process.URL, Folder: f.path(), Regions: regions, Log: logger,
		Save: process.Save, Touch: func() { touched.Store(true) },
		Aurora: databases, WriterHost: func(string) (string, bool) { return writerHost, true }, Route53: plane, Faults: faults,
	})
	if err != nil {
		return errors.Join(err, plane.Close())
	}
	record.DNS = plane.Address()
	status := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(record); err != nil {
			logger.Printf("answering a question about the status: %v", err)
		}
	})
	measuring, stopMeasuring := context.WithCancel(ctx)
	plane.Start(measuring)
	defer func() {
		stopMeasuring()
		if err := plane.Close(); err != nil {
			logger.Printf("ending Route 53: %v", err)
		}
	}()
	go publish(measuring, lagEvery, handler.PublishLag, logger)
	go publish(measuring, healthEvery, handler.PublishHealth, logger)
	server := &http.Server{Handler: ownOr(status, &faultAdmin{faults: faults, databases: databases, log: logger}, handler), ErrorLog: logger}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := f.writeRecord(record); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := errors.Join(json.NewEncoder(ready).Encode(record), ready.Close()); err != nil {
		return errors.Join(fmt.Errorf("telling up that the gateway serves: %w", err), server.Close())
	}
	logger.Printf("serving at %s", record.Endpoint)
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			if err := server.Shutdown(drain); err != nil {
				logger.Printf("requests were still being served after %s and are cut off", drainTime)
				return ignoreClosed(server.Close())
			}
			return nil
		case <-process.Ended():
			// What was saved before the end is answered: a client that is told of a failure tries again, and finds its resource there.
			ended := fmt.Errorf("the emulator ended by itself: %w (log: %s)", process.Err(), f.EmulatorLog())
			drain, cancel := context.WithTimeout(ctx, answerTime)
			defer cancel()
			return errors.Join(ended, ignoreClosed(server.Shutdown(drain)), server.Close())
		case err := <-served:
			return fmt.Errorf("serving at %s: %w", record.Endpoint, err)
		case <-ticker.C:
			if touched.Swap(false) {
				if err := handler.Save(); err != nil {
					logger.Printf("saving data that changed: %v", err)
				}
			}
		}
	}
}

// ownOr serves the instance's own paths itself and leaves the rest to the gateway, whatever it looks like: a mux would clean
// paths and so change the keys of objects.
func ownOr(status, faults, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.IsAbs():
			rest.ServeHTTP(w, r) // somebody's proxy
		case r.URL.Path == statusPath:
			status.ServeHTTP(w, r)
		case r.URL.Path == faultsPath, strings.HasPrefix(r.URL.Path, faultsPath+"/"):
			faults.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
