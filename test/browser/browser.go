// Package browser opens pages in a headless Chromium and says what is wrong with them, for the end-to-end tests: errors on the console,
// content that a screen or a sheet of paper cuts, text of too little contrast, and controls that the keyboard or a screen reader does not
// reach. Only tests import it.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Variable is the environment variable that names the browser's program.
const Variable = "CHROMIUM"

// programs are the names of Chromium and Chrome in the packages of Debian, Ubuntu and Google.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// errNoBrowser says how to get a browser.
var errNoBrowser = errors.New("no Chromium or Chrome is in PATH: install one (on Debian: apt-get install chromium), " +
	"or name the program of one by " + Variable + "=/path/to/chromium")

// Find returns the path of the browser's program: the one that is named, or else the first that is installed.
func Find(named string) (string, error) {
	if named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("finding the browser that %s names: %w", Variable, err)
		}
		return path, nil
	}
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// commandTimeout bounds one command of the browser: a page of a local server answers in milliseconds, and a busy machine in seconds.
const commandTimeout = time.Minute

// Page is a page in a browser of its own, in which nobody is logged in and nothing is stored.
type Page struct {
	ctx context.Context

	mu       sync.Mutex
	messages []string
}

// Open starts a browser with an empty page. The function ends the browser and deletes its folder.
//
// As root it runs without Chromium's sandbox, which Chromium refuses to make for root; chromedp adds --no-sandbox then and only then. The
// tests open pages of their own alone.
func Open(program string) (*Page, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.Flag("lang", "en-US"))
	allocating, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closePage := chromedp.NewContext(allocating)
	end := func() {
		closePage()
		stop()
	}
	p := &Page{ctx: ctx}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		end()
		return nil, nil, fmt.Errorf("starting the browser %s: %w", program, err)
	}
	return p, end, nil
}

// hear keeps what the page writes to the console as an error or a warning, what it throws, and what the browser says of it, such as a
// request that failed or that the page's policy forbids.
func (p *Page) hear(event any) {
	var message string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		message = "exception: " + e.ExceptionDetails.Text
		if of := e.ExceptionDetails.Exception; of != nil {
			message += " " + of.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeWarning &&
			e.Type != runtime.ConsoleAPICalledTypeAssert {
			return
		}
		words := []string{"console." + string(e.Type) + ":"}
		for _, argument := range e.Args {
			text := string(argument.Value) // an object has none, and is described
			if text == "" {
				text = argument.Description
			}
			words = append(words, text)
		}
		message = strings.Join(words, " ")
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning {
			return
		}
		message = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.messages = append(p.messages, message)
}

// Complaints returns the errors and warnings since the page was opened, oldest first.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.messages...)
}

// do runs actions on the page.
func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, commandTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Go opens an address and returns when the page has loaded.
func (p *Page) Go(url string) error { return p.do("opening "+url, chromedp.Navigate(url)) }

// Click presses an element with the mouse, in its middle, after it was scrolled into view.
func (p *Page) Click(selector string) error {
	return p.do("clicking "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Press presses keys, one after another.
func (p *Page) Press(keys string) error {
	return p.do(fmt.Sprintf("pressing %q", keys), chromedp.KeyEvent(keys))
}

// Evaluate calls a JavaScript function in the page with arguments and returns what it returns. The page's own policy does not concern it.
func Evaluate[T any](p *Page, function string, arguments ...any) (T, error) {
	var zero T
	values := make([]string, len(arguments))
	for i, argument := range arguments {
		value, err := json.Marshal(argument)
		if err != nil {
			return zero, fmt.Errorf("encoding an argument: %w", err)
		}
		values[i] = string(value)
	}
	ctx, cancel := context.WithTimeout(p.ctx, commandTimeout)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T]("("+function+")("+strings.Join(values, ", ")+")"))
	if err != nil {
		return zero, fmt.Errorf("asking the page: %w", err)
	}
	return got, nil
}

// View is how a page is shown. Sizes are in CSS pixels.
type View struct {
	Width, Height int64
	// Dark asks for the dark scheme, as a system does that is set to it.
	Dark bool
	// Phone is a phone's browser, which heeds the page's viewport.
	Phone bool
	// Print shows the page as it is printed.
	Print bool
}

// Show shows the page in another view. Nothing moves by itself: colours that are judged have arrived.
func (p *Page) Show(v View) error {
	scheme, media := "light", ""
	if v.Dark {
		scheme = "dark"
	}
	if v.Print {
		media = "print"
	}
	var options []chromedp.EmulateViewportOption
	if v.Phone {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulatePortrait)
	}
	return p.do("showing the page in another view", chromedp.EmulateViewport(v.Width, v.Height, options...),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Media: media,
				Features: []*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
				},
			})
			return err
		}))
}

// pictureQuality is WebP's, from 0 to 100: text stays sharp, and a page of a screen's size has less than 150 kB.
const pictureQuality = int64(82)

// Picture returns what the view shows as WebP.
func (p *Page) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, commandTimeout)
	defer cancel()
	quality := pictureQuality
	taken, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality,
	})
	if err != nil {
		return nil, fmt.Errorf("taking a picture of the page: %w", err)
	}
	return taken.Data, nil
}
