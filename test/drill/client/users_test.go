package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
)

// moving is Names of a name that leads to another region after a time.
type moving struct {
	begun time.Time
	after time.Duration
	asked int
}

func (m *moving) Address(context.Context, string) (netip.Addr, string, error) {
	m.asked++
	if time.Since(m.begun) < m.after {
		return netip.AddrFrom4([4]byte{127, 53, 0, 1}), "us-east-1", nil
	}
	return netip.AddrFrom4([4]byte{127, 53, 0, 2}), "us-west-2", nil
}

// movedAfter runs a user whose name moves after a minute, and returns when it first went to the other region.
func movedAfter(t *testing.T, build func(names Names) *Client) (moved time.Duration, attempts []evidence.Attempt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		names := &moving{begun: time.Now(), after: time.Minute}
		c := build(names)
		c.URL, c.Name, c.Log = &url.URL{Scheme: "http", Host: "h"}, "drill", evidence.NewLog(evidence.Evidence{})
		c.Token = func(context.Context) (string, error) { return "t", nil }
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		c.Run(ctx)
		seen := c.Log.Copy()
		attempts = seen.OtherUsers[c.user]
		if len(seen.Attempts) != 0 {
			t.Errorf("%d attempts are noted as the client's", len(seen.Attempts))
		}
		for _, a := range attempts {
			if a.Region == "us-west-2" {
				moved = a.At.Sub(names.begun)
				return
			}
		}
	})
	return moved, attempts
}

// service answers writes, or fails as a test says.
type service func(*http.Request) error

func (s service) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := s(r); err != nil {
		return nil, err
	}
	content, _ := io.ReadAll(r.Body)
	number := strings.TrimRight(string(content[strings.LastIndexByte(string(content), ':')+1:]), "}")
	body := `{"id":"id-` + number + `","content":{"number":` + number + `}}`
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestUserWhoKeepsAnAddress(t *testing.T) {
	moved, attempts := movedAfter(t, func(names Names) *Client {
		c := &Client{Names: names, HTTP: service(func(*http.Request) error { return nil })}
		return c.Users("")[1]
	})
	if moved < keptAddress || moved > keptAddress+2*userInterval {
		t.Errorf("it goes to the other region after %s, want %s, whatever the TTL says", moved, keptAddress)
	}
	for _, a := range attempts[:10] {
		if !a.Good() || a.Number <= firstOfAddress || a.Kind != evidence.Write {
			t.Errorf("noted %+v, want good writes of numbers of its own", a)
		}
	}
}

func TestUserWhoKeepsAConnection(t *testing.T) {
	for name, test := range map[string]struct {
		breaks time.Duration // when requests begin to fail without an answer, for 10 s
		moved  time.Duration
	}{
		"leaves the region when the load balancer ends the connection":  {breaks: time.Hour, moved: keptConnection},
		"leaves it when the connection breaks after the name has moved": {breaks: 90 * time.Second, moved: 90 * time.Second},
		"is led back while the name has not moved":                      {breaks: 20 * time.Second, moved: 30*time.Second + keptConnection},
	} {
		t.Run(name, func(t *testing.T) {
			moved, _ := movedAfter(t, func(names Names) *Client {
				begun := time.Now()
				connection := newKeptTransport(names, service(func(*http.Request) error {
					if age := time.Since(begun); age >= test.breaks && age < test.breaks+10*time.Second {
						return errors.New("connection reset by peer")
					}
					return nil
				}), func() {})
				return &Client{Names: &connection.kept, HTTP: connection, user: evidence.KeepsConnection, interval: userInterval}
			})
			if moved < test.moved-2*userInterval || moved > test.moved+maxBackoff+2*userInterval {
				t.Errorf("it goes to the other region after %s, want %s", moved, test.moved)
			}
		})
	}
}
