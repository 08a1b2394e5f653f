package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// Journal is the name of a file in the gateway's folder of the state. Where it is there when the gateway starts, each request of a
// command, and its answer, is added to it as an [Exchange]: test/secondopinion sends the requests to another emulator of AWS.
const Journal = "requests.jsonl"

// Exchange is a request of a command to AWS's API and its answer: a line of the journal.
type Exchange struct {
	Method string `json:"method"`
	Host   string `json:"host"`
	URI    string `json:"uri"` // the path as it was sent, and the query
	// Header has what decides who answers what: the signature, of which the scope names region and service, the target and the type.
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body,omitempty"`

	Status     int    `json:"status"`
	Answer     []byte `json:"answer,omitempty"`
	AnswerType string `json:"answerType,omitempty"`
	// ErrorType is a header in which AWS's protocols of REST and JSON name an error.
	ErrorType string `json:"errorType,omitempty"`
}

// journalHeaders are the headers that are kept.
var journalHeaders = []string{
	"Authorization", "Content-Type", "X-Amz-Target", "X-Amz-Date", "Smithy-Protocol", "X-Amz-Content-Sha256", "X-Amz-Account-Id",
	"X-Amz-Bucket-Object-Lock-Enabled", "X-Amz-Tagging",
}

type journal struct {
	mu   sync.Mutex
	file *os.File
}

// openJournal returns nil when no journal is asked for.
func openJournal(folder string) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(folder, Journal), os.O_APPEND|os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the journal of requests: %w", err)
	}
	return &journal{file: file}, nil
}

// of returns a handler that keeps the exchanges of commands with the next one. Functions ask AWS on their own time, and are left out.
func (j *journal) of(next http.Handler, onError func(error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if accessKey(r) != "test" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, judgedLimit))
		if err != nil {
			onError(fmt.Errorf("reading a request for the journal: %w", err))
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		kept := Exchange{Method: r.Method, Host: r.Host, URI: r.URL.RequestURI(), Header: map[string]string{}, Body: body}
		for _, name := range journalHeaders {
			if value := r.Header.Get(name); value != "" {
				kept.Header[name] = value
			}
		}
		answer := &answerRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		kept.Status, kept.Answer = answer.status, answer.body.Bytes()
		kept.AnswerType, kept.ErrorType = w.Header().Get("Content-Type"), w.Header().Get("X-Amzn-Errortype")
		if err := j.add(kept); err != nil {
			onError(err)
		}
	})
}

func (j *journal) add(kept Exchange) error {
	line, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// answerRecorder passes an answer on and keeps it.
type answerRecorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (a *answerRecorder) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answerRecorder) Write(content []byte) (int, error) {
	a.body.Write(content)
	return a.ResponseWriter.Write(content)
}

// Unwrap lets a stream be flushed.
func (a *answerRecorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }
