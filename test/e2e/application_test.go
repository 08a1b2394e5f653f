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

	drillobserve "warmstandby/test/drill/observe"
)

// unknownRecord is the id of no record.
const unknownRecord = "/records/00000000-0000-4000-8000-000000000000"

// checkApplication asks the application in both regions.
func checkApplication(t *testing.T, p *platform) {
	at := p.services(t)
	t.Run("each region says what it can do", func(t *testing.T) {
		for region, can := range map[string]int{east: http.StatusOK, west: http.StatusServiceUnavailable} {
			at[region].await(t, http.StatusOK, http.MethodGet, "/healthz")
			at[region].await(t, can, http.MethodGet, "/readyz")
		}
	})
	t.Run("nobody is let in without a token that permits it", func(t *testing.T) { checkAdmission(t, p) })
	for _, way := range [...]struct{ from, to string }{{east, west}, {west, east}} {
		t.Run("what is done in "+way.from+" is read in "+way.to+", and is one event in each", func(t *testing.T) {
			checkRecord(t, p, at[way.from], at[way.to])
		})
		t.Run("a document put in "+way.from+" is read in "+way.to, func(t *testing.T) {
			checkRecordsDocument(t, at[way.from], at[way.to])
		})
	}
}

// checkIndependence changes, loses and removes one region's application while the other serves.
func checkIndependence(t *testing.T, p *platform) {
	at := p.services(t)
	kept := at[east].create(t, "kept")
	at[west].await(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID)
	t.Run("a change of the function in us-west-2 is felt there only", func(t *testing.T) {
		checkRegionalRedeploy(t, p, at[east], at[west], "/records/"+kept.ID)
	})
	runEmbedded(t, "without us-east-1 the application is deployed and read in us-west-2", func(t *testing.T) {
		checkWithoutTheOtherRegion(t, p, at[west], "/records/"+kept.ID)
	})
	t.Run("without region-app-east us-west-2 serves", func(t *testing.T) {
		p.make(t, "destroy", "STACK=global-edge") // which has alarms and a schedule there
		p.make(t, "destroy", "STACK=region-app-east")
		assertNoApplicationLeft(t, p, east)
		at[west].await(t, http.StatusOK, http.MethodGet, "/healthz")
		at[west].want(t, http.StatusOK, http.MethodGet, "/records/"+kept.ID, nil)
		made := at[west].create(t, "alone") // The writer is still in us-east-1.
		at[west].await(t, http.StatusOK, http.MethodGet, "/records/"+made.ID)
	})
}

// services are both regions' applications, for somebody who may do everything.
func (p *platform) services(t *testing.T) map[string]*service {
	t.Helper()
	at := map[string]*service{}
	for _, side := range sides {
		at[side.region] = p.service(t, side.region, mayRead, mayWrite)
	}
	return at
}

// checkAdmission asks as nobody, and as somebody who may read only.
func checkAdmission(t *testing.T, p *platform) {
	for _, side := range sides {
		nobody, reader := p.service(t, side.region), p.service(t, side.region, mayRead)
		nobody.want(t, http.StatusUnauthorized, http.MethodGet, unknownRecord, nil)
		reader.want(t, http.StatusNotFound, http.MethodGet, unknownRecord, nil)
		reader.want(t, http.StatusForbidden, http.MethodPost, "/records",
			map[string]any{"patient": "e2e", "content": map[string]any{}})
	}
}

// recordEvent is an event of the application as a rule's target gets it.
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

// nameRecordEvent names an event of the application by what happened. One that says more than that fails the test: an event
// leaves the database's protection, and what it carries is about somebody's health.
func nameRecordEvent(event []byte) (string, error) {
	var happened recordEvent
	if err := json.Unmarshal(event, &happened); err != nil {
		return "", err
	}
	for _, secret := range [...]string{"e2e", "finding", "patient"} {
		if bytes.Contains(event, []byte(`"`+secret)) {
			return "", fmt.Errorf("the event %s tells of the patient: %s", happened, event)
		}
	}
	return happened.String(), nil
}

