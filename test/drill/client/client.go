// Package client is a user's program outside both regions: it writes a numbered record every so often and reads back what it
// was told is there, by the name that fails over, and notes every attempt.
//
// It behaves as a good client does: it resolves the name by the records' TTL, bounds every wait, and tries again what failed,
// later each time and not before it was told to, under the same idempotency key. What it does not do is keep connections: each
// request is a new user's.
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
	// Every is how often a number is written.
	WriteInterval = 200 * time.Millisecond
	// readEvery is of how many numbers one is read back: the rest is counted at the end.
	readBackInterval = 5
	// readAfter is how long the client waits before it reads back: replication is asynchronous, and a reader may be behind.
	readBackDelay = time.Second
	// attemptTime bounds an attempt: connection, request and answer. The application answers in a second, or says that it cannot.
	attemptTimeout = 3 * time.Second
	// patience is how long a number is tried.
	retryWindow = 20 * time.Second
	// firstPause, doubled each time up to lastPause, is what lies between two tries, less up to half of it by chance.
	minBackoff = 500 * time.Millisecond
	maxBackoff = 4 * time.Second
	// mostRequests are under way at a time; an attempt beyond them is held back and counts as failed. Five writes a second that
	// are answered need one place. While a region hangs, two attempts a second are made, which is as fine as the first good
	// write is then seen; more would meet the region that takes over with a herd of requests that wait for its writer.
	maxConcurrent = 6
)

// Names says where a name leads now.
type Names interface {
	// Address returns an address of the name and the region that it is in, "" when that is not known.
	Address(ctx context.Context, name string) (address netip.Addr, region string, err error)
}

// Client is the program. Its fields are set before Run.
type Client struct {
	URL   *url.URL // the global one: its host is resolved for every attempt
	Names Names
	// Token returns an access token that may read and write.
	Token func(ctx context.Context) (string, error)
	// HTTP sends a request to the address in its context (see Transport).
	HTTP http.RoundTripper
	Log  *evidence.Log
	// Run names the drill: it is the patient of its records, and part of their keys.
	Name string

	slots chan struct{}
}

// Run writes numbers from 1 on until the context ends, and returns when what is under way has been answered or given up.
func (c *Client) Run(ctx context.Context) {
	c.slots = make(chan struct{}, maxConcurrent)
	var underWay sync.WaitGroup
	defer underWay.Wait()
	ticker := time.NewTicker(WriteInterval)
	defer ticker.Stop()
	for number := 1; ; number++ {
		underWay.Go(func() { c.writeAndReadBack(context.WithoutCancel(ctx), number) })
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// record writes a number and reads it back.
func (c *Client) writeAndReadBack(ctx context.Context, number int) {
	result := c.attemptUntilDone(ctx, evidence.Attempt{Kind: evidence.Write, Number: number})
	if !result.Good() || number%readBackInterval != 0 {
		return
	}
	time.Sleep(readBackDelay)
	c.attemptUntilDone(ctx, evidence.Attempt{Kind: evidence.Read, Number: number, ID: result.ID})
}

// persist tries until the attempt is good, cannot become so, or patience ends, and returns the last one.
func (c *Client) attemptUntilDone(ctx context.Context, wanted evidence.Attempt) evidence.Attempt {
	backoff := minBackoff
	for end := time.Now().Add(retryWindow); ; {
		wanted.Try++
		result, next := c.attempt(ctx, wanted)
		c.Log.AddAttempt(result)
		wait := max(backoff-rand.N(backoff/2), next.after)
		if result.Good() || !next.allowed || time.Now().Add(wait).After(end) {
			return result
		}
		time.Sleep(wait)
		backoff = min(2*backoff, maxBackoff)
	}
}

// again is whether an attempt may be made once more, and not before what time.
type retry struct {
	allowed bool
	after   time.Duration
}

// attempt makes one attempt, and holds it back when too many are under way.
func (c *Client) attempt(ctx context.Context, a evidence.Attempt) (evidence.Attempt, retry) {
	a.At = time.Now()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		a.Withheld, a.Error = true, fmt.Sprintf("held back: %d requests are under way", maxConcurrent)
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
		next, err = c.send(withAddress(ctx, address), &a)
		return err
	}()
	a.Duration = time.Since(a.At)
	if err != nil {
		a.Error = err.Error()
	}
	return a, next
}
