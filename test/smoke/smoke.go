package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/access/events"
)

const (
	// requestTimeout bounds a request: the application answers within a second, or reports that it cannot.
	requestTimeout = 5 * time.Second
	// writeWindow is how long a write is tried: a client's own, after a move.
	writeWindow = 30 * time.Second
	// reachTries are how often a region is asked before nothing reaches it.
	reachTries = 3
	// attachTimeout bounds the calls that attach a queue, and cleanUpTimeout each part of what removes things.
	attachTimeout  = 15 * time.Second
	cleanUpTimeout = 30 * time.Second
	documentType   = "text/plain"
)

// smoke is one run.
type smoke struct {
	platform
	out   io.Writer
	wait  time.Duration // how long replication and events may take
	pause time.Duration // between two tries

	failed      int
	unreachable map[string]bool // regions
	// id and content are of the record and its document; id is empty without one.
	id      string
	content string
	put     bool // the document was acknowledged
	buses   map[string]bus
}

// errRegionUnreachable says that a check was not made, because nothing reaches its region.
var errRegionUnreachable = errors.New("not asked: nothing reaches the region")

// check makes one check and prints its line. A check of a region that nothing reaches does not fail.
func (s *smoke) check(name, region string, work func() (detail string, err error)) bool {
	begun := time.Now()
	detail, err := "", errRegionUnreachable
	if !s.unreachable[region] {
		detail, err = work()
	}
	took := time.Since(begun).Seconds()
	switch {
	case errors.Is(err, errRegionUnreachable):
		fmt.Fprintf(s.out, "--  %-38s %v\n", name, err)
	case err != nil:
		s.failed++
		fmt.Fprintf(s.out, "NO  %-38s %v\n", name, err)
	default:
		fmt.Fprintf(s.out, "ok  %-38s %s in %.2f s\n", name, detail, took)
	}
	return err == nil
}

// run makes all checks, removes what it made however they end, and returns the exit code.
func (s *smoke) run(ctx context.Context) int {
	s.unreachable, s.buses, s.content = map[string]bool{}, map[string]bus{}, "the document of "+s.name
	s.reach(ctx)
	receiving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var receivers sync.WaitGroup
	for _, region := range s.regions() {
		s.check("listen to events in "+region, region, func() (string, error) {
			attached, err := within(ctx, attachTimeout, func(ctx context.Context) (bus, error) { return s.attach(ctx, region) })
			if attached != nil {
				s.buses[region] = attached
			}
			if err == nil {
				receivers.Go(func() { attached.Run(receiving) })
			}
			return "a queue is attached", err
		})
	}
	if s.check("create a record", "", func() (string, error) { return s.create(ctx) }) {
		s.use(ctx)
	}
	s.cleanUp(context.WithoutCancel(ctx))
	stop()
	receivers.Wait()
	for region, attached := range s.buses {
		s.check("remove the queue in "+region, region, func() (string, error) {
			_, err := within(context.WithoutCancel(ctx), cleanUpTimeout, func(ctx context.Context) (struct{}, error) {
				return struct{}{}, attached.Detach(ctx)
			})
			return "it is gone", err
		})
	}
	switch {
	case s.failed > 0:
		fmt.Fprintf(s.out, "%d checks are not ok.\n", s.failed)
		return exitFailed
	case len(s.unreachable) > 0:
		fmt.Fprintf(s.out, "All is ok but what nothing reaches: %v.\n", slices.Sorted(maps.Keys(s.unreachable)))
		return exitUnreachable
	}
	fmt.Fprintln(s.out, "All is ok.")
	return exitOK
}

// reach asks each region whether it serves reads. One that does not answer at all is left out of what follows.
func (s *smoke) reach(ctx context.Context) {
	for _, region := range s.regions() {
		s.check("reach "+region, region, func() (string, error) {
			var answer access.Answer
			var err error
			for range reachTries {
				if answer, err = s.send(ctx, region, access.Request{Method: http.MethodGet, URL: s.url(region, "healthz")}, false); err == nil {
					break
				}
				s.sleep(ctx)
			}
			switch {
			case err != nil:
				s.unreachable[region] = true
				return "", fmt.Errorf("%w: %w", errRegionUnreachable, err)
			case answer.Status != http.StatusOK:
				return "", fmt.Errorf("it serves no reads: status %d: %s", answer.Status, answer.Start())
			}
			return "it serves reads", nil
		})
	}
}

