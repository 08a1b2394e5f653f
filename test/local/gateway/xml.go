package gateway

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// element is one XML element of an EC2 answer: names as written, prefix included, and either text or children. Comments
// and the white space between elements are not kept.
type element struct {
	Name       string
	Attributes []attribute
	Text       string
	Children   []*element
}

type attribute struct{ Name, Value string }

func newElement(name string, children ...*element) *element {
	return &element{Name: name, Children: children}
}

func text(name, value string) *element {
	return &element{Name: name, Text: value}
}

// list is an EC2 list: an element with one item a value.
func list(name string, items ...*element) *element {
	return newElement(name, items...)
}

// child returns the first child of that name, or nil.
func (e *element) child(name string) *element {
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// at follows a path of names and returns the element there, or nil.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		if e = e.child(name); e == nil {
			return nil
		}
	}
	return e
}

// textAt returns the text at the end of a path, or "".
func (e *element) textAt(path ...string) string {
	if found := e.at(path...); found != nil {
		return found.Text
	}
	return ""
}

// items returns the children named item of the list at path.
func (e *element) items(path ...string) []*element {
	var items []*element
	if found := e.at(path...); found != nil {
		for _, c := range found.Children {
			if c.Name == "item" {
				items = append(items, c)
			}
		}
	}
	return items
}

// each calls visit with every element of that name, however deep.
func (e *element) each(name string, visit func(*element) error) error {
	for _, c := range e.Children {
		if c.Name == name {
			if err := visit(c); err != nil {
				return err
			}
		}
		if err := c.each(name, visit); err != nil {
			return err
		}
	}
	return nil
}

// set puts children in place of those of the same names.
func (e *element) set(children ...*element) {
	for _, c := range children {
		if old := e.child(c.Name); old != nil {
			*old = *c
			continue
		}
		e.Children = append(e.Children, c)
	}
}

var errXML = errors.New("not one well-formed element")

// parseXML reads a document.
func parseXML(document []byte) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	var root *element
	var open []*element // from the root to where the decoder is
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{Name: qualified(token.Name)}
			for _, a := range token.Attr {
				e.Attributes = append(e.Attributes, attribute{qualified(a.Name), a.Value})
			}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, e)
			case root == nil:
				root = e
			default:
				return nil, fmt.Errorf("reading XML: a second root: %w", errXML)
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].Name != qualified(token.Name) {
				return nil, fmt.Errorf("reading XML: </%s> closes nothing: %w", qualified(token.Name), errXML)
			}
			if e := open[len(open)-1]; len(e.Children) > 0 {
				e.Text = ""
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].Text += string(token)
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, fmt.Errorf("reading XML: it ends too early: %w", errXML)
	}
	return root, nil
}

func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// document writes the element as a document.
func (e *element) document() []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	e.write(&b)
	return []byte(b.String())
}

func (e *element) write(b *strings.Builder) {
	b.WriteString("<" + e.Name)
	for _, a := range e.Attributes {
		b.WriteString(" " + a.Name + `="` + escaped(a.Value) + `"`)
	}
	b.WriteString(">" + escaped(e.Text))
	for _, c := range e.Children {
		c.write(b)
	}
	b.WriteString("</" + e.Name + ">")
}

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
