package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/shared/contract/controller"
)

// Result is the outcome of a command, printed as text or as JSON.
type Result struct {
	Command     string `json:"command"`
	Environment string `json:"environment"`
	ExitCode    int    `json:"exitCode"`
	// Message is the outcome in one sentence.
	Message string            `json:"says"`
	Checks  []readiness.Check `json:"checks,omitempty"`
	Status  *Status           `json:"status,omitempty"`
	// Reconciliation is what has been brought back.
	Reconciliation *reconciliation.Report `json:"reconciliation,omitempty"`
	// Documents are the documents that have been brought back.
	Documents *documents.Report `json:"documents,omitempty"`
	// Next lists what the operator may do next: commands or sentences.
	Next []string `json:"next,omitempty"`
}

// Status is what the controller observes and has recorded. Ages and lags are in seconds; unknown values are null.
type Status struct {
	At            time.Time       `json:"at"`
	Writer        string          `json:"writer"` // a region; empty when it is not known or being moved
	Database      string          `json:"database"`
	EngineVersion string          `json:"engineVersion"`
	Members       []Member        `json:"members"`
	Mode          controller.Mode `json:"mode"`
	ReplicationStatus
	HeartbeatAge *float64 `json:"heartbeatAgeSeconds"`
	Primary      string   `json:"primary"` // what a probe of each region got
	Standby      string   `json:"standby"`
	// Users is where Route 53 sends them, PrimaryReads what a read of the primary region's database got.
	Users        Users  `json:"users"`
	PrimaryReads string `json:"primaryReads"`
	// Cause is why the controller's last probe of writes failed; empty when it was good.
	Cause decision.WriteFailure `json:"cause,omitempty"`
	// CommitLimits are rds.global_db_rpo of the clusters, by region: a number of seconds, default, or not known.
	CommitLimits map[string]string `json:"commitLimits"`
	Readiness    *readiness.Report `json:"readiness,omitempty"`
	// StandbyFaults are why the standby region could not take over at this moment; empty when it could, and when it has the writer.
	StandbyFaults []string `json:"standbyFaults,omitempty"`
	// StandbyRegion is the region of the standby, which answered.
	StandbyRegion string            `json:"standbyRegion"`
	Move          *journal.Move     `json:"move,omitempty"`
	LastMove      *journal.Move     `json:"lastMove,omitempty"`
	Decision      *journal.Decision `json:"decision,omitempty"`
	Unknown       []string          `json:"unknown,omitempty"`
}

// Users is where Route 53 sends users.
type Users struct {
	Region string `json:"region"` // empty when it is not known
	Detail string `json:"detail"`
}

// Member is a member of the global database.
type Member struct {
	Region  string `json:"region"`
	Cluster string `json:"cluster"`
	Writer  bool   `json:"writer"`
	// Connected is RDS's word of the standby region.
	Connected bool `json:"connected"`
	// Serves says that a read through the region's application succeeds.
	Serves bool `json:"serves"`
}

func (r Result) text() string {
	var screen strings.Builder
	table := tabwriter.NewWriter(&screen, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, values...))
	}
	if r.Status != nil {
		r.Status.rows(row)
	}
	if r.Reconciliation != nil {
		reconciliationRows(row, *r.Reconciliation)
	}
	if r.Documents != nil {
		documentRows(row, *r.Documents)
	}
	for _, check := range r.Checks {
		row(mark(check)+" "+check.Name, "%s", check.Detail)
	}
	table.Flush() // a strings.Builder takes everything
	fmt.Fprintf(&screen, "%s\n", r.Message)
	for _, next := range r.Next {
		fmt.Fprintf(&screen, "  next: %s\n", next)
	}
	return screen.String()
}

func mark(check readiness.Check) string {
	switch {
	case check.Warning:
		return "!!"
	case check.Passed:
		return "ok"
	}
	return "NO"
}

