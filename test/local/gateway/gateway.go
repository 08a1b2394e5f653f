// Package gateway is the HTTP endpoint of the local AWS emulator. It finds the region and the operation of each request,
// answers or completes what MiniStack, the emulator behind it, lacks, and forwards the rest.
//
// A request passes these steps: the forward-proxy rules (proxy.go), which route names of hosted zones to their load balancers;
// region and operation (call.go, host.go); the region's faults (fault.go); the handlers (handlers.go, one
// handler_SERVICE_THING.go each); the emulator (upstream.go). The response to a request that changes resources (mutation.go)
// is held back until the emulator has saved its state (groupcommit.go), so that every acknowledged change survives a kill.
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

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/makecommand"
)

// idleTimeout is how long an unused connection to the emulator is kept: less than the 75 s after which the emulator closes it,
// so that no request is sent into a closing connection.
const idleTimeout = 60 * time.Second

// Options configure a gateway.
type Options struct {
	Emulator *url.URL // the emulator's base URL
	Folder   string   // where the gateway keeps what the emulator does not
	Regions  []string // the platform's regions, tried in this order when a host name names none
	// Save returns when everything that the emulator has answered so far is on disk. It calls taken as soon as the emulator's
	// state has been copied: changes after that are not part of this save.
	Save func(taken func()) error
	// Touch reports a change that need not be on disk before its response.
	Touch func()
	// WriterHost returns the host of a global database's writer endpoint, the same from the cluster's creation to its
	// deletion. nil means that the instance runs no databases.
	WriterHost func(globalCluster string) (host string, ok bool)
	Aurora     Aurora  // nil when DB clusters have no servers
	Route53    Route53 // nil when nothing evaluates health checks
	// Certificates issues the certificates of load balancers; nil when they speak no TLS.
	Certificates *certificate.Balancers
	Faults       *fault.Store // nil when there are none
	Log          *log.Logger
}

// Gateway is the handler of the endpoint.
type Gateway struct {
	emulator     *url.URL
	regions      []string
	changes      *groupCommit
	touch        func()
	writerHost   func(globalCluster string) (host string, ok bool)
	aurora       Aurora
	rpos         rpos
	route53      Route53
	faults       *fault.Store
	log          *log.Logger
	handlers     []Handler
	backups      *backupHandler
	tests        *restoreTestHandler
	requests     balancerRequests
	firewalls    firewalls
	certificates listenerCertificates
	proxy        *httputil.ReverseProxy
	client       *http.Client
	journal      *journal // nil: no journal is kept
}

// New returns the handler, with what its folder holds from earlier runs.
func New(options Options) (*Gateway, error) {
	transport := &http.Transport{
		DisableCompression:  true, // bodies are forwarded unchanged
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     idleTimeout,
	}
	if options.Faults == nil {
		options.Faults = new(fault.Store)
	}
	g := &Gateway{
		emulator:     options.Emulator,
		regions:      options.Regions,
		changes:      newGroupCommit(options.Save),
		touch:        options.Touch,
		writerHost:   options.WriterHost,
		aurora:       options.Aurora,
		route53:      options.Route53,
		certificates: listenerCertificates{issuer: options.Certificates},
		faults:       options.Faults,
		log:          options.Log,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	g.proxy = &httputil.ReverseProxy{
		Rewrite:        g.rewrite,
		Transport:      transport,
		FlushInterval:  -1, // flush each part of a stream immediately
		ErrorLog:       options.Log,
		ModifyResponse: g.commitProxied,
		ErrorHandler:   g.respondUnavailable,
	}
	var err error
	if g.handlers, err = newHandlers(filepath.Join(options.Folder, "gateway")); err != nil {
		return nil, err
	}
	for _, handler := range g.handlers {
		if handler.Backups != nil {
			g.backups = handler.Backups
		}
		if handler.RestoreTests != nil {
			g.tests = handler.RestoreTests
		}
	}
	if g.journal, err = openJournal(filepath.Join(options.Folder, "gateway")); err != nil {
		return nil, err
	}
	return g, nil
}

// Save returns when what the emulator has answered so far is on disk, data included.
func (g *Gateway) Save() error { return g.changes.flush() }

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.journal == nil {
		g.serve(w, r)
		return
	}
	g.journal.of(http.HandlerFunc(g.serve), func(err error) { g.log.Print(err) }).ServeHTTP(w, r)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	if to := g.proxyHandler(r); to != nil {
		to.ServeHTTP(w, r)
		return
	}
	call, err := g.parseCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if g.applyFaults(w, call) {
		return
	}
	if call.mutation() == changesResources {
		call.endChange = g.changes.begin()
		defer call.endChange(false)
	}
	if !g.dispatch(w, call) {
		g.forward(w, call)
	}
}

// forward sends the request to the emulator and streams the response to the client.
func (g *Gateway) forward(w http.ResponseWriter, call *Call) {
	g.proxy.ServeHTTP(w, call.Request.WithContext(withCall(call)))
}

// rewrite points a request at the emulator. The Host header stays: the emulator identifies buckets and load balancers by it.
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

// commitProxied holds a forwarded response back until its change is as durable as the call requires. The response to an API
// call is read whole first: if it breaks off, the client gets a 503, which AWS's clients retry, instead of half a 200, which
// they do not.
func (g *Gateway) commitProxied(response *http.Response) error {
	call := callOf(response.Request.Context())
	if call.Action != "" {
		body, err := readBody(response.Body)
		if err != nil {
			return fmt.Errorf("reading the answer to %s: %w", call.operation(), err)
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	return g.commitChange(call, response.StatusCode)
}

// respondUnavailable answers a call that the emulator did not.
func (g *Gateway) respondUnavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	g.log.Printf("%s %s%s: %v", r.Method, r.Host, r.URL.Path, err)
	http.Error(
		w,
		"the emulator behind the gateway does not answer: "+err.Error()+" (`"+makecommand.For("local-status")+"` says where its log is)",
		http.StatusServiceUnavailable,
	)
}
