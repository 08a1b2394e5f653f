package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/verdict"
)

// IncidentFile is the evidence of an incident, beside its page.
const IncidentFile = "incident.json"

// The topics of an incident that a drill does not observe, as the controller saw them.
const (
	// ServesReads is whether the primary region serves reads (Yes).
	ServesReads evidence.Topic = "serves reads"
	// Heartbeat is whether the primary region's heartbeat arrives (Yes) or is overdue.
	Heartbeat evidence.Topic = "heartbeat"
	// Replication is whether data arrives in the standby region (Yes) or has stopped.
	Replication evidence.Topic = "replication"
)

// Incident is what has happened on a platform in some time, by what it has recorded itself.
type Incident struct {
	Evidence evidence.Evidence `json:"evidence"`
	// From and To are the time that was looked at.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Zero is what times count from, and What says what it is: when the loss began, if there was one.
	Zero   time.Time       `json:"zero"`
	What   string          `json:"what"`
	Phases []verdict.Phase `json:"phases"`
	// Entries are notices, decisions and alarms, oldest first.
	Entries []Entered `json:"entries"`
	// NotKnown names what could not be read, and why.
	NotKnown []string `json:"notKnown,omitempty"`
}

// Entered is a notice, a decision of the controller or a transition of an alarm.
type Entered struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Region  string    `json:"region"`
	Subject string    `json:"subject"`
	State   string    `json:"state,omitempty"`
	Text    string    `json:"text,omitempty"`
}

// newIncidentTimeline draws an incident with the drill's lanes and those that only the controller knows.
func newIncidentTimeline(i Incident) *Timeline {
	if !i.To.After(i.From) || i.To.Sub(i.From) > maxDuration {
		return nil
	}
	t := &timeline{from: i.From, to: i.To}
	t.Label = fmt.Sprintf("Writer, answers, health checks and what the controller saw over %s. The table of phases has the same in words.",
		i.To.Sub(i.From).Round(time.Second))
	yes := map[string]string{evidence.Yes: "good"}
	all := append(lanes(&i.Evidence)[:5], // the standby's own writes are not recorded
		lane{i.Evidence.Primary + " serves reads", ServesReads, yes, nil},
		lane{"heartbeat arrives", Heartbeat, yes, nil}, lane{"replication advances", Replication, yes, nil})
	return t.draw(&i.Evidence, all, i.Phases, i.Zero, i.What)
}

// IncidentPage writes the page of an incident, which loads nothing.
func IncidentPage(to io.Writer, i Incident, sum, signed string) error {
	err := pages.ExecuteTemplate(to, "incident.html", struct {
		Incident
		Timeline    *Timeline
		Sum, Signed string
	}{i, newIncidentTimeline(i), sum, signed})
	if err != nil {
		return fmt.Errorf("writing the page of the incident: %w", err)
	}
	return nil
}

// WriteIncident writes an incident's page, its JSON and their sums into a folder beside those of the drills, and signs the sums. It returns
// the page's file.
func WriteIncident(ctx context.Context, drills string, i Incident, signer Signer) (string, error) {
	folder := filepath.Join(drills, "incident-"+i.Zero.UTC().Format("20060102T150405Z"))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the incident's folder: %w", err)
	}
	content, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encoding the incident: %w", err)
	}
	write := func(signer Signer) error {
		var html bytes.Buffer
		if err := IncidentPage(&html, i, sum(content), signer.Command); err != nil {
			return err
		}
		return seal(ctx, folder, map[string][]byte{IncidentFile: content, PageFile: html.Bytes()}, []string{IncidentFile, PageFile}, signer)
	}
	if err = write(signer); err != nil && signer.Command != "" {
		err = errors.Join(err, write(Signer{}))
	}
	return filepath.Join(folder, PageFile), err
}
