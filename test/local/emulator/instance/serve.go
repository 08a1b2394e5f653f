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
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/certificate"
	"warmstandby/test/local/emulator"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/gateway"
	"warmstandby/test/local/route53"
)

const (
	// statusPath serves the record of the instance. The underscore keeps it apart from S3: no bucket's name may contain one.
	statusPath = "/_local/status"
	// saveInterval is the longest time that a change of data, as opposed to resources, is unsaved. During a save the emulator
	// answers nobody for some milliseconds, and it takes a tenth of a second and more of a processor, which functions under
	// load would lack.
	saveInterval = 5 * time.Second
	// drainTimeout is the time that requests in flight get to end when the instance stops.
	drainTimeout = 5 * time.Second
	// responseTimeout is the time that the gateway gets, after the emulator's end, to send the responses that it has received
	// already.
	responseTimeout = 2 * time.Second
)

// The open files that Up hands to the background process, in the order of exec.Cmd.ExtraFiles.
const (
	// The file descriptors that Up passes to the background process, in the order of exec.Cmd.ExtraFiles.
	lockFD     = 3
	listenerFD = 4
	readyFD    = 5
)

// Serve is the background process: it runs the emulator, serves on the listener that Up opened, and stops when ctx ends, with
// the emulator's state saved. If the emulator ends by itself, Serve returns an error; the record stays, so that the next Up
// reports it.
//
// propagation is [emulator.Options]'.
func (f Folder) Serve(ctx context.Context, installation emulator.Installation, propagation time.Duration) error {
	for _, fd := range []int{lockFD, listenerFD, readyFD} {
		syscall.CloseOnExec(fd) // the emulator inherits only emulator.Options.Inherit
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
	faults, err := fault.Open(f.faultsFile())
	if err != nil {
		return err
	}
	if err := aurora.EnsureAuthority(f.databasesDir()); err != nil {
		return err
	}
	certificates, err := certificate.OpenBalancers(f.CertificatesDir())
	if err != nil {
		return err
	}
	var process *emulator.Process
	var handler *gateway.Gateway
	plane, err := route53.New(route53Options(
		func() *url.URL { return process.URL }, listener, func() *gateway.Gateway { return handler }, faults, logger,
	))
	if err != nil {
		return err
	}
	process, err = emulator.Start(ctx, emulator.Options{
		Installation: installation, Folder: f.path("emulator"), Endpoint: endpoint, Faults: f.faultsFile(),
		CA: aurora.AuthorityFile(f.databasesDir()), BalancerCAs: f.CertificatesDir(),
		Log: output, Inherit: []*os.File{lock}, NameServers: plane.Addresses(),
		BusPolicies: gateway.BusPolicies(f.path()), BackupCalendar: gateway.BackupCalendar(f.path()), Propagation: propagation,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("%w (log: %s)", err, f.EmulatorLog()), plane.Close())
	}
	record := Record{
		Endpoint: endpoint, StateDir: string(f), GatewayPID: os.Getpid(), EmulatorPID: process.PID(),
		DNS: plane.Address(), Emulator: "MiniStack " + emulator.Version, Started: time.Now().UTC().Truncate(time.Second),
	}
	databases, err := f.openDatabases(ctx, faults.All(), logger)
	if err != nil {
		return errors.Join(err, process.Stop(), plane.Close())
	}
	var touched atomic.Bool
	handler, err = f.newGateway(process, databases, plane, certificates, faults, &touched, logger)
	if err == nil {
		err = f.serve(ctx, listener, serving{process, databases, plane, handler, faults, &touched}, record, ready, logger)
	}
	if err := errors.Join(err, databases.Close(), plane.Close()); err != nil {
		return errors.Join(err, process.Stop())
	}
	if err := process.Stop(); err != nil {
		return err
	}
	logger.Print("stopped; the state is saved")
	return os.Remove(f.recordFile())
}

// newGateway connects the gateway to the other parts of the instance.
func (f Folder) newGateway(
	process *emulator.Process,
	databases *aurora.Manager,
	plane *route53.Plane,
	certificates *certificate.Balancers,
	faults *fault.Store,
	touched *atomic.Bool,
	logger *log.Logger,
) (*gateway.Gateway, error) {
	writerHost, err := databases.WriterHost()
	if err != nil {
		return nil, err
	}
	return gateway.New(gateway.Options{
		Emulator: process.URL, Folder: f.path(), Regions: regions, Log: logger,
		Save: process.Save, Touch: func() { touched.Store(true) },
		Aurora: databases, WriterHost: func(string) (string, bool) { return writerHost, true }, Route53: plane,
		Certificates: certificates, Faults: faults,
	})
}

// serving are the parts of an instance that run.
type serving struct {
	process   *emulator.Process
	databases *aurora.Manager
	plane     *route53.Plane
	handler   *gateway.Gateway
	faults    *fault.Store
	touched   *atomic.Bool // data changed since the last save
}

// serve answers requests until ctx ends or the emulator does.
func (f Folder) serve(
	ctx context.Context, listener net.Listener, parts serving, record Record, ready io.WriteCloser, logger *log.Logger,
) error {
	process, handler := parts.process, parts.handler
	status := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(record); err != nil {
			logger.Printf("answering a status request: %v", err)
		}
	})
	measuring, stopMeasuring := context.WithCancel(ctx)
	defer stopMeasuring()
	parts.plane.Start(measuring)
	go publish(measuring, lagInterval, handler.PublishLag, logger)
	go publish(measuring, rpoInterval, handler.EnforceRPO, logger)
	go publish(measuring, backupInterval, handler.MaintainBackups, logger)
	go publish(measuring, healthInterval, handler.PublishHealth, logger)
	go publish(measuring, healthInterval, handler.PublishBalancers, logger)
	go publish(measuring, planInterval, handler.RunBackupPlans, logger)
	server := &http.Server{
		Handler: withOwnPaths(status, &faultHandler{faults: parts.faults, databases: parts.databases, log: logger},
			calendarHandler{handler}, handler),
		ErrorLog: logger,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := f.writeRecord(record); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := errors.Join(json.NewEncoder(ready).Encode(record), ready.Close()); err != nil {
		return errors.Join(fmt.Errorf("telling up that the gateway serves: %w", err), server.Close())
	}
	logger.Printf("serving at %s", record.Endpoint)
	ticker := time.NewTicker(saveInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
			defer cancel()
			if err := server.Shutdown(drain); err != nil {
				logger.Printf("requests were still being served after %s and are cut off", drainTimeout)
				return ignoreClosed(server.Close())
			}
			return nil
		case <-process.Ended():
			// Changes that were saved before the end are still acknowledged: a client that got an error instead would retry, and find
			// that its resource exists.
			ended := fmt.Errorf("the emulator ended by itself: %w (log: %s)", process.Err(), f.EmulatorLog())
			drain, cancel := context.WithTimeout(ctx, responseTimeout)
			defer cancel()
			return errors.Join(ended, ignoreClosed(server.Shutdown(drain)), server.Close())
		case err := <-served:
			return fmt.Errorf("serving at %s: %w", record.Endpoint, err)
		case <-ticker.C:
			if parts.touched.Swap(false) {
				if err := handler.Save(); err != nil {
					logger.Printf("saving data that changed: %v", err)
				}
			}
		}
	}
}

// withOwnPaths serves the instance's own paths and passes everything else to the gateway unchanged: a ServeMux would clean
// paths and so change the keys of objects.
func withOwnPaths(status, faults, calendar, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.IsAbs():
			rest.ServeHTTP(w, r) // a request of a client that uses the gateway as its proxy
		case r.URL.Path == statusPath:
			status.ServeHTTP(w, r)
		case r.URL.Path == faultsPath, strings.HasPrefix(r.URL.Path, faultsPath+"/"):
			faults.ServeHTTP(w, r)
		case r.URL.Path == calendarPath:
			calendar.ServeHTTP(w, r)
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
