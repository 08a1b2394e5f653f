package main

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed live.html
var livePage string

const (
	// tokenHeader has the page's token in requests that do something.
	tokenHeader = "X-Live-Token"
	// heartbeatEvery is how often an open page gets a sign that the server lives.
	heartbeatEvery = 5 * time.Second
	// actionLimit bounds the body of a request that does something, in bytes.
	actionLimit = 4 << 10
)

// server serves the page. It listens on the loopback address alone, but every page that a browser has open can send requests there: so
// it answers only requests for its own hosts, which a rebound name is not, and does only what its own page asks, which has the token and
// is of the same origin.
type server struct {
	hub   *hub
	token string
	hosts []string // that it is reached by, with the port
	// page is what the page must know: the environment, its regions, and what can be done.
	page pageSettings
	// act does something; nil where nothing may be done.
	act func(action) error
}

// pageSettings is what the page must know.
type pageSettings struct {
	Environment string   `json:"environment"`
	Primary     string   `json:"primary"`
	Standby     string   `json:"standby"`
	On          string   `json:"on"` // what the platform runs on
	Kinds       []string `json:"kinds,omitempty"`
	Token       string   `json:"token,omitempty"`
	CanAct      bool     `json:"canAct"`
}

func newServer(h *hub, hosts []string, page pageSettings, act func(action) error) *server {
	s := &server{hub: h, token: rand.Text(), hosts: hosts, page: page, act: act}
	s.page.CanAct = act != nil
	if act != nil {
		s.page.Token = s.token
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	if !slices.Contains(s.hosts, r.Host) {
		http.Error(w, "this page is reached at "+s.hosts[0], http.StatusMisdirectedRequest)
		return
	}
	switch {
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		s.servePage(w)
	case r.URL.Path == "/events" && r.Method == http.MethodGet:
		s.serveEvents(w, r)
	case r.URL.Path == "/act" && r.Method == http.MethodPost:
		s.serveAction(w, r)
	default:
		http.NotFound(w, r)
	}
}

// servePage writes the page with its settings. A nonce lets its own style and script run, and nothing else.
func (s *server) servePage(w http.ResponseWriter) {
	settings, err := json.Marshal(s.page) // which escapes <, so that nothing in it ends the script
	if err != nil {
		http.Error(w, "encoding the settings: "+err.Error(), http.StatusInternalServerError)
		return
	}
	nonce := rand.Text()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src 'nonce-%[1]s'; script-src 'nonce-%[1]s'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", nonce))
	strings.NewReplacer("NONCE", nonce, "SETTINGS", string(settings)).WriteString(w, livePage)
}

// serveEvents passes on the feeds as server-sent events until the page is closed.
func (s *server) serveEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	events, end := s.hub.open()
	defer end()
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	for {
		var event []byte
		open := true
		select {
		case <-r.Context().Done():
			return
		case event, open = <-events:
		case <-heartbeat.C:
			event = []byte("event: alive\ndata: {}\n\n")
		}
		if !open {
			return
		}
		if _, err := w.Write(event); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
	}
}

// serveAction does what the page asks.
func (s *server) serveAction(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	own := slices.ContainsFunc(s.hosts, func(host string) bool { return origin == "http://"+host })
	switch {
	case s.act == nil:
		http.Error(w, "nothing can be done here: on AWS this page only reads", http.StatusForbidden)
		return
	case !own:
		http.Error(w, "only this server's own page may ask for that", http.StatusForbidden)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(s.token)) != 1:
		http.Error(w, "the page is of an earlier server: load it again", http.StatusForbidden)
		return
	}
	var wanted action
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, actionLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		http.Error(w, "reading what is to be done: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.act(wanted); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
