// Package report writes a drill's report: a page without dependencies, the same as JSON, and the list of all past drills with
// the spread of their figures.
package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// The files of a drill, in its folder, and of all drills, in the parent folder.
const (
	PageFile     = "index.html"
	DocumentFile = "drill.json"
	HistoryFile  = "history.json"
)

// Document is drill.json.
type Document struct {
	Scenario string            `json:"scenario"`
	Summary  string            `json:"what"`
	Result   verdict.Result    `json:"result"`
	Evidence evidence.Evidence `json:"evidence"`
}

// Judge makes the document of a scenario and its evidence.
func Judge(s scenario.Scenario, e evidence.Evidence) Document {
	return Document{s.Name, s.Summary, verdict.Of(s, e), e}
}

// Parse decodes a drill.json. It refuses an unknown scenario and a missing verdict.
func Parse(content []byte) (Document, error) {
	var d Document
	if err := json.Unmarshal(content, &d); err != nil {
		return Document{}, fmt.Errorf("reading a drill: %w", err)
	}
	switch d.Result.Verdict {
	case verdict.Pass, verdict.Fail, verdict.Inconclusive:
	default:
		return Document{}, fmt.Errorf("reading a drill: %q is no verdict", d.Result.Verdict)
	}
	if _, known := scenario.Find(d.Scenario); !known {
		return Document{}, fmt.Errorf("reading a drill: there is no scenario %q", d.Scenario)
	}
	return d, nil
}

// Folder returns the folder of a drill in the folder of all drills. Its name begins with the time, so that names sort.
func Folder(drills string, d Document) string {
	return filepath.Join(drills, folderName(d))
}

func folderName(d Document) string {
	return d.Evidence.Began.UTC().Format("20060102T150405Z") + "-" + d.Scenario
}

// Write writes a drill's page, its JSON and their sums, signs the sums, and adds the drill to the history in place of an earlier entry
// of it. It returns the page's file. Where signing fails everything is written, and the page says that it is not signed.
func Write(ctx context.Context, drills string, d Document, signer Signer) (page string, err error) {
	folder := Folder(drills, d)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the drill's folder: %w", err)
	}
	content, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encoding the drill: %w", err)
	}
	all, err := addToHistory(drills, newEntry(d))
	if err != nil {
		return "", err
	}
	err = writeFiles(ctx, folder, content, d, all, signer)
	if err != nil && signer.Command != "" {
		err = errors.Join(err, writeFiles(ctx, folder, content, d, all, Signer{}))
	}
	return filepath.Join(folder, PageFile), err
}

// writeFiles writes the files of a drill's folder and signs their sums.
func writeFiles(ctx context.Context, folder string, content []byte, d Document, all []Entry, signer Signer) error {
	var html bytes.Buffer
	if err := Page(&html, d, all, sum(content), signer.Command); err != nil {
		return err
	}
	files := map[string][]byte{DocumentFile: content, PageFile: html.Bytes()}
	names := []string{DocumentFile, PageFile}
	pictures, err := drawHistories(d)
	if err != nil {
		return err
	}
	for i, picture := range pictures {
		names = append(names, historyPicture(i))
		files[historyPicture(i)] = picture
	}
	return seal(ctx, folder, files, names, signer)
}

// seal writes files and their sums into a folder, and signs the sums.
func seal(ctx context.Context, folder string, files map[string][]byte, names []string, signer Signer) error {
	files[SumsFile] = sums(files, names...)
	for _, name := range append(names, SumsFile) {
		if err := replace(filepath.Join(folder, name), files[name]); err != nil {
			return err
		}
	}
	return signer.sign(ctx, filepath.Join(folder, SumsFile))
}

// replace writes a file with a rename, so that a reader finds either the old or the new file.
func replace(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// seconds formats seconds, "–" if they are not known.
func seconds(n *float64) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f s", *n)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.0") }
