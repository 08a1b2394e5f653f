package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	install := func(name string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if path, err := Find(""); err == nil || !strings.Contains(err.Error(), "install") || !strings.Contains(err.Error(), Variable) {
		t.Errorf("without a browser it is %q, %v; want how to install one", path, err)
	}
	chrome := install("google-chrome")
	if path, err := Find(""); path != chrome || err != nil {
		t.Errorf("it is %q, %v; want %s", path, err, chrome)
	}
	chromium := install("chromium")
	if path, err := Find(""); path != chromium || err != nil {
		t.Errorf("it is %q, %v; want %s, which comes first", path, err, chromium)
	}
	if path, err := Find(chrome); path != chrome || err != nil {
		t.Errorf("named is %s, and it is %q, %v", chrome, path, err)
	}
	if path, err := Find(filepath.Join(folder, "missing")); err == nil || !strings.Contains(err.Error(), Variable) {
		t.Errorf("a program that is named and missing is %q, %v", path, err)
	}
}

func TestSheets(t *testing.T) {
	const pdf = "1 0 obj\n<</Type /Pages\n/Count 2\n/Kids [2 0 R 3 0 R]>>\nendobj\n" +
		"2 0 obj\n<</Type /Page\n/Resources <</ProcSet [/PDF /Text]>>\n/MediaBox [0 0 594.95996 841.91998]\n/Parent 1 0 R>>\nendobj\n" +
		"3 0 obj\n<</Type /Page\n/MediaBox [0 0 612 792]>>\nendobj\n"
	sheets, err := Sheets([]byte(pdf))
	if err != nil || len(sheets) != 2 || sheets[0] != (Sheet{594.95996, 841.91998}) || sheets[1] != (Sheet{612, 792}) {
		t.Errorf("the sheets are %+v, %v", sheets, err)
	}
	if sheets, err := Sheets([]byte("%PDF-1.4")); err == nil {
		t.Errorf("a PDF without a page has %+v", sheets)
	}
}
