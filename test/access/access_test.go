package access

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"warmstandby/test/access/resolver"
)

func TestRegions(t *testing.T) {
	t.Run("a region is recognized by its own name", func(t *testing.T) {
		zone := map[string]string{"app.test.": "127.53.0.2", "east.app.test.": "127.53.0.1", "west.app.test.": "127.53.0.2"}
		var asked []string
		cache := resolver.New(func(_ context.Context, question *dns.Msg, _ string) (*dns.Msg, error) {
			name := question.Question[0].Name
			asked = append(asked, name)
			record, err := dns.NewRR(name + " 60 IN A " + zone[name])
			answer := new(dns.Msg).SetReply(question)
			answer.Answer = append(answer.Answer, record)
			return answer, err
		})
		regions := NewRegions(cache, map[string]string{"east": "east.app.test", "west": "west.app.test"})
		address, region, err := regions.Address(t.Context(), "app.test")
		if err != nil || region != "west" || address.String() != "127.53.0.2" {
			t.Errorf("app.test leads to %s in %q (%v)", address, region, err)
		}
		own, err := regions.OwnAddress(t.Context(), "east")
		if err != nil || own.String() != "127.53.0.1" {
			t.Errorf("east's own name leads to %s (%v)", own, err)
		}
		if len(asked) != 3 {
			t.Errorf("asked %v, want each name once", asked)
		}
	})
}

func TestTransport(t *testing.T) {
	t.Run("a request goes to the given address and port, and keeps its Host", func(t *testing.T) {
		hosts := make(chan string, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hosts <- r.Host }))
		defer server.Close()
		t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		request := Request{Method: http.MethodGet, URL: "http://app.example.test/healthz", Address: netip.MustParseAddr("127.0.0.1")}
		if _, err := Send(t.Context(), Transport(port), request); err != nil {
			t.Fatal(err)
		}
		if host := <-hosts; host != "app.example.test" {
			t.Errorf("the host is %s", host)
		}
	})
}

func TestWithServers(t *testing.T) {
	t.Run("the emulator is found in its folder", func(t *testing.T) {
		folder := t.TempDir()
		for content, want := range map[string]string{
			`{"endpoint":"http://127.0.0.1:4566","dns":"127.0.0.1:5353"}`: "",
			`{"endpoint":"http://127.0.0.1:4566"}`:                        "answers no DNS",
			`{`:                                                           "finding the emulator",
		} {
			if err := os.WriteFile(filepath.Join(folder, "instance.json"), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			o, port, err := Target{Local: "local", State: folder}.WithServers()
			switch {
			case want == "" && (err != nil || port != "4566" || o.Resolver != "127.0.0.1:5353" || o.ZoneServer != o.Resolver):
				t.Errorf("found %+v at port %q (%v)", o, port, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: %v, want %q", content, err, want)
			}
		}
	})
}
