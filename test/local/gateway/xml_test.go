package gateway

import (
	"bytes"
	"testing"
)

func TestXMLIsReadAndWrittenBack(t *testing.T) {
	for name, test := range map[string]struct{ document, want string }{
		"attributes and text":  {`<a xmlns="u" n='"'><b>x &lt; y</b></a>`, `<a xmlns="u" n="&#34;"><b>x &lt; y</b></a>`},
		"white space between":  {"<a>\n  <b> x </b>\n</a>", "<a><b> x </b></a>"},
		"an empty element":     {"<a><b/></a>", "<a><b></b></a>"},
		"a prefix":             {`<a xmlns:p="u"><p:b p:c="d"/></a>`, `<a xmlns:p="u"><p:b p:c="d"></p:b></a>`},
		"comments are dropped": {"<?xml version='1.0'?><!-- c --><a/>", "<a></a>"},
	} {
		root, err := parseXML([]byte(test.document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, got, _ := bytes.Cut(root.encode(), []byte("?>\n")); string(got) != test.want {
			t.Errorf("%s: wrote %s, want %s", name, got, test.want)
		}
	}
}

func TestWhatIsNotOneXMLElementIsRefused(t *testing.T) {
	for name, document := range map[string]string{
		"nothing": "", "text": "not XML", "an open element": "<a><b></b>", "crossed elements": "<a><b></a></b>", "two roots": "<a/><b/>",
	} {
		if root, err := parseXML([]byte(document)); err == nil {
			t.Errorf("%s is read as %+v", name, root)
		}
	}
}

func TestSettingReplacesOrAppends(t *testing.T) {
	root, err := parseXML([]byte("<a><b>1</b><c>2</c></a>"))
	if err != nil {
		t.Fatal(err)
	}
	root.set(text("c", "3"), text("d", "4"))
	if got, want := string(root.encode()), "<a><b>1</b><c>3</c><d>4</d></a>"; !bytes.HasSuffix([]byte(got), []byte(want)) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzParseXML holds that what is written is read back as the same, and that nothing panics.
func FuzzParseXML(f *testing.F) {
	for _, seed := range []string{"<a/>", `<a xmlns="u"><item>&amp;</item><item/></a>`, "<a><![CDATA[<b>]]></a>", "<a>\x01</a>", "<é:a/>"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		root, err := parseXML(document)
		if err != nil {
			return
		}
		once := root.encode()
		again, err := parseXML(once)
		if err != nil {
			t.Fatalf("%q is written as %q, which cannot be read: %v", document, once, err)
		}
		if twice := again.encode(); !bytes.Equal(once, twice) {
			t.Fatalf("%q is written as %q and then as %q", document, once, twice)
		}
	})
}
