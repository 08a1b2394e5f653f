package gateway

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlElement is one XML element of a response: names as written, prefix included, and either text or children. Comments and
// the white space between elements are dropped.
type xmlElement struct {
	Name       string
	Attributes []xmlAttribute
	Text       string
	Children   []*xmlElement
}

type xmlAttribute struct{ Name, Value string }

func newElement(name string, children ...*xmlElement) *xmlElement {
	return &xmlElement{Name: name, Children: children}
}

func text(name, value string) *xmlElement {
	return &xmlElement{Name: name, Text: value}
}

// list is an element with one child per value, as EC2 and RDS write lists.
func list(name string, items ...*xmlElement) *xmlElement {
	return newElement(name, items...)
}

// child returns the first child of that name, or nil.
func (e *xmlElement) child(name string) *xmlElement {
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// find follows a path of names and returns the element at its end, or nil.
func (e *xmlElement) find(path ...string) *xmlElement {
	for _, name := range path {
		if e = e.child(name); e == nil {
			return nil
		}
	}
	return e
}

// findText returns the text at the end of a path, or "".
func (e *xmlElement) findText(path ...string) string {
	if found := e.find(path...); found != nil {
		return found.Text
	}
	return ""
}

// items returns the children named item of the list at the end of a path.
func (e *xmlElement) items(path ...string) []*xmlElement {
	var items []*xmlElement
	if found := e.find(path...); found != nil {
		for _, c := range found.Children {
			if c.Name == "item" {
				items = append(items, c)
			}
		}
	}
	return items
}

// all returns every descendant of that name.
func (e *xmlElement) all(name string) []*xmlElement {
	var found []*xmlElement
	for _, c := range e.Children {
		if c.Name == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

// texts returns the text of every descendant of that name.
func (e *xmlElement) texts(name string) []string {
	var values []string
	for _, c := range e.all(name) {
		values = append(values, c.Text)
	}
	return values
}

// each calls visit with every descendant of that name.
func (e *xmlElement) each(name string, visit func(*xmlElement) error) error {
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

// set replaces the children of the same names, and appends those that have no such counterpart.
func (e *xmlElement) set(children ...*xmlElement) {
	for _, c := range children {
		if old := e.child(c.Name); old != nil {
			*old = *c
			continue
		}
		e.Children = append(e.Children, c)
	}
}

var errMalformedXML = errors.New("not one well-formed element")

// parseXML parses a document. It is an error if it is not exactly one well-formed element.
func parseXML(document []byte) (*xmlElement, error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	var root *xmlElement
	var open []*xmlElement // from the root to where the decoder is
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
			e := &xmlElement{Name: qualifiedName(token.Name)}
			for _, a := range token.Attr {
				e.Attributes = append(e.Attributes, xmlAttribute{qualifiedName(a.Name), a.Value})
			}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, e)
			case root == nil:
				root = e
			default:
				return nil, fmt.Errorf("reading XML: a second root: %w", errMalformedXML)
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].Name != qualifiedName(token.Name) {
				return nil, fmt.Errorf("reading XML: </%s> closes nothing: %w", qualifiedName(token.Name), errMalformedXML)
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
		return nil, fmt.Errorf("reading XML: it ends too early: %w", errMalformedXML)
	}
	return root, nil
}

func qualifiedName(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// encode returns the element as a document.
func (e *xmlElement) encode() []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	e.write(&b)
	return []byte(b.String())
}

func (e *xmlElement) write(b *strings.Builder) {
	b.WriteString("<" + e.Name)
	for _, a := range e.Attributes {
		b.WriteString(" " + a.Name + `="` + escapeText(a.Value) + `"`)
	}
	b.WriteString(">" + escapeText(e.Text))
	for _, c := range e.Children {
		c.write(b)
	}
	b.WriteString("</" + e.Name + ">")
}

func escapeText(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
