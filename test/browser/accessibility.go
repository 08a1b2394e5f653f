package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"

	"warmstandby/lambda/failover/pagetest"
)

// named are the roles that a screen reader announces by their names (WAI-ARIA 1.2, 5.2.8.5, "Roles supporting name from author" and
// "from content"), as Chromium's accessibility tree calls them.
var named = []string{
	"button", "link", "combobox", "listbox", "checkbox", "textbox", "DisclosureTriangle", "image", "heading", "region", "article",
	"RootWebArea",
}

// Unnamed returns what a screen reader cannot announce, by the accessibility tree that the browser makes of the page: controls, pictures,
// headings and regions without a name, and what can have the focus without one (WCAG 2.2, 1.1.1, 2.4.2, 2.4.6 and 4.1.2).
// A heading that leaves out a level is one, too, and a page without a language or a main landmark (3.1.1, 1.3.1).
func (p *Page) Unnamed() ([]string, error) {
	ctx, cancel := context.WithTimeout(p.ctx, commandTimeout)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("reading the accessibility tree: %w", err)
	}
	var found []string
	level, mains := 0, 0
	for _, node := range tree.Nodes {
		role := text(node.Role)
		if node.Ignored || role == "" {
			continue
		}
		if (slices.Contains(named, role) || property(node, accessibility.PropertyNameFocusable) == "true") && text(node.Name) == "" {
			found = append(found, fmt.Sprintf("a %s has no name (node %s)", role, node.NodeID))
		}
		switch role {
		case "main":
			mains++
		case "heading":
			var at int
			if err := json.Unmarshal([]byte(property(node, accessibility.PropertyNameLevel)), &at); err != nil {
				return nil, fmt.Errorf("reading the level of the heading %q: %w", text(node.Name), err)
			}
			if at > level+1 {
				found = append(found, fmt.Sprintf("the heading %q is of level %d after one of level %d", text(node.Name), at, level))
			}
			level = at
		}
	}
	if mains != 1 {
		found = append(found, fmt.Sprintf("the page has %d main landmarks, want one", mains))
	}
	language, err := Evaluate[string](p, `() => document.documentElement.lang`)
	if err == nil && language == "" {
		found = append(found, "the page has no language")
	}
	return found, err
}

// text is a value of the accessibility tree; a string without its quotes.
func text(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var decoded string
	if json.Unmarshal(value.Value, &decoded) == nil {
		return decoded
	}
	return string(value.Value)
}

// property is a property of a node; empty when it has none of that name.
func property(node *accessibility.Node, name accessibility.PropertyName) string {
	for _, one := range node.Properties {
		if one.Name == name {
			return text(one.Value)
		}
	}
	return ""
}

// The least contrast of text, and of text of 24 px or of 18.66 px in bold (WCAG 2.2, 1.4.3), and of what shows the focus (1.4.11).
const (
	textContrast  = 4.5
	largeContrast = 3
	focusContrast = 3
	focusWidth    = 2 // px, as thick as WCAG 2.2 asks in 2.4.13, which is of level AAA
)

// Faint returns texts that are too faint on what is behind them, as the browser has computed both colours. The text in an SVG is none of
// them: it may lie on a shape.
func (p *Page) Faint() ([]string, error) {
	type pair struct {
		Text, Front, Ground string
		Large               bool
	}
	pairs, err := Evaluate[[]pair](p, coloursScript)
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return []string{"the page has no text"}, nil
	}
	var found []string
	for _, one := range pairs {
		least := float64(textContrast)
		if one.Large {
			least = largeContrast
		}
		if one.Front == "" || one.Ground == "" {
			found = append(found, fmt.Sprintf("%q has a colour that something shines through, which cannot be judged", one.Text))
			continue
		}
		if got := pagetest.Contrast(one.Front, one.Ground); !(got >= least) {
			found = append(found, fmt.Sprintf("%q, #%s on #%s, has the contrast %.2f, want %.1f", one.Text, one.Front, one.Ground, got, least))
		}
	}
	return found, nil
}
