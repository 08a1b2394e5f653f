package forgery

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// senders is how many requests are under way: an instance of the function serves one at a time.
const senders = 4

// problemTypes are what a refused token is answered with, by the status.
var problemTypes = map[int]string{
	http.StatusUnauthorized: "urn:warmstandby:problem:unauthenticated",
	http.StatusForbidden:    "urn:warmstandby:problem:insufficient-scope",
}

// Request is what an attack is tried with.
type Request struct {
	Method, Path, Body string
	Header             http.Header
}

// Send tries every attack with every request, at the URL of the API, which has no slash at its end. The error has a line for each
// answer that is not the refusal that it must be.
func Send(ctx context.Context, client *http.Client, url string, attacks []Attack, requests []Request) error {
	type try struct {
		attack  Attack
		request Request
	}
	tries := make(chan try)
	var faults []error
	var mu sync.Mutex
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for one := range tries {
				if err := refused(ctx, client, url, one.attack, one.request); err != nil {
					mu.Lock()
					faults = append(faults, fmt.Errorf("%s: %s %s: %w", one.attack, one.request.Method, one.request.Path, err))
					mu.Unlock()
				}
			}
		})
	}
	for _, attack := range attacks {
		for _, request := range requests {
			tries <- try{attack, request}
		}
	}
	close(tries)
	all.Wait()
	slices.SortFunc(faults, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// refused sends an attack and returns what is wrong with the answer.
func refused(ctx context.Context, client *http.Client, url string, attack Attack, asked Request) error {
	if attack.Query != "" {
		url += asked.Path + "?" + attack.Query
	} else {
		url += asked.Path
	}
	request, err := http.NewRequestWithContext(ctx, asked.Method, url, strings.NewReader(asked.Body))
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	for _, header := range []http.Header{asked.Header, attack.Header} {
		for name, values := range header {
			request.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("sending the request: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return judge(attack, response, body)
}

// judge returns what is wrong with an answer: it is to be the problem of its status, with a challenge (RFC 6750, section 3), and quotes
// nothing of the token.
func judge(attack Attack, response *http.Response, body []byte) error {
	if response.StatusCode != attack.Status {
		return fmt.Errorf("answered with %d, want %d: %.200s", response.StatusCode, attack.Status, body)
	}
	var problem struct {
		Type   string
		Status int
	}
	err := json.Unmarshal(body, &problem)
	media := response.Header.Get("Content-Type")
	if err != nil || media != "application/problem+json" || problem.Type != problemTypes[attack.Status] || problem.Status != attack.Status {
		return fmt.Errorf("%d without its problem: %s %.200s", response.StatusCode, media, body)
	}
	if challenge := response.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, `Bearer realm="records"`) {
		return fmt.Errorf("%d without a challenge: %q", response.StatusCode, challenge)
	}
	const quoted = 16
	for _, values := range attack.Header {
		for _, value := range values {
			if end := value[max(0, len(value)-quoted):]; len(end) == quoted && bytes.Contains(body, []byte(end)) {
				return fmt.Errorf("the answer quotes the token: %.200s", body)
			}
		}
	}
	return nil
}