func (s *Status) rows(row func(name, format string, values ...any)) {
	row("writer", "%s", orDefault(s.Writer, "not known, or being moved"))
	row("database", "%s, engine %s", orDefault(s.Database, "not known"), orDefault(s.EngineVersion, "not known"))
	for _, member := range s.Members {
		row("  "+member.Region, "%s: %s", member.Cluster, member.role(s.StandbyRegion))
	}
	row("mode", "%s", orDefault(string(s.Mode), "not known"))
	s.ReplicationStatus.rows(s.StandbyRegion, row)
	row("last heartbeat", "%s", formatSeconds(s.HeartbeatAge, " old"))
	row("primary accepts writes", "%s", s.Primary)
	if s.Cause != "" {
		row("", "the controller's last probe: %s", s.Cause)
	}
	row("primary serves reads", "%s", s.PrimaryReads)
	row("standby serves reads", "%s", s.Standby)
	row("users are sent to", "%s: %s", orDefault(s.Users.Region, "not known"), s.Users.Detail)
	var limits []string
	for region, limit := range s.CommitLimits {
		limits = append(limits, region+" "+limit)
	}
	slices.Sort(limits)
	row(globaldb.RPOParameter, "%s", strings.Join(limits, ", "))
	s.readinessNow(row)
	s.moves(row)
	if d := s.Decision; d != nil {
		would := ""
		if d.Recommended.Moves() {
			would = ", a " + string(d.Recommended) + " is advised"
		}
		row("last decision", "%s%s, %s ago", d.Action, would, s.ago(d.At))
		for _, reason := range d.Reasons {
			row("", "%s", reason)
		}
	}
	for _, unknown := range s.Unknown {
		row("not known", "%s", unknown)
	}
}

// readinessNow describes the last validation, and what speaks against it now: the standby may have become unhealthy since.
func (s *Status) readinessNow(row func(name, format string, values ...any)) {
	r := s.Readiness
	switch {
	case r == nil:
		row("readiness", "never validated")
	case r.Ready && len(s.StandbyFaults) > 0:
		row("readiness", "NOT ready: it was when validated %s ago", s.ago(r.At))
	case r.Ready:
		row("readiness", "ready, validated %s ago", s.ago(r.At))
	default:
		row("readiness", "NOT ready, validated %s ago", s.ago(r.At))
		for _, failed := range r.Failed() {
			row("", "%s", failed)
		}
	}
	for _, fault := range s.StandbyFaults {
		row("", "now: %s", fault)
	}
}

// role describes a member's part. RDS in the standby region goes on to report a lost region's member as connected, so what the
// application there does not confirm is said to be RDS's word.
func (m Member) role(standby string) string {
	switch {
	case m.Writer && m.Serves:
		return "writer"
	case m.Writer:
		return fmt.Sprintf("writer, as RDS in %s says; no read there succeeds", standby)
	case !m.Connected:
		return "secondary, NOT connected"
	case m.Serves:
		return "secondary, connected"
	default:
		return fmt.Sprintf("secondary, connected as RDS in %s says; no read there succeeds", standby)
	}
}

func (s *Status) moves(row func(name, format string, values ...any)) {
	if m := s.Move; m != nil {
		row("UNDER WAY", "%s to %s by the %s, %s, begun %s ago %s", m.Action, m.To, m.By, m.Phase, s.ago(m.Begun), m.Refusal)
	}
	if m := s.LastMove; m != nil {
		row("last move", "%s to %s by the %s, %s, %s ago", m.Action, m.To, m.By, m.Phase, s.ago(m.Ended))
		if m.By == journal.Controller {
			for _, reason := range m.Reasons {
				row("", "%s", reason)
			}
		}
	}
}

func (s *Status) ago(t time.Time) string { return s.At.Sub(t).Round(time.Second).String() }

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// formatSeconds formats a number of seconds, followed by the suffix.
func formatSeconds(n *float64, behind string) string {
	if n == nil {
		return "not known"
	}
	return fmt.Sprintf("%.3g s%s", *n, behind)
}
