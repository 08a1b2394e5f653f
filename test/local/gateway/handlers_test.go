package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// All handlers that edit a call do so in order unless one serves it.
func TestHandlerOrder(t *testing.T) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<R></R>")) }))
	defer emulator.Close()
	base, err := url.Parse(emulator.URL)
	if err != nil {
		t.Fatal(err)
	}
	editing := func(name string, matches bool) Handler {
		return Handler{
			Matches: func(*Call) bool { return matches },
			Edit: func(_ *Gateway, _ *Call, root *xmlElement) error {
				root.Children = append(root.Children, newElement(name))
				return nil
			},
		}
	}
	serving := Handler{
		Matches: func(c *Call) bool { return c.Action == "DescribeVpcs" },
		Serve:   func(_ *Gateway, w http.ResponseWriter, _ *Call) { w.Write([]byte("served")) },
	}
	for action, want := range map[string]string{
		"DescribeSubnets": "<R><first></first><third></third></R>",
		"DescribeVpcs":    "served",
	} {
		g, err := New(Options{Emulator: base, Folder: t.TempDir(), Save: func(func()) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		g.handlers = []Handler{editing("first", true), editing("second", false), editing("third", true), serving}
		front := httptest.NewServer(g)
		f := &fake{t: t, url: front.URL}
		if _, body := f.ec2("us-east-1", action); body != want && body != "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+want {
			t.Errorf("%s is answered %s, want %s", action, body, want)
		}
		front.Close()
	}
}