// checkRecord makes, changes and deletes a record in one region and follows it in the other. The writer is in us-east-1: what
// is written there through us-west-2 is read at once, without a wait for replication.
func checkRecord(t *testing.T, p *platform, from, to *service) {
	places := []*place{}
	for _, side := range sides {
		places = append(places, observe(t, p, side.region, drillobserve.EventSource, nameRecordEvent))
	}
	made := from.create(t, "first")
	path := "/records/" + made.ID
	if from.region == east {
		to.await(t, http.StatusOK, http.MethodGet, path)
	}
	var seen record
	read := to.want(t, http.StatusOK, http.MethodGet, path, nil)
	read.into(t, &seen)
	if seen.Content["finding"] != "first" || seen.Patient != "e2e" || seen.Version != made.Version {
		t.Errorf("%s reads %+v, want the record of %s, %+v", to.region, seen, from.region, made)
	}

	tag := read.header.Get("ETag")
	change := map[string]any{"content": map[string]any{"finding": "second"}}
	from.want(t, http.StatusPreconditionRequired, http.MethodPut, path, change)
	changed := from.want(t, http.StatusOK, http.MethodPut, path, change, "If-Match", tag)
	from.want(t, http.StatusPreconditionFailed, http.MethodPut, path, change, "If-Match", tag)
	await(t, "reading the change in "+to.region, func() error {
		got, err := to.call(t.Context(), http.MethodGet, path, nil)
		if err == nil && !bytes.Contains(got.body, []byte("second")) {
			err = errors.New(got.String())
		}
		return err
	})
	from.want(t, http.StatusNoContent, http.MethodDelete, path, nil, "If-Match", changed.header.Get("ETag"))
	to.await(t, http.StatusNotFound, http.MethodGet, path)

	event := func(detailType, id string, version int) string {
		happened := recordEvent{DetailType: detailType}
		happened.Detail.RecordID, happened.Detail.Version, happened.Detail.Region = id, version, from.region
		return happened.String()
	}
	want := []string{event("RecordCreated", made.ID, made.Version), event("RecordUpdated", made.ID, made.Version+1)}
	// What comes behind the last copy of these comes before the next record's, or with it.
	last := from.create(t, "last")
	want = append(want, event("RecordCreated", last.ID, last.Version))
	for _, at := range places {
		const deleted = 1 // Its version is the application's to choose.
		at.await(t, len(want)+deleted)
		for _, one := range want {
			if times := count(at.arrived, one); times != 1 {
				t.Errorf("in %s the event %s arrived %d times, want once: %q", at.region, one, times, at.arrived)
			}
		}
		if got := len(at.arrived); got != len(want)+deleted {
			t.Errorf("%d events arrived in %s, want %d: %q", got, at.region, len(want)+deleted, at.arrived)
		}
		at.checkNothingUndelivered(t, p)
	}
}

func count(all []string, one string) (times int) {
	for _, text := range all {
		if text == one {
			times++
		}
	}
	return times
}

// checkRecordsDocument sends a document where the application says, and fetches it where the other region's says.
func checkRecordsDocument(t *testing.T, from, to *service) {
	const kind = "text/plain"
	content := []byte("a document of " + from.region)
	path := "/records/" + from.create(t, "with a document").ID
	to.await(t, http.StatusOK, http.MethodGet, path)
	upload := from.want(t, http.StatusOK, http.MethodPut, path+"/document",
		map[string]any{"contentType": kind, "contentLength": len(content)})
	if got, err := from.follow(t, upload, content); err != nil || got.status != http.StatusOK {
		t.Fatalf("sending the document in %s: %s, %v", from.region, got, err)
	}
	await(t, "reading the document in "+to.region, func() error {
		got, err := to.follow(t, to.want(t, http.StatusOK, http.MethodGet, path+"/document", nil), nil)
		if err == nil && (got.status != http.StatusOK || !bytes.Equal(got.body, content) || got.header.Get("Content-Type") != kind) {
			err = fmt.Errorf("%s of type %q", got, got.header.Get("Content-Type"))
		}
		return err
	})
}

// follow sends the request that the application has signed, with the headers that it asks for and no token.
func (s *service) follow(t *testing.T, signed reply, body []byte) (reply, error) {
	t.Helper()
	var wanted struct {
		URL, Method string
		Headers     map[string]string
	}
	signed.into(t, &wanted)
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

// code identifies what a region's function runs.
func (p *platform) code(t *testing.T, s *service) string {
	t.Helper()
	client := lambda.NewFromConfig(p.aws(t, s.region))
	for _, function := range must(client.ListFunctions(t.Context(), &lambda.ListFunctionsInput{}))(t).Functions {
		if name := aws.ToString(function.FunctionName); name == "lambda-app-"+s.role+"-"+p.name {
			return aws.ToString(function.CodeSha256)
		}
	}
	t.Fatalf("%s has no function of the application", s.region)
	return ""
}

// checkRegionalRedeploy changes the function and deploys one region, while a client reads in the other.
func checkRegionalRedeploy(t *testing.T, p *platform, here, there *service, path string) {
	before := map[string]resources{}
	for _, stack := range stacks {
		before[stack] = p.resources(t, stack)
	}
	codeHere, codeThere := p.code(t, here), p.code(t, there)
	changeFunction(t)
	stop := here.looping(path)
	p.make(t, "up", "STACK=region-app-west")
	if reads, err := stop(); err != nil || reads == 0 {
		t.Errorf("of %d reads in %s these failed: %v", reads, here.region, err)
	}
	there.await(t, http.StatusOK, http.MethodGet, "/healthz")
	for _, stack := range stacks {
		after := p.resources(t, stack)
		changed := after.changedSince(before[stack])
		switch {
		case stack != "region-app-west" && len(changed) > 0:
			t.Errorf("in %s these have changed: %q", stack, changed)
		case stack == "region-app-west" && !slices.Equal(after.regions(changed), []string{there.region}):
			t.Errorf("resources of %q have changed, want of %s alone: %q", after.regions(changed), there.region, changed)
		}
	}
	if p.code(t, here) != codeHere || p.code(t, there) == codeThere {
		t.Errorf("the function of %s changed: %t; that of %s: %t", here.region, p.code(t, here) != codeHere,
			there.region, p.code(t, there) != codeThere)
	}
}

// checkWithoutTheOtherRegion deploys a changed function while no call to us-east-1 is answered. Its writer is out of reach:
// us-west-2 says so, and reads.
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
	s.want(t, http.StatusOK, http.MethodGet, path, nil)
	refused := s.want(t, http.StatusServiceUnavailable, http.MethodPost, "/records",
		map[string]any{"patient": "e2e", "content": map[string]any{}})
	if refused.header.Get("Retry-After") == "" {
		t.Errorf("a write is answered %s without Retry-After", refused)
	}
}
