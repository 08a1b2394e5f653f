package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// message is the newest state of one feed. Error is why it is not known now; Data may then be of an earlier time, which At says.
type message struct {
	At    time.Time `json:"at"`
	Error string    `json:"error,omitempty"`
	Data  any       `json:"data"`
}

// hub passes the newest message of each feed to every page that is open.
type hub struct {
	mu     sync.Mutex
	newest map[string][]byte // server-sent events, by feed
	order  []string
	pages  map[chan []byte]bool
}

func newHub() *hub { return &hub{newest: map[string][]byte{}, pages: map[chan []byte]bool{}} }

// pageBuffer is how many messages a page may lag behind; one that does is closed, and connects again.
const pageBuffer = 64

// publish passes a message on.
func (h *hub) publish(feed string, m message) {
	content, err := json.Marshal(m)
	if err != nil {
		content, _ = json.Marshal(message{At: m.At, Error: "encoding it: " + err.Error()}) // text and a time can be encoded
	}
	event := fmt.Appendf(nil, "event: %s\ndata: %s\n\n", feed, content)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.newest[feed] == nil {
		h.order = append(h.order, feed)
	}
	h.newest[feed] = event
	for page := range h.pages {
		select {
		case page <- event:
		default:
			delete(h.pages, page)
			close(page)
		}
	}
}

// open returns a channel that first has the newest message of every feed, and the function that ends it. The channel is closed when its
// reader is too slow.
func (h *hub) open() (events <-chan []byte, end func()) {
	page := make(chan []byte, pageBuffer)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, feed := range h.order {
		page <- h.newest[feed]
	}
	h.pages[page] = true
	return page, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.pages[page] {
			delete(h.pages, page)
			close(page)
		}
	}
}
