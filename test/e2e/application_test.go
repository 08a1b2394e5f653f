//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"warmstandby/test/access/events"
)

// unknownRecord is the path of a record that does not exist.
const unknownRecord = "/records/00000000-0000-4000-8000-000000000000"

// checkApplication verifies the application in both regions.
func checkApplication(t *testing.T, p *platform) {
	services := p.services(t)
	t.Run("each region reports its health and readiness", func(t *testing.T) {
		for region, can := range map[string]int{east: http.StatusOK, west: http.StatusServiceUnavailable} {
			services[region].await(t, http.StatusOK, http.MethodGet, "/healthz")
			services[region].await(t, can, http.MethodGet, "/readyz")
		}
	})
	t.Run("nobody is let in without a token that permits it", func(t *testing.T) { checkAdmission(t, p) })
	t.Run("a tenant's record is missing to another tenant in both regions", func(t *testing.T) { checkTenants(t, p) })
	for _, direction := range [...]struct{ from, to string }{{east, west}, {west, east}} {
		t.Run("what is done in "+direction.from+" is read in "+direction.to+", and is one event in each", func(t *testing.T) {
			checkRecord(t, p, services[direction.from], services[direction.to])
		})
		t.Run("a document put in "+direction.from+" is read in "+direction.to, func(t *testing.T) {
			checkRecordsDocument(t, services[direction.from], services[direction.to])
		})
	}
}

// checkIndependence changes, loses and removes one region's application while the other serves.
func checkIndependence(t *testing.T, p *platform) {
	services := p.services(t)
	kept := services[east].create(t, "kept")
	services[west].await(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID)
	t.Run("a change of the function in us-west-2 is felt there only", func(t *testing.T) {
		checkRegionalRedeploy(t, p, services[east], services[west], "/records/"+kept.ID)
	})
	runOnEmulator(t, "without us-east-1 the application is deployed and read in us-west-2", func(t *testing.T) {
		checkWithoutTheOtherRegion(t, p, services[west], "/records/"+kept.ID)
	})
	t.Run("without region-app-east us-west-2 serves", func(t *testing.T) {
		p.make(t, "destroy", "STACK=global-edge") // which has alarms and a schedule there
		p.make(t, "destroy", "STACK=region-app-east")
		assertNoApplicationLeft(t, p, east)
		services[west].await(t, http.StatusOK, http.MethodGet, "/healthz")
		services[west].expect(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID, nil)
		made := services[west].create(t, "alone") // The writer is still in us-east-1.
		services[west].await(t, http.StatusOK, http.MethodGet, "/records/"+made.ID)
	})
}

// services are clients of both regions' applications, with all permissions.
func (p *platform) services(t *testing.T) map[string]*service {
	t.Helper()
	services := map[string]*service{}
	for _, deployed := range deployedRegions {
		services[deployed.region] = p.service(t, deployed.region, mayRead, mayWrite)
	}
	return services
}

// checkAdmission sends requests without a token, and with a token that permits reads only.
func checkAdmission(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		nobody, reader := p.service(t, deployed.region), p.service(t, deployed.region, mayRead)
		nobody.expect(t, http.StatusUnauthorized, http.MethodGet, unknownRecord, nil)
		reader.expect(t, http.StatusNotFound, http.MethodGet, unknownRecord, nil)
		reader.expect(t, http.StatusForbidden, http.MethodPost, "/records",
			map[string]any{"patient": "e2e", "content": map[string]any{}})
	}
}

// checkTenants makes a record as one tenant and asks for it as another one.
func checkTenants(t *testing.T, p *platform) {
	owner := p.service(t, east, mayRead, mayWrite)
	owner.token = p.tenantsToken(t, "clinic-a", mayRead, mayWrite)
	var made struct{ ID string }
	owner.expect(t, http.StatusCreated, http.MethodPost, "/records",
		map[string]any{"patient": "e2e", "content": map[string]any{}}).decode(t, &made)
	path := "/records/" + made.ID
	for _, deployed := range deployedRegions {
		own, other := p.service(t, deployed.region), p.service(t, deployed.region)
		own.token, other.token = owner.token, p.tenantsToken(t, "clinic-b", mayRead, mayWrite)
		own.await(t, http.StatusOK, http.MethodGet, path)
		other.expect(t, http.StatusNotFound, http.MethodGet, path, nil)
		other.expect(t, http.StatusNotFound, http.MethodDelete, path, nil)
		var found struct{ Records []any }
		other.expect(t, http.StatusOK, http.MethodPost, "/records/search", map[string]any{"patient": "e2e"}).decode(t, &found)
		if len(found.Records) != 0 {
			t.Errorf("another tenant finds %d records of the patient in %s", len(found.Records), deployed.region)
		}
	}
	owner.expect(t, http.StatusNoContent, http.MethodDelete, path, nil)
}

// recordEvent is an event of the application as the target of a rule receives it.
type recordEvent struct {
	DetailType string `json:"detail-type"`
	Detail     struct {
		RecordID, Region string
		Version          int
	}
}

