package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"warmstandby/test/access"
)

// within runs work with a time limit.
func within[T any](ctx context.Context, limit time.Duration, work func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return work(ctx)
}

// send sends a request by the name of a region, or by the global one.
func (s *smoke) send(ctx context.Context, region string, r access.Request, authorized bool) (access.Answer, error) {
	return within(ctx, requestTimeout, func(ctx context.Context) (access.Answer, error) {
		if err := s.prepare(ctx, region, &r, authorized); err != nil {
			return access.Answer{}, err
		}
		return access.Send(ctx, s.http, r)
	})
}

// prepare resolves the name that a request goes to, and gives it the token.
func (s *smoke) prepare(ctx context.Context, region string, r *access.Request, authorized bool) error {
	address, _, err := s.names.Address(ctx, s.host(region))
	if err != nil {
		return err
	}
	r.Address = address
	if !authorized {
		return nil
	}
	if r.Token, err = s.token(ctx); err != nil {
		return fmt.Errorf("getting a token: %w", err)
	}
	return nil
}

// write sends a change to the global name until it is made or its time is over. A status that another try does not change ends it.
func (s *smoke) write(ctx context.Context, r access.Request, want int) (answer access.Answer, err error) {
	for end := time.Now().Add(writeWindow); ; s.sleep(ctx) {
		answer, err = s.send(ctx, "", r, true)
		if err == nil && answer.Status == want {
			return answer, nil
		}
		if err == nil {
			err = fmt.Errorf("status %d, want %d: %s", answer.Status, want, answer.Start())
		}
		refused := answer.Status >= http.StatusBadRequest && answer.Status < http.StatusInternalServerError &&
			answer.Status != http.StatusTooManyRequests
		if refused || ctx.Err() != nil || time.Now().After(end) {
			return answer, err
		}
	}
}

// remove deletes what a URL names. What is gone already is removed.
func (s *smoke) remove(ctx context.Context, url string) error {
	answer, err := s.write(ctx, access.Request{Method: http.MethodDelete, URL: url}, http.StatusNoContent)
	if answer.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// read reads the record in a region, and wants a status.
func (s *smoke) read(ctx context.Context, region string, want int) error {
	answer, err := s.send(ctx, region, access.Request{Method: http.MethodGet, URL: s.url(region, "records", s.id)}, true)
	if err == nil && answer.Status != want {
		err = fmt.Errorf("status %d, want %d: %s", answer.Status, want, answer.Start())
	}
	return err
}

// follow has the application sign a request for the record's document, and sends that.
func (s *smoke) follow(ctx context.Context, method string, query []byte, content string) (access.Answer, error) {
	return within(ctx, 2*requestTimeout, func(ctx context.Context) (access.Answer, error) {
		r := access.Request{Method: method, URL: s.url("", "records", s.id) + access.DocumentPath, JSON: query}
		if err := s.prepare(ctx, "", &r, true); err != nil {
			return access.Answer{}, err
		}
		signed, err := access.Sign(ctx, s.http, r)
		if err != nil {
			return access.Answer{}, err
		}
		return access.Follow(ctx, s.storage, signed, content)
	})
}

// until repeats work until it succeeds or the time for replication and events is over, and returns the last error.
func (s *smoke) until(ctx context.Context, work func() error) error {
	for end := time.Now().Add(s.wait); ; s.sleep(ctx) {
		err := work()
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
	}
}

func (s *smoke) sleep(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(s.pause):
	}
}
