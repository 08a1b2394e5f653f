// Package client is a user's program outside both regions. It writes numbered records through the global name, reads some of
// them back, and records every attempt.
//
// It is a well-behaved client: it caches an address for the record's TTL, bounds every wait, and retries with backoff and
// Retry-After under the same idempotency key. It keeps no connections, because each request stands for a new user. users.go has the
// kinds of user that keep a connection or an address.
package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"warmstandby/test/drill/evidence"
)

const (
	// WriteInterval is the time between two numbers.
	WriteInterval = 200 * time.Millisecond
	// readBackInterval is how many numbers are written for each one that is read back. All rows are counted at the end.
	readBackInterval = 5
	// readBackDelay is the time between a write and its read. Replication is asynchronous, and a reader may lag behind.
	readBackDelay = time.Second
	// attemptTimeout bounds an attempt: connection, request and response. The application answers within a second, or reports that
	// it cannot.
	attemptTimeout = 3 * time.Second
	// retryWindow is how long a number is retried.
	retryWindow = 20 * time.Second
	// minBackoff is the pause before the first retry. It doubles up to maxBackoff, less a random part of up to a half.
	minBackoff = 500 * time.Millisecond
	maxBackoff = 4 * time.Second
	// maxConcurrent limits the concurrent requests; a further attempt is withheld and counts as failed. Five answered writes a
	// second need one slot. While a region hangs, two attempts a second are made, which is the resolution of the first good write;
	// more would overload the region that takes over with requests that wait for its writer.
	maxConcurrent = 6
)

// Names resolves names.
type Names interface {
	// Address returns an address of the name and its region, "" if the region is not known.
	Address(ctx context.Context, name string) (address netip.Addr, region string, err error)
}

// Client is the user's program. Its fields are set before Run.
type Client struct {
	URL   *url.URL // the global URL; its host is resolved for every attempt
	Names Names
	// Token returns an access token that may read and write.
	Token func(ctx context.Context) (string, error)
	// HTTP sends a request to the address in its context (see access.Transport).
	HTTP http.RoundTripper
	Log  *evidence.Log
	// Name identifies the drill: it is the patient of its records, and part of their idempotency keys.
	Name string

	// Storage sends requests that the application has signed. Without it no documents are put.
	Storage http.RoundTripper

	// Of the kinds of user beside the client, whose zero values are the client's own: see users.go.
	user        evidence.User
	interval    time.Duration
	firstNumber int

	slots chan struct{}
}

// Run writes numbers from 1 on until the context ends. It returns when all requests have ended.
func (c *Client) Run(ctx context.Context) {
	c.slots = make(chan struct{}, maxConcurrent)
	var underWay sync.WaitGroup
	defer underWay.Wait()
	ticker := time.NewTicker(max(c.interval, WriteInterval))
	defer ticker.Stop()
	for number := c.firstNumber + 1; ; number++ {
		underWay.Go(func() { c.writeAndReadBack(context.WithoutCancel(ctx), number) })
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// writeAndReadBack writes a number and reads it back.
func (c *Client) writeAndReadBack(ctx context.Context, number int) {
	result := c.attemptUntilDone(ctx, evidence.Attempt{Kind: evidence.Write, Number: number})
	if result.Good() && number%documentInterval == 0 && c.user == "" && c.Storage != nil {
		c.putDocument(ctx, result)
	}
	if !result.Good() || number%readBackInterval != 0 || c.user != "" {
		return
	}
	time.Sleep(readBackDelay)
	c.attemptUntilDone(ctx, evidence.Attempt{Kind: evidence.Read, Number: number, ID: result.ID})
}

// attemptUntilDone retries until the attempt is good, is not retryable, or the retry window ends, and returns the last one.
func (c *Client) attemptUntilDone(ctx context.Context, wanted evidence.Attempt) evidence.Attempt {
	backoff := minBackoff
	for end := time.Now().Add(retryWindow); ; {
		wanted.Try++
		result, next := c.attempt(ctx, wanted)
		c.record(result)
		wait := max(backoff-rand.N(backoff/2), next.after)
		if result.Good() || !next.allowed || time.Now().Add(wait).After(end) {
			return result
		}
		time.Sleep(wait)
		backoff = min(2*backoff, maxBackoff)
	}
}

// retry is whether an attempt may be repeated, and the least time before that.
type retry struct {
	allowed bool
	after   time.Duration
}

// attempt makes one attempt, and withholds it when too many are in flight.
func (c *Client) attempt(ctx context.Context, a evidence.Attempt) (evidence.Attempt, retry) {
	a.At = time.Now()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		a.Withheld, a.Error = true, fmt.Sprintf("withheld: %d requests are in flight", maxConcurrent)
		return a, retry{allowed: true}
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	next := retry{allowed: true}
	err := func() error {
		address, region, err := c.Names.Address(ctx, c.URL.Hostname())
		if err != nil {
			return err
		}
		a.Region = region
		next, err = c.send(ctx, address, &a)
		return err
	}()
	a.Duration = time.Since(a.At)
	if err != nil {
		a.Error = err.Error()
	}
	return a, next
}
