package client

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
)

const (
	// contenders is the number of clients that change the same records, in step, so that they meet.
	contenders = 3
	// contendedRecords is the number of those records.
	contendedRecords = 2
	// contentionInterval is the time between two rounds. A round of each contender is a read and a change: six requests a second.
	contentionInterval = time.Second
	// keyInterval is the time between two new keys of the client that repeats keyed creations: up to two requests a second.
	keyInterval = 2 * time.Second
)

// keyRepeats are after how many further keys a key's creation is repeated: at once beside the first request, after some seconds, and after
// a minute and three, by which a failover may have come between.
var keyRepeats = [...]int{0, 3, 30, 90}

// The patients of their records. They are none of the client's, whose rows are counted.
const (
	contendedSuffix = "-contended"
	keyedSuffix     = "-keyed"
)

// Contention is the load whose histories are checked: clients that read the same records and change what they have read, and one that
// repeats keyed creations. They resolve the global name as the client does, and try each operation once.
type Contention struct {
	client *Client
}

// Contention returns that load, beside the client.
func (c *Client) Contention() *Contention { return &Contention{c} }

// Run makes the records and then changes them until the context ends. It returns when all requests have ended.
func (n *Contention) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { n.repeatKeys(ctx) })
	running.Go(func() { n.contend(ctx) })
	running.Wait()
}

// contended is a record that several clients change.
type contended struct{ subject, id string }

// contend has the contenders change one record after the other, all at once.
func (n *Contention) contend(ctx context.Context) {
	var records []contended
	for number := 1; number <= contendedRecords; number++ {
		if record, made := n.makeRecord(ctx, number); made {
			records = append(records, record)
		}
	}
	if len(records) == 0 {
		return
	}
	clients := make([]*contender, contenders)
	for i := range clients {
		clients[i] = &contender{Contention: n, number: i, known: map[string]known{}}
	}
	for range ticks(ctx, contentionInterval) {
		record := records[rand.N(len(records))]
		var round sync.WaitGroup
		for _, one := range clients {
			round.Go(func() { one.round(context.WithoutCancel(ctx), record) })
		}
		round.Wait()
	}
}

// makeRecord makes a contended record before it is contended. A platform that does not let it within the retry window has none.
func (n *Contention) makeRecord(ctx context.Context, number int) (contended, bool) {
	subject := fmt.Sprintf("record %d", number)
	content := fmt.Sprintf("first of %s", subject)
	for end := time.Now().Add(retryWindow); time.Now().Before(end) && ctx.Err() == nil; {
		o, answer := n.send(ctx, evidence.Operation{Kind: evidence.Create, Subject: subject, Value: content}, access.Request{
			Method: http.MethodPost, URL: n.client.URL.JoinPath("records").String(),
			JSON:   fmt.Appendf(nil, `{"patient":%q,"content":{"value":%q}}`, n.client.Name+contendedSuffix, content),
			Header: map[string]string{"Idempotency-Key": fmt.Sprintf("%s-contended-%d", n.client.Name, number)},
		})
		n.client.Log.AddOperation(o)
		if o.Status == http.StatusCreated && answer.ID != "" {
			return contended{subject, answer.ID}, true
		}
		time.Sleep(minBackoff)
	}
	return contended{}, false
}

// known is what a contender has last read or written of a record.
type known struct{ value, etag string }

// contender is one of the clients that change the same records.
type contender struct {
	*Contention
	number int
	count  int
	known  map[string]known // by subject
}

// round reads a record and changes what it has read.
func (c *contender) round(ctx context.Context, record contended) {
	if !c.read(ctx, record) {
		return
	}
	c.count++
	value := fmt.Sprintf("%d of client %d", c.count, c.number)
	basis := c.known[record.subject]
	o, _ := c.send(ctx, evidence.Operation{
		Client: c.number, Kind: evidence.Update, Subject: record.subject, Basis: basis.value, Value: value,
	}, access.Request{
		Method: http.MethodPut, URL: c.client.recordURL(record.id), JSON: fmt.Appendf(nil, `{"content":{"value":%q}}`, value),
		Header: map[string]string{"If-Match": basis.etag},
	})
	c.client.Log.AddOperation(o)
	if o.Status == http.StatusOK {
		c.known[record.subject] = known{value, o.Tag}
	}
}

