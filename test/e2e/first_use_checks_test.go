//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/browser"
)

// soundPage is a page in which the checks of package browser find nothing. What is planted replaces a part of it.
const soundPage = `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>t</title>
<style>body { color: #000000; background: #ffffff; } :focus-visible { outline: 3px solid #0000ff; } #side { overflow-x: auto; }
 @media print { #side { overflow: visible; } }</style></head>
<body><main><h1>One</h1><h2>Two</h2><p>text</p><a href="#x">link</a><button>press</button><label>n<input></label>
<div id="side" tabindex="0" role="region" aria-label="side">wide</div><svg role="img" aria-label="s" width="9" height="9"></svg></main>
<script>document.title = 'u';</script></body></html>`

// planted are faults, each with the check that must find it, and with a part of what it must say.
var planted = []struct{ name, part, instead, check, says string }{
	{"an exception", `document.title = 'u'`, `missing.call()`, "console", "missing is not defined"},
	{"an error on the console", `document.title = 'u'`, `console.error('a', 1)`, "console", `console.error: "a" 1`},
	{"a file that is not there", `<h2>Two</h2>`, `<h2>Two</h2><img alt="i" src="/missing">`, "console", "404"},
	{"a wide block", `<p>text</p>`, `<p style="width: 3000px">text</p>`, "overflow", "the page is 3008 px wide"},
	{"text that a box hides", `<p>text</p>`, `<pre style="width: 20px; overflow: hidden">text text</pre>`, "overflow", "hides a part"},
	{
		"a phone that shows the page as a screen does", `<meta name="viewport" content="width=device-width">`, ``,
		"viewport", "980",
	},
	{"grey text", `#000000`, `#999999`, "faint", "#999999 on #ffffff"},
	{"text that shines through", `#000000`, `rgba(0, 0, 0, .9)`, "faint", "shines through"},
	{"a button without a name", `press</button>`, `</button>`, "unnamed", "a button has no name"},
	{"a field without a label", `<label>n<input></label>`, `<input>`, "unnamed", "a textbox has no name"},
	{"a picture without words", ` aria-label="s"`, ``, "unnamed", "a image has no name"},
	{"a level that is left out", `<h2>Two</h2>`, `<h4>Two</h4>`, "unnamed", "level 4 after one of level 1"},
	{"no main landmark", `<main>`, `<div>`, "unnamed", "0 main landmarks"},
	{"no language", ` lang="en"`, ``, "unnamed", "no language"},
	{"a button that Tab leaves out", `<button>`, `<button tabindex="-1">`, "keyboard", `button "press" is not reached`},
	{"a focus that is not shown", `outline: 3px solid #0000ff`, `outline: none`, "keyboard", "does not show the focus"},
	{"a focus in a faint colour", `outline: 3px solid #0000ff`, `outline: 3px solid #eeeeee`, "keyboard", "shows the focus with the contrast"},
	{"an order that is not the page's", `<label>n<input></label>`, `<label>n<input tabindex="1"></label>`, "keyboard", "not the order"},
	{"a block that is wider than paper", `<p>text</p>`, `<p style="width: 900px">text</p>`, "paper", "px of 687"},
	{"text that only scrolling shows", `overflow: visible`, `overflow: auto; height: 5px`, "paper", "hides a part below"},
	{"a block that is higher than paper", `<p>text</p>`, `<p style="height: 1200px; break-inside: avoid">text</p>`, "paper", "1200 px high"},
}

// TestFirstUseChecks plants faults in a page, each of which the check that is for it must find.
func TestFirstUseChecks(t *testing.T) {
	page := openBrowser(t)
	var content string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, content)
	}))
	t.Cleanup(server.Close)
	look := func(t *testing.T, html string) map[string][]string {
		t.Helper()
		content = html
		before := len(page.Complaints())
		must(t, page.Show(browser.View{Width: 1000, Height: 700}))
		must(t, page.Go(server.URL))
		found := map[string][]string{
			"overflow": require(page.Overflow())(t), "faint": require(page.Faint())(t), "unnamed": require(page.Unnamed())(t),
			"keyboard": require(page.Unreachable())(t),
		}
		must(t, page.Show(browser.View{Width: 390, Height: 800, Phone: true}))
		if width := require(browser.Evaluate[int](page, `() => innerWidth`))(t); width != 390 {
			found["viewport"] = []string{fmt.Sprintf("the phone shows %d px", width)}
		}
		found["paper"] = require(page.Cut())(t)
		found["console"] = page.Complaints()[before:]
		return found
	}
	t.Run("nothing is wrong", func(t *testing.T) {
		for check, found := range look(t, soundPage) {
			if len(found) > 0 {
				t.Errorf("%s finds %q", check, found)
			}
		}
	})
	for _, one := range planted {
		t.Run(one.name, func(t *testing.T) {
			if !strings.Contains(soundPage, one.part) {
				t.Fatalf("the sound page has no %q", one.part)
			}
			found := look(t, strings.ReplaceAll(soundPage, one.part, one.instead))[one.check]
			if !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, one.says) }) {
				t.Errorf("%s finds %q, want one with %q", one.check, found, one.says)
			}
		})
	}
}