func (e recordEvent) String() string {
	return fmt.Sprintf("%s of %s, version %d, in %s", e.DetailType, e.Detail.RecordID, e.Detail.Version, e.Detail.Region)
}

// nameRecordEvent identifies an event of the application. It fails if the event has a record's content: events leave the
// database's protection, and records are health data.
func nameRecordEvent(event []byte) (string, error) {
	var happened recordEvent
	if err := json.Unmarshal(event, &happened); err != nil {
		return "", err
	}
	for _, secret := range [...]string{"e2e", "finding", "patient"} {
		if bytes.Contains(event, []byte(`"`+secret)) {
			return "", fmt.Errorf("the event %s has data of the patient: %s", happened, event)
		}
	}
	return happened.String(), nil
}

// checkRecord creates, changes and deletes a record in one region and follows it in the other. The writer is in us-east-1: a
// write through us-west-2 is read there at once, without replication.
func checkRecord(t *testing.T, p *platform, from, to *service) {
	buses := []*eventBus{}
	for _, deployed := range deployedRegions {
		buses = append(buses, attachQueue(t, p, deployed.region, events.Source, nameRecordEvent))
	}
	made := from.create(t, "first")
	path := "/records/" + made.ID
	if from.region == east {
		to.await(t, http.StatusOK, http.MethodGet, path)
	}
	var seen record
	read := to.expect(t, http.StatusOK, http.MethodGet, path, nil)
	read.decode(t, &seen)
	if seen.Content["finding"] != "first" || seen.Patient != "e2e" || seen.Version != made.Version {
		t.Errorf("%s reads %+v, want the record of %s, %+v", to.region, seen, from.region, made)
	}

	tag := read.header.Get("ETag")
	change := map[string]any{"content": map[string]any{"finding": "second"}}
	from.expect(t, http.StatusPreconditionRequired, http.MethodPut, path, change)
	changed := from.expect(t, http.StatusOK, http.MethodPut, path, change, "If-Match", tag)
	from.expect(t, http.StatusPreconditionFailed, http.MethodPut, path, change, "If-Match", tag)
	await(t, "reading the change in "+to.region, func() error {
		got, err := to.call(t.Context(), http.MethodGet, path, nil)
		if err == nil && !bytes.Contains(got.body, []byte("second")) {
			err = errors.New(got.String())
		}
		return err
	})
	from.expect(t, http.StatusNoContent, http.MethodDelete, path, nil, "If-Match", changed.header.Get("ETag"))
	to.await(t, http.StatusNotFound, http.MethodGet, path)
	checkHistory(t, to, path, read)

	event := func(detailType, id string, version int) string {
		happened := recordEvent{DetailType: detailType}
		happened.Detail.RecordID, happened.Detail.Version, happened.Detail.Region = id, version, from.region
		return happened.String()
	}
	want := []string{event("RecordCreated", made.ID, made.Version), event("RecordUpdated", made.ID, made.Version+1)}
	// A duplicate of these would arrive before the events of the next record, or with them.
	last := from.create(t, "last")
	want = append(want, event("RecordCreated", last.ID, last.Version))
	for _, bus := range buses {
		const deleted = 1 // Its version is the application's to choose.
		bus.await(t, len(want)+deleted)
		for _, one := range want {
			if times := count(bus.arrived, one); times != 1 {
				t.Errorf("in %s the event %s arrived %d times, want once: %q", bus.region, one, times, bus.arrived)
			}
		}
		if got := len(bus.arrived); got != len(want)+deleted {
			t.Errorf("%d events arrived in %s, want %d: %q", got, bus.region, len(want)+deleted, bus.arrived)
		}
		bus.checkNothingUndelivered(t, p)
	}
}

// checkHistory reads what was before in the region to which the removal of a record has come: the first version as it was answered then.
func checkHistory(t *testing.T, s *service, path string, first reply) {
	t.Helper()
	var history struct {
		Versions []struct{ Tag, Kind, ChangedBy string }
	}
	s.expect(t, http.StatusOK, http.MethodGet, path+"/versions", nil).decode(t, &history)
	kinds := []string{}
	for _, version := range history.Versions {
		kinds = append(kinds, version.Kind)
		if version.ChangedBy == "" {
			t.Errorf("the history of %s in %s does not say who has %s it", path, s.region, version.Kind)
		}
	}
	if want := []string{"removed", "amended", "created"}; !slices.Equal(kinds, want) {
		t.Fatalf("the history of %s in %s is %q, want %q", path, s.region, kinds, want)
	}
	version := path + "/versions/" + history.Versions[2].Tag
	if before := s.expect(t, http.StatusOK, http.MethodGet, version, nil); !bytes.Equal(before.body, first.body) {
		t.Errorf("the first version in %s is %s, want %s", s.region, before.body, first.body)
	}
	s.expect(t, http.StatusGone, http.MethodGet, path+"/versions/"+history.Versions[0].Tag, nil)
}