// read reads a record; a contender that knows an earlier content asks whether it is still that, as a cache does. It returns false without a
// content.
func (c *contender) read(ctx context.Context, record contended) bool {
	o := evidence.Operation{Client: c.number, Kind: evidence.ReadRecord, Subject: record.subject}
	request := access.Request{Method: http.MethodGet, URL: c.client.recordURL(record.id)}
	if last, is := c.known[record.subject]; is {
		o.Basis = last.value
		request.Header = map[string]string{"If-None-Match": last.etag}
	}
	o, answer := c.send(ctx, o, request)
	switch o.Status {
	case http.StatusOK:
		o.Value = answer.Content.Value
		c.known[record.subject] = known{o.Value, o.Tag}
	case http.StatusNotModified:
		o.Value = o.Basis
	}
	c.client.Log.AddOperation(o)
	return o.Value != ""
}

// repeatKeys makes a record under each of many keys, and repeats each creation.
func (n *Contention) repeatKeys(ctx context.Context) {
	var requests sync.WaitGroup
	defer requests.Wait()
	number := 0
	for range ticks(ctx, keyInterval) {
		number++
		for _, back := range keyRepeats {
			if number-back > 0 {
				requests.Go(func() { n.createKeyed(context.WithoutCancel(ctx), number-back) })
			}
			if back == 0 {
				requests.Go(func() { n.createKeyed(context.WithoutCancel(ctx), number) })
			}
		}
	}
}

// createKeyed makes the record of a key, or is answered with it.
func (n *Contention) createKeyed(ctx context.Context, number int) {
	o, answer := n.send(ctx, evidence.Operation{
		Client: contenders + number%contenders, Kind: evidence.Create, Subject: fmt.Sprintf("key %d", number),
	}, access.Request{
		Method: http.MethodPost, URL: n.client.URL.JoinPath("records").String(),
		JSON:   fmt.Appendf(nil, `{"patient":%q,"content":{"number":%d}}`, n.client.Name+keyedSuffix, number),
		Header: map[string]string{"Idempotency-Key": fmt.Sprintf("%s-keyed-%d", n.client.Name, number)},
	})
	o.Tag = "" // the tag of a record that nobody changes
	if o.Status == http.StatusCreated {
		if o.Value = answer.ID; answer.Content.Number != number {
			o.Value = fmt.Sprintf("record %s of another request, number %d", answer.ID, answer.Content.Number)
		}
	}
	n.client.Log.AddOperation(o)
}

// contentOf is what the answers of this load have.
type contentOf struct {
	ID      string
	Content struct {
		Value  string
		Number int
	}
}

// send sends an operation's request and notes when and how it was answered.
func (n *Contention) send(ctx context.Context, o evidence.Operation, request access.Request) (evidence.Operation, contentOf) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	o.At = time.Now()
	var decoded contentOf
	err := func() error {
		address, region, err := n.client.Names.Address(ctx, n.client.URL.Hostname())
		if err != nil {
			return err
		}
		o.Region, request.Address = region, address
		answer, err := n.client.sendAuthorized(ctx, request)
		if err != nil {
			return err
		}
		if answer.Status >= http.StatusOK && answer.Status < http.StatusMultipleChoices {
			if err := json.Unmarshal(answer.Body, &decoded); err != nil {
				return fmt.Errorf("understanding the answer %d: %w", answer.Status, err)
			}
		} else if answer.Status != http.StatusNotModified {
			o.Error = answer.Start()
		}
		o.Status, o.Tag = answer.Status, answer.Header.Get("ETag")
		return nil
	}()
	if o.Duration = time.Since(o.At); err != nil {
		o.Error = err.Error()
	}
	return o, decoded
}

// ticks iterates at once and then at each interval, until the context ends.
func ticks(ctx context.Context, interval time.Duration) func(yield func(struct{}) bool) {
	return func(yield func(struct{}) bool) {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for ctx.Err() == nil && yield(struct{}{}) {
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	}
}
