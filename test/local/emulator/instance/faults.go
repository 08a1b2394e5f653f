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
)

// faultsPath is where a running instance is told of faults: PUT of REGION/KIND below it, with the query's delay and action, begins one;
// DELETE of it ends all, of REGION below it all of a region.
const faultsPath = "/_local/faults"

// faultTime bounds telling an instance of a fault.
const faultTime = 10 * time.Second

// faults is the file of the regions' faults. They stay over the end of a run.
func (f Folder) faults() string { return f.path("faults.json") }

// Fault begins a fault in the running instance; it is there when Fault returns.
func (f Folder) Fault(ctx context.Context, one fault.Fault) error {
	details := url.Values{"delay": {one.Delay.String()}, "action": {one.Action}}
	path := faultsPath + "/" + url.PathEscape(one.Region) + "/" + url.PathEscape(string(one.Kind)) + "?" + details.Encode()
	if err := f.tell(ctx, http.MethodPut, path); err != nil {
		return fmt.Errorf("making %s: %w", one, err)
	}
	return nil
}

// Heal ends all faults of a region, or of all regions when it is "". A database that a failover has left behind is made anew
// after Heal has returned.
func (f Folder) Heal(ctx context.Context, region string) error {
	if err := f.tell(ctx, http.MethodDelete, strings.TrimSuffix(faultsPath+"/"+url.PathEscape(region), "/")); err != nil {
		return fmt.Errorf("healing: %w", err)
	}
	return nil
}

var errNotUp = errors.New("the embedded AWS is not up: `local up` starts it")

// tell sends a request to the instance that runs.
func (f Folder) tell(ctx context.Context, method, path string) error {
	status, err := f.Status(ctx)
	if err != nil {
		return err
	}
	if status.State != StateUp {
		return errNotUp
	}
	ctx, cancel := context.WithTimeout(ctx, faultTime)
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

// faultAdmin makes the faults that it is told of true of all parts of an instance.
type faultAdmin struct {
	mu        sync.Mutex // one change at a time reaches all parts
	faults    *fault.Set
	databases *aurora.Manager
	log       *log.Logger
}

func (a *faultAdmin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	region, kind, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, faultsPath), "/"), "/")
	var err error
	switch {
	case r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(a.faults.All()); err != nil {
			a.log.Printf("answering a question about faults: %v", err)
		}
		return
	case r.Method == http.MethodPut:
		err = a.begin(region, fault.Kind(kind), r.URL.Query())
	case r.Method == http.MethodDelete && kind == "":
		err = a.change(func() error { return a.faults.Heal(region) })
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

func (a *faultAdmin) begin(region string, kind fault.Kind, details url.Values) error {
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
	return a.change(func() error { return a.faults.Add(one) })
}

// change makes a change and has the databases follow; the gateway and the emulator look at the faults themselves.
func (a *faultAdmin) change(what func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := what(); err != nil {
		return err
	}
	all := a.faults.All()
	a.log.Printf("faults: %v", all)
	return a.databases.SetNetworkFaults(cutsOf(all))
}

// cutsOf returns what faults mean for databases, by region.
func cutsOf(all []fault.Fault) map[string]aurora.NetworkFault {
	kinds := map[fault.Kind]aurora.NetworkFault{fault.Unreachable: aurora.Blackholed, fault.DBDown: aurora.Refusing, fault.Split: aurora.Partitioned}
	regions := map[string]aurora.NetworkFault{}
	for _, one := range all {
		regions[one.Region] = max(regions[one.Region], kinds[one.Kind])
	}
	return regions
}
