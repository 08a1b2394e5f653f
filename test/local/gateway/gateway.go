// Package gateway is what stands at the embedded AWS's endpoint: it reads which region and operation a request means,
// answers what the emulator behind it lacks, and passes on the rest.
//
// A request goes through: forward-proxy rules (proxy.go), which hand the names of hosted zones to their load balancers, region and operation (call.go, host.go), the region's faults
// (fault.go), the gaps (gaps.go and one gap_*.go file each), the emulator. The answer to a request that changes something
// (effect.go) waits until the emulator has saved (commit.go), so that what a client has been told survives a kill.
package gateway

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"time"

	"warmstandby/test/local/fault"
)

// idleTime is how long an unused connection to the emulator is kept: less than the 75 s after which the emulator closes
// it, so that no request is sent into a closing connection.
const idleTime = 60 * time.Second

// Options say what a gateway stands in front of.
type Options struct {
	Emulator *url.URL // the emulator's base URL
	Folder   string   // where the gateway keeps what the emulator does not
	Regions  []string // the platform's regions, asked in this order when a host name names none
	// Save returns when all that the emulator has answered so far is on disk. It calls taken as soon as what the emulator changes
	// from then on is not in it.
	Save func(taken func()) error
	// Touch says that something changed that need not be on disk before the answer.
	Touch func()
	// WriterHost returns the host of a global database's writer endpoint, the same from the cluster's creation to its
	// deletion, if the instance runs databases; nil means that it does not.
	WriterHost func(globalCluster string) (host string, ok bool)
	Aurora     Aurora     // nil when DB clusters have no servers
	Route53    Route53    // nil when nothing evaluates health checks
	Faults     *fault.Set // nil when there are none
	Log        *log.Logger
}

// Gateway is the handler of the endpoint.
type Gateway struct {
	emulator   *url.URL
	regions    []string
	commits    *commits
	touch      func()
	writerHost func(globalCluster string) (host string, ok bool)
	aurora     Aurora
	route53    Route53
	faults     *fault.Set
	log        *log.Logger
	gaps       []Gap
	proxy      *httputil.ReverseProxy
	client     *http.Client
}

// New returns the handler, with what its folder holds from earlier runs.
func New(options Options) (*Gateway, error) {
	transport := &http.Transport{
		DisableCompression:  true, // bodies pass as they are
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     idleTime,
	}
	if options.Faults == nil {
		options.Faults = new(fault.Set)
	}
	g := &Gateway{
		emulator:   options.Emulator,
		regions:    options.Regions,
		commits:    newCommits(options.Save),
		touch:      options.Touch,
		writerHost: options.WriterHost,
		aurora:     options.Aurora,
		route53:    options.Route53,
		faults:     options.Faults,
		log:        options.Log,
		client:     &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	g.proxy = &httputil.ReverseProxy{
		Rewrite:        g.rewrite,
		Transport:      transport,
		FlushInterval:  -1, // a stream's parts pass at once
		ErrorLog:       options.Log,
		ModifyResponse: g.commitProxied,
		ErrorHandler:   g.unavailable,
	}
	var err error
	if g.gaps, err = newGaps(filepath.Join(options.Folder, "gateway")); err != nil {
		return nil, err
	}
	return g, nil
}

// Save makes what the emulator has answered so far durable, data included.
func (g *Gateway) Save() error { return g.commits.flush() }

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if to := g.proxied(r); to != nil {
		to.ServeHTTP(w, r)
		return
	}
	call, err := g.newCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if g.suffer(w, call) {
		return
	}
	if call.effect() == changes {
		call.end = g.commits.begin()
		defer call.end(false)
	}
	if !g.serve(w, call) {
		g.pass(w, call)
	}
}

// pass hands the request to the emulator and its answer, as a stream, to the client.
func (g *Gateway) pass(w http.ResponseWriter, call *Call) {
	g.proxy.ServeHTTP(w, call.Request.WithContext(withCall(call)))
}

// rewrite points a request at the emulator. The Host stays: the emulator tells buckets and load balancers by it.
func (g *Gateway) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(g.emulator)
	p.Out.Host = p.In.Host
	p.Out.URL.RawQuery = p.In.URL.RawQuery
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} {
		if values, ok := p.In.Header[name]; ok {
			p.Out.Header[name] = values
		}
	}
}

// commitProxied holds an answer back until it is as durable as its call asks for. The answer to an API call is read whole
// first: one that breaks off becomes a 503, which AWS's clients try again, instead of half a 200, which they do not.
func (g *Gateway) commitProxied(response *http.Response) error {
	call := callOf(response.Request.Context())
	if call.Action != "" {
		body, err := readAnswer(response.Body)
		if err != nil {
			return fmt.Errorf("reading the answer to %s: %w", call.operation(), err)
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	return g.commit(call, response.StatusCode)
}

// unavailable answers for an emulator that does not.
func (g *Gateway) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	g.log.Printf("%s %s%s: %v", r.Method, r.Host, r.URL.Path, err)
	http.Error(w, "the emulator behind the gateway does not answer: "+err.Error()+" (`local status` says where its log is)", http.StatusServiceUnavailable)
}
