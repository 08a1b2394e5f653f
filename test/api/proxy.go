package api

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"sync"
)

// Proxy passes requests on to the API's load balancer, whose name it puts into the Host header, and spoils answers if it has faults.
type Proxy struct {
	// Target is where requests go, Host the load balancer's name.
	Target *url.URL
	Host   string
	Faults []Fault
	// Token is one that the API admits, for the fault that admits everybody.
	Token string

	mu sync.Mutex
	// created has the answers to records' creations, by the record's path.
	created map[string][]byte
}

// answer is an answer that may be spoiled.
type answer struct {
	*http.Response
	body []byte
	// created is what the record at this path was created as, if the proxy has seen that.
	created []byte
}

// Handler returns the proxy.
func (p *Proxy) Handler() http.Handler {
	p.created = map[string][]byte{}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(p.Target)
			r.Out.Host = p.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery // As it came, also where it cannot be read.
			for _, fault := range p.Faults {
				if fault.admits && fault.Operation == operationOf(r.In) {
					r.Out.Header.Set("Authorization", "Bearer "+p.Token)
				}
			}
		},
		ModifyResponse: p.spoil,
	}
}

// idPattern matches a record's id in a path.
var idPattern = regexp.MustCompile(`^/records/[^/]+`)

// operationOf names what a request asks for, as the document does.
func operationOf(r *http.Request) string {
	path := r.URL.EscapedPath()
	if path != "/records/search" {
		path = idPattern.ReplaceAllString(path, "/records/{id}")
	}
	return r.Method + " " + path
}

// spoil spoils an answer by each fault of its operation.
func (p *Proxy) spoil(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err == nil {
		err = response.Body.Close()
	}
	if err != nil {
		return err
	}
	path := response.Request.URL.EscapedPath()
	p.mu.Lock()
	if response.StatusCode == http.StatusCreated {
		p.created[response.Header.Get("Location")] = body
	}
	a := &answer{Response: response, body: body, created: p.created[path]}
	p.mu.Unlock()
	operation := operationOf(response.Request)
	for _, fault := range p.Faults {
		if fault.spoil != nil && fault.Operation == operation {
			fault.spoil(a)
		}
	}
	if len(p.Faults) > 0 && response.Request.Method != http.MethodHead {
		response.ContentLength = int64(len(a.body))
		response.Header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	response.Body = io.NopCloser(bytes.NewReader(a.body))
	return nil
}

// become gives an answer another status.
func (a *answer) become(status int) {
	a.StatusCode, a.Status = status, strconv.Itoa(status)+" "+http.StatusText(status)
}

// replace gives it another status, media type and body.
func (a *answer) replace(status int, media, body string) {
	a.become(status)
	a.Header.Set("Content-Type", media)
	a.body = []byte(body)
}
