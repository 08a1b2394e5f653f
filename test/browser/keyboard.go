package browser

import (
	"fmt"

	"github.com/chromedp/chromedp/kb"

	"warmstandby/lambda/failover/pagetest"
)

// Unreachable returns what the Tab key does not reach, what it reaches in another order than that of the page, and what does not show
// that it has the focus (WCAG 2.2, 2.1.1, 2.4.3 and 2.4.7).
func (p *Page) Unreachable() ([]string, error) {
	wanted, err := Evaluate[[]string](p, reachableScript)
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 {
		return []string{"nothing on the page can be reached"}, nil
	}
	const beyond = 3 // more presses: the browser's own frame may have the focus once between the last element and the first
	var found []string
	visited, last, wraps := map[int]bool{}, -1, 0
	for range len(wanted) + beyond {
		if err := p.Press(kb.Tab); err != nil {
			return nil, err
		}
		at, err := focused(p)
		if err != nil {
			return nil, err
		}
		if at.Index < 0 {
			continue
		}
		if at.Index < last {
			wraps++
		}
		last = at.Index
		if visited[at.Index] {
			continue
		}
		visited[at.Index] = true
		if fault := at.fault(); fault != "" {
			found = append(found, wanted[at.Index]+" "+fault)
		}
	}
	for i, element := range wanted {
		if !visited[i] {
			found = append(found, element+" is not reached with the Tab key")
		}
	}
	if wraps > 1 {
		found = append(found, fmt.Sprintf("the Tab key goes back %d times, which is not the order of the page", wraps))
	}
	return found, nil
}

// focus is what has the focus: its place among the elements that were kept, and how it shows that.
type focus struct {
	Index           int
	Outlined, Seen  bool
	Outline, Ground string // colours
}

func focused(p *Page) (focus, error) { return Evaluate[focus](p, focusedScript, focusWidth) }

// fault says what is wrong with how the focus is shown; empty when nothing is.
func (f focus) fault() string {
	if !f.Outlined {
		return fmt.Sprintf("does not show the focus by an outline of %d px", focusWidth)
	}
	if !f.Seen {
		return "has the focus and is out of sight"
	}
	if f.Outline == "" || f.Ground == "" {
		return "shows the focus in a colour that something shines through"
	}
	if got := pagetest.Contrast(f.Outline, f.Ground); !(got >= focusContrast) {
		return fmt.Sprintf("shows the focus with the contrast %.2f, want %d", got, focusContrast)
	}
	return ""
}

// FocusBy presses the Tab key until an element has the focus.
func (p *Page) FocusBy(selector string) error {
	const most = 300 // more than a page has elements
	for range most {
		if err := p.Press(kb.Tab); err != nil {
			return err
		}
		if at, err := Evaluate[bool](p, `(selector) => document.activeElement.matches(selector)`, selector); err != nil || at {
			return err
		}
	}
	return fmt.Errorf("%s is not reached by pressing the Tab key %d times", selector, most)
}

// Enter is the key that presses what has the focus.
const Enter = kb.Enter