func count(all []string, one string) (times int) {
	for _, text := range all {
		if text == one {
			times++
		}
	}
	return times
}

// checkRecordsDocument uploads a document in one region and downloads it in the other, by the URLs of their applications.
func checkRecordsDocument(t *testing.T, from, to *service) {
	const kind = "text/plain"
	content := []byte("a document of " + from.region)
	path := "/records/" + from.create(t, "with a document").ID
	to.await(t, http.StatusOK, http.MethodGet, path)
	upload := from.expect(t, http.StatusOK, http.MethodPut, path+"/document",
		map[string]any{"contentType": kind, "contentLength": len(content)})
	if got, err := from.follow(t, upload, content); err != nil || got.status != http.StatusOK {
		t.Fatalf("sending the document in %s: %s, %v", from.region, got, err)
	}
	await(t, "reading the document in "+to.region, func() error {
		got, err := to.follow(t, to.expect(t, http.StatusOK, http.MethodGet, path+"/document", nil), nil)
		if err == nil && (got.status != http.StatusOK || !bytes.Equal(got.body, content) || got.header.Get("Content-Type") != kind) {
			err = fmt.Errorf("%s of type %q", got, got.header.Get("Content-Type"))
		}
		return err
	})
}

// follow sends the request that the application has signed, with its headers and without a token.
func (s *service) follow(t *testing.T, signed reply, body []byte) (reply, error) {
	t.Helper()
	var wanted struct {
		URL, Method string
		Headers     map[string]string
	}
	signed.decode(t, &wanted)
	request, err := http.NewRequestWithContext(t.Context(), wanted.Method, wanted.URL, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for name, value := range wanted.Headers {
		if name != "content-length" { // The client's own to send.
			request.Header.Set(name, value)
		}
	}
	return s.send(request)
}

// code returns the hash of the code of a region's function.
func (p *platform) code(t *testing.T, s *service) string {
	t.Helper()
	client := lambda.NewFromConfig(p.aws(t, s.region))
	for _, function := range require(client.ListFunctions(t.Context(), &lambda.ListFunctionsInput{}))(t).Functions {
		if name := aws.ToString(function.FunctionName); name == "lambda-app-"+s.role+"-"+p.name {
			return aws.ToString(function.CodeSha256)
		}
	}
	t.Fatalf("%s has no function of the application", s.region)
	return ""
}

// checkRegionalRedeploy changes the function and deploys one region, while a client reads in the other.
func checkRegionalRedeploy(t *testing.T, p *platform, stable, redeployed *service, path string) {
	before := map[string]resources{}
	for _, stack := range stacks {
		before[stack] = p.resources(t, stack)
	}
	stableCode, redeployedCode := p.code(t, stable), p.code(t, redeployed)
	changeFunction(t)
	stop := stable.readContinuously(path)
	p.make(t, "up", "STACK=region-app-west")
	if reads, err := stop(); err != nil || reads == 0 {
		t.Errorf("of %d reads in %s these failed: %v", reads, stable.region, err)
	}
	redeployed.await(t, http.StatusOK, http.MethodGet, "/healthz")
	for _, stack := range stacks {
		after := p.resources(t, stack)
		changed := after.changedSince(before[stack])
		switch {
		case stack != "region-app-west" && len(changed) > 0:
			t.Errorf("in %s these have changed: %q", stack, changed)
		case stack == "region-app-west" && !slices.Equal(after.regions(changed), []string{redeployed.region}):
			t.Errorf("resources of %q have changed, want of %s alone: %q", after.regions(changed), redeployed.region, changed)
		}
	}
	if p.code(t, stable) != stableCode || p.code(t, redeployed) == redeployedCode {
		t.Errorf("the function of %s changed: %t; that of %s: %t", stable.region, p.code(t, stable) != stableCode,
			redeployed.region, p.code(t, redeployed) != redeployedCode)
	}
}

// checkWithoutTheOtherRegion deploys a changed function while us-east-1 is unreachable, and with it the writer. us-west-2 must
// answer reads and refuse writes.
func checkWithoutTheOtherRegion(t *testing.T, p *platform, s *service, path string) {
	code := p.code(t, s)
	changeFunction(t)
	p.fault(t, east, "unreachable")
	p.make(t, "up", "STACK=region-app-west")
	if p.code(t, s) == code {
		t.Error("the function is what it was")
	}
	s.await(t, http.StatusOK, http.MethodGet, "/healthz")
	s.await(t, http.StatusServiceUnavailable, http.MethodGet, "/readyz")
	s.expect(t, http.StatusOK, http.MethodGet, path, nil)
	refused := s.expect(t, http.StatusServiceUnavailable, http.MethodPost, "/records",
		map[string]any{"patient": "e2e", "content": map[string]any{}})
	if refused.header.Get("Retry-After") == "" {
		t.Errorf("a write is answered %s without Retry-After", refused)
	}
}
