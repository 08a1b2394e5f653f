package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/makecommand"
)

// faultsPath is the path of a running instance's faults: GET lists them, PUT of REGION/KIND adds one, with delay and action in
// the query, DELETE ends all, and DELETE of REGION those of a region.
const faultsPath = "/_local/faults"

// faultTimeout bounds a request to change the faults.
const faultTimeout = 10 * time.Second

// faultsFile is the file of the faults, which outlive a run.
func (f Folder) faultsFile() string { return f.path("faults.json") }

// Fault adds a fault to the running instance and returns when it is active.
func (f Folder) Fault(ctx context.Context, one fault.Fault) error {
	details := url.Values{"delay": {one.Delay.String()}, "action": {one.Action}}
	path := faultsPath + "/" + url.PathEscape(one.Region) + "/" + url.PathEscape(string(one.Kind)) + "?" + details.Encode()
	if err := f.sendFaultRequest(ctx, http.MethodPut, path); err != nil {
		return fmt.Errorf("making %s: %w", one, err)
	}
	return nil
}

// Heal ends all faults of a region, or of all regions when region is "". A database that a failover replaced during the fault
// is rebuilt after Heal has returned.
func (f Folder) Heal(ctx context.Context, region string) error {
	if err := f.sendFaultRequest(ctx, http.MethodDelete, strings.TrimSuffix(faultsPath+"/"+url.PathEscape(region), "/")); err != nil {
		return fmt.Errorf("healing: %w", err)
	}
	return nil
}

var errNotUp = errors.New("the local AWS emulator is not up")

// sendFaultRequest sends a request to the running instance.
func (f Folder) sendFaultRequest(ctx context.Context, method, path string) error {
	status, err := f.Status(ctx)
	if err != nil {
		return err
	}
	if status.State != StateUp {
		return fmt.Errorf("%w: %s starts it", errNotUp, makecommand.For("local-up"))
	}
	ctx, cancel := context.WithTimeout(ctx, faultTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, status.Run.Endpoint+path, nil)
	if err != nil {
		return err
	}
	response, err := direct.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNoContent {
		return nil
	}
	reason, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return errors.Join(err, errors.New(strings.TrimSpace(string(reason))))
}

// faultHandler serves faultsPath and activates changes in all parts of the instance.
type faultHandler struct {
	mu        sync.Mutex // one change at a time reaches all parts
	faults    *fault.Store
	databases *aurora.Manager
	log       *log.Logger
}

func (h *faultHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	region, kind, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, faultsPath), "/"), "/")
	var err error
	switch {
	case r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(h.faults.All()); err != nil {
			h.log.Printf("answering a request for the faults: %v", err)
		}
		return
	case r.Method == http.MethodPut:
		err = h.addFault(region, fault.Kind(kind), r.URL.Query())
	case r.Method == http.MethodDelete && kind == "":
		err = h.apply(func() error { return h.faults.Heal(region) })
	default:
		http.Error(w, "PUT "+faultsPath+"/REGION/KIND, DELETE "+faultsPath+"[/REGION], or GET "+faultsPath, http.StatusMethodNotAllowed)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h *faultHandler) addFault(region string, kind fault.Kind, details url.Values) error {
	late, err := time.ParseDuration(cmp.Or(details.Get("delay"), "0s"))
	if err != nil {
		return fmt.Errorf("reading the delay: %w", err)
	}
	var one fault.Fault
	if kind == fault.Denied {
		one, err = fault.Deny(region, details.Get("action"))
	} else {
		one, err = fault.New(region, kind, late)
	}
	if err != nil {
		return err
	}
	return h.apply(func() error { return h.faults.Add(one) })
}

// apply makes a change and updates the databases' network faults; the gateway and the emulator read the faults themselves.
func (h *faultHandler) apply(change func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := change(); err != nil {
		return err
	}
	all := h.faults.All()
	h.log.Printf("faults: %v", all)
	return h.databases.SetNetworkFaults(networkFaults(all))
}

// networkFaults returns the databases' network faults, by region.
func networkFaults(all []fault.Fault) map[string]aurora.NetworkFault {
	kinds := map[fault.Kind]aurora.NetworkFault{
		fault.Unreachable:        aurora.Blackholed,
		fault.DBDown:             aurora.Refusing,
		fault.Split:              aurora.Partitioned,
		fault.Isolated:           aurora.Partitioned,
		fault.ReplicationStalled: aurora.Partitioned,
	}
	regions := map[string]aurora.NetworkFault{}
	for _, one := range all {
		regions[one.Region] = max(regions[one.Region], kinds[one.Kind])
	}
	return regions
}
