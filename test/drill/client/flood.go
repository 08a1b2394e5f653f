package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
)

const (
	// floodInterval is the time between two requests of a flood: thirty a second. While no writer answers, a change holds its execution for
	// the three seconds of a connection, and the process that has found that out answers at once for a second; so ten executions are all in
	// use for a seventh of the time, and more requests would only cost this machine its processors.
	floodInterval = time.Second / 30
	// floodConcurrent limits the requests in flight, to twice what Lambda grants.
	floodConcurrent = 20
	// floodTimeout bounds a request. It is longer than the application takes to find out that there is no writer.
	floodTimeout = 8 * time.Second
	// floodMax ends a flood that nobody ends: the drill's longest waits are longer.
	floodMax = 10 * time.Minute
)

// Flood is a crowd of callers with a valid token that changes records which there are not, at one region's load balancer, without a pause.
// It stores nothing. While the writer is lost, each request that is let in holds an execution for seconds.
type Flood struct {
	URL     *url.URL
	Address func(ctx context.Context) (netip.Addr, error)
	Token   func(ctx context.Context) (string, error)
	HTTP    http.RoundTripper
	Log     *evidence.Log
}

// Run sends requests until the context ends, or floodMax is over, and returns when all have ended.
func (f *Flood) Run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, floodMax)
	defer cancel()
	f.Log.UpdateFlood(func(flood *evidence.Flood) { flood.Began = time.Now() })
	defer f.Log.UpdateFlood(func(flood *evidence.Flood) { flood.Ended = time.Now() })
	var underWay sync.WaitGroup
	defer underWay.Wait()
	slots := make(chan struct{}, floodConcurrent)
	ticker := time.NewTicker(floodInterval)
	defer ticker.Stop()
	for {
		select {
		case slots <- struct{}{}:
			underWay.Go(func() {
				defer func() { <-slots }()
				f.send(context.WithoutCancel(ctx))
			})
		default:
			f.Log.UpdateFlood(func(flood *evidence.Flood) { flood.Withheld++ })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// send sends one request and counts what became of it.
func (f *Flood) send(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, floodTimeout)
	defer cancel()
	answer, err := f.request(ctx)
	f.Log.UpdateFlood(func(flood *evidence.Flood) {
		flood.Sent++
		switch {
		case err != nil:
			flood.Unanswered++
		case answer.Status == http.StatusBadGateway:
			flood.Refused++
		default:
			flood.Answered++
		}
	})
}

func (f *Flood) request(ctx context.Context) (access.Answer, error) {
	address, err := f.Address(ctx)
	if err != nil {
		return access.Answer{}, err
	}
	token, err := f.Token(ctx)
	if err != nil {
		return access.Answer{}, fmt.Errorf("getting a token: %w", err)
	}
	return access.Send(ctx, f.HTTP, access.Request{
		Method: http.MethodPut, URL: f.URL.JoinPath("records", missingID()).String(), Address: address, Token: token,
		JSON: []byte(`{"content":{}}`), Header: map[string]string{"If-Match": "*"},
	})
}

// missingID is the id of a record that there is not: a random UUID.
func missingID() string {
	var id [16]byte
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