// use reads the record in both regions, puts a document, gets it back, and waits for the events.
func (s *smoke) use(ctx context.Context) {
	for _, region := range s.regions() {
		s.check("read it in "+region, region, func() (string, error) {
			return "it is there", s.until(ctx, func() error { return s.read(ctx, region, http.StatusOK) })
		})
	}
	s.put = s.check("put its document", "", func() (string, error) { return s.upload(ctx) })
	if s.put {
		s.check("get its document", "", func() (string, error) { return "it is the same", s.download(ctx) })
	}
	s.events(ctx, "see its event in ", events.RecordCreated)
}

// events waits for an event of the record on each bus.
func (s *smoke) events(ctx context.Context, name, kind string) {
	for _, region := range s.regions() {
		attached := s.buses[region]
		if attached == nil {
			continue // Its own check says why.
		}
		s.check(name+region, region, func() (string, error) {
			return kind + " has come", s.until(ctx, func() error {
				if attached.Received(kind)[s.id] == 0 {
					return fmt.Errorf("no %s of record %s has come within %s", kind, s.id, s.wait)
				}
				return nil
			})
		})
	}
}

// cleanUp removes the document and the record, and sees that they are gone.
func (s *smoke) cleanUp(ctx context.Context) {
	if s.id == "" {
		s.check("look for what the failed write left", "", func() (string, error) { return s.find(ctx) })
	}
	if s.id == "" {
		return
	}
	if s.put {
		s.check("delete its document", "", func() (string, error) {
			return "it is gone", s.remove(ctx, s.url("", "records", s.id)+access.DocumentPath)
		})
	}
	if !s.check("delete the record", "", func() (string, error) { return "it is gone", s.remove(ctx, s.url("", "records", s.id)) }) {
		return
	}
	for _, region := range s.regions() {
		s.check("find nothing in "+region, region, func() (string, error) {
			return "it is gone", s.until(ctx, func() error { return s.read(ctx, region, http.StatusNotFound) })
		})
	}
	s.events(ctx, "see that event in ", events.RecordDeleted)
}

// create creates the record, as a client does: with one idempotency key, again while the application is not available.
func (s *smoke) create(ctx context.Context) (string, error) {
	query, err := json.Marshal(map[string]any{"patient": s.name, "content": map[string]string{"made by": "make smoke"}})
	if err != nil {
		return "", fmt.Errorf("writing a record: %w", err)
	}
	answer, err := s.write(ctx, access.Request{
		Method: http.MethodPost, URL: s.url("", "records"), JSON: query, Header: map[string]string{"Idempotency-Key": s.name},
	}, http.StatusCreated)
	if err != nil {
		return "", err
	}
	var record struct{ ID string }
	if err := json.Unmarshal(answer.Body, &record); err != nil || record.ID == "" {
		return "", errors.Join(errors.New("the application's answer names no record"), err)
	}
	s.id = record.ID
	_, region, err := s.names.Address(ctx, s.host(""))
	return "the global name leads to " + region + ", and it is created", err
}

// find looks for the record whose acknowledgement was lost.
func (s *smoke) find(ctx context.Context) (string, error) {
	query, err := json.Marshal(map[string]string{"patient": s.name})
	if err != nil {
		return "", fmt.Errorf("writing a search: %w", err)
	}
	answer, err := s.send(ctx, "", access.Request{Method: http.MethodPost, URL: s.url("", "records", "search"), JSON: query}, true)
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("status %d: %s; a record of patient %s may be left", answer.Status, answer.Start(), s.name)
	}
	if err != nil {
		return "", err
	}
	var found struct{ Records []struct{ ID string } }
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		return "", fmt.Errorf("reading the records of patient %s: %w", s.name, err)
	}
	if len(found.Records) == 0 {
		return "nothing is left", nil
	}
	s.id = found.Records[0].ID
	return "it is there", nil
}

func (s *smoke) upload(ctx context.Context) (string, error) {
	query, err := access.UploadQuery(documentType, s.content)
	if err != nil {
		return "", err
	}
	answer, err := s.follow(ctx, http.MethodPut, query, s.content)
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("S3 answers %d: %s", answer.Status, answer.Start())
	}
	return "S3 has it", err
}

func (s *smoke) download(ctx context.Context) error {
	answer, err := s.follow(ctx, http.MethodGet, nil, "")
	switch {
	case err != nil:
		return err
	case answer.Status != http.StatusOK:
		return fmt.Errorf("S3 answers %d: %s", answer.Status, answer.Start())
	case string(answer.Body) != s.content:
		return fmt.Errorf("it is another document, of %d bytes", len(answer.Body))
	}
	return nil
}
