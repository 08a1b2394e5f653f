// Package notice composes the notices to the operators: what happened, why, what was observed, and what to do next.
package notice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/shared/contract/controller"
)

// Notice is one message.
type Notice struct{ Subject, Body string }

// Notifier sends notices to the topics of both regions.
type Notifier interface {
	// Notify returns nil once the standby region's topic has accepted the notice. The primary region's topic gets it if that is
	// reachable.
	Notify(ctx context.Context, n Notice) error
}

// subjectLimit is the maximum length of an SNS subject: ASCII characters on one line, fewer than 100 (Amazon SNS API Reference,
// Publish, Subject).
const subjectLimit = 99

// Composer composes the notices of one environment.
type Composer struct{ Config controller.Config }

// compose builds a notice. Each entry of next is a command or a sentence.
func (c Composer) compose(subject, what string, why []string, next ...string) Notice {
	var body strings.Builder
	fmt.Fprintf(&body, "%s\n", what)
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&body, "\n%s\n", title)
		}
		for _, line := range lines {
			fmt.Fprintf(&body, "  - %s\n", line)
		}
	}
	section("Why", why)
	section("What to do next", next)
	section(
		"Where to look",
		[]string{"Runbook: " + c.Config.RunbookURL, "Dashboard: " + c.Config.DashboardURL, "Application: " + c.Config.GlobalURL},
	)
	return Notice{sanitizeSubject(fmt.Sprintf("[%s] %s", c.Config.Environment, subject)), body.String()}
}

// sanitizeSubject makes a subject that SNS accepts.
func sanitizeSubject(subject string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, subject)
	return plain[:min(len(plain), subjectLimit)]
}

// command returns a command line for the environment.
func (c Composer) command(name string, flags ...invocation.Flag) string {
	return invocation.OfMake(c.Config.Environment, c.Config.StandbyRegion).Command(name, flags...)
}

// Begun is the notice that RDS has accepted a move.
func (c Composer) Begun(m journal.Move) Notice {
	loss := "Nothing is lost: RDS waits until the target has everything."
	if m.Action == decision.Failover {
		loss = "What the target has not received is lost."
	}
	return c.compose(string(m.Action)+" to "+m.To+" has begun",
		fmt.Sprintf("RDS has agreed to a %s: the database's writer goes from %s to %s, made by the %s. %s", m.Action, m.From, m.To, m.By, loss),
		m.Reasons, "Nothing yet: a notice follows when the writer has arrived.", c.command(invocation.Status)+" shows how far it is.")
}

// Moved is the notice that the writer has arrived.
func (c Composer) Moved(m journal.Move) Notice {
	next := []string{
		c.command(invocation.Status) + " shows the writer, the lag and the checks.",
		"The application at " + c.Config.GlobalURL + " must accept writes: try one.",
	}
	if m.Action == decision.Failover {
		next = append(
			next,
			"Writes that had not reached "+m.To+" are in a snapshot that RDS takes of the old volume, "+
				"rds:unplanned-global-failover-…: the runbook says how to bring them back.",
		)
	}
	if m.To == c.Config.StandbyRegion {
		next = append(next, "When "+m.From+" is healthy again: "+c.command(invocation.Failback)+", which says what is missing otherwise.")
	}
	return c.compose("the writer is in "+m.To,
		fmt.Sprintf("The %s is done: the database's writer is in %s since %s.", m.Action, m.To, formatUTC(m.Ended)), m.Reasons, next...)
}

// Failed is the notice that RDS accepted a move and left the writer where it was.
func (c Composer) Failed(m journal.Move) Notice {
	next := []string{c.command(invocation.Status) + " shows what RDS says, and what would be accepted now."}
	if m.Action == decision.Failover {
		next = append(
			next,
			"While "+m.From+" accepts no writes, an operator may repeat it: "+c.command(invocation.Failover, invocation.AllowDataLoss),
		)
	}
	return c.compose(
		"the "+string(m.Action)+" to "+m.To+" has failed",
		fmt.Sprintf(
			"RDS agreed to the %s at %s, and the writer is still in %s. The controller does not ask again for the same loss.",
			m.Action,
			formatUTC(m.Requested),
			m.From,
		),
		m.Reasons,
		next...)
}

// Refused is the notice that RDS refuses a move that the evidence asks for.
func (c Composer) Refused(m journal.Move) Notice {
	return c.compose(
		"RDS refuses the "+string(m.Action)+" to "+m.To,
		fmt.Sprintf(
			"The evidence asks for a %s to %s, and RDS refuses: %s. The controller asks again for as long as the evidence asks for it.",
			m.Action,
			m.To,
			m.Refusal,
		),
		m.Reasons,
		c.command(invocation.Status)+" shows what is wrong with the standby.",
	)
}

// Abandoned is the notice that a move, which the operators may have been notified of, is not made.
func (c Composer) Abandoned(m journal.Move) Notice {
	return c.compose(
		"the "+string(m.Action)+" to "+m.To+" is not made",
		"What asked for it has passed before RDS was asked. The writer stays in "+m.From+".",
		m.Reasons,
		c.command(invocation.Status)+" shows what is seen now.",
	)
}

// Advice is the notice of abnormal conditions that the controller does not act on. It recommends only commands that the command
// line would accept on the same evidence, and names the obstacles to the others.
func (c Composer) Advice(d decision.Decision, concerns []decision.Concern) Notice {
	var named []string
	for _, one := range concerns {
		named = append(named, string(one))
	}
	what := "These conditions need attention: " + strings.Join(named, "; ") + "."
	subject := "advice: " + strings.Join(named, "; ")
	next := []string{c.command(invocation.Status) + " shows what is seen now, and what would be accepted."}
	has := func(wanted ...decision.Concern) bool {
		return slices.ContainsFunc(concerns, func(one decision.Concern) bool { return slices.Contains(wanted, one) })
	}
	if d.Recommended.Moves() {
		what += " The controller would make a " + string(d.Recommended) + " and leaves it to an operator."
	}
	switch unhealthy := has(decision.StandbyUnhealthy); {
	case d.Recommended == decision.Switchover && (unhealthy || has(decision.StandbyUnknown)):
		subject = "a switchover is due, and would be refused"
		next = append(
			next,
			"A switchover is refused until the standby region is known to be healthy: "+
				c.command(invocation.Preflight)+" names the checks that fail.",
		)
	case d.Recommended == decision.Switchover:
		subject = "a switchover is advised"
		// The controller has not asked the primary region's RDS, nor whether the application opens the database.
		next = append(
			next,
			"When "+c.command(invocation.Preflight)+" finds nothing against it: "+c.command(invocation.Switchover)+" moves the writer without loss.",
		)
	case d.Recommended == decision.Failover && unhealthy:
		subject = "a FAILOVER is advised"
		next = append(next, "Mend the standby region first, if that is possible. A failover to it as it is must be forced: "+
			c.command(invocation.Failover, invocation.AllowDataLoss, invocation.Force))
	case d.Recommended == decision.Failover:
		subject = "a FAILOVER is advised"
		next = append(next, c.command(invocation.Failover, invocation.AllowDataLoss)+" moves the writer with the data that is there.")
	case has(decision.ReplicationLost) && !has(decision.WritesLost, decision.WritesUnknown):
		next = append(
			next,
			"A switchover is refused while replication is stopped. The runbook says, "+
				"under \"Nothing passes between the regions\", what a forced failover would give up.",
		)
	}
	for _, one := range concerns {
		if remedy := remedies[one]; remedy != "" {
			next = append(next, remedy)
		}
	}
	return c.compose(subject, what, d.Reasons, next...)
}

// remedies say what to do about concerns that no command answers.
var remedies = map[decision.Concern]string{
	decision.CommitsWait: "Do not fail over: the records that are not replicated would be lost. The runbook says, under \"Commits wait\", " +
		"how to let them go on by setting rds.global_db_rpo to its default in the primary's cluster parameter group.",
	decision.WriterReadOnly: "Ask RDS in the primary region which instance is the writer: a failover within the region may be under way.",
	decision.Saturated: "Look for what holds the connections: the runbook, under \"The database is full\". " +
		"Moving the writer would move them too.",
	decision.GrayFailure: "Look at the errors and the latency of the primary region on the dashboard. " +
		"The controller does not move the writer for it.",
	decision.RoutingUnknown: "While this lasts the controller makes no failover by itself. Usual causes are an update of global-edge " +
		"that was not made, and a network of the standby region that blocks DNS (port 53).",
	decision.UsersAway: "Route 53's checkers, which stand in many regions, see what the controller does not. Look at the health checks " +
		"of the primary region and at its load balancer.",
	decision.SightLost: "Test from a third network whether users reach the primary region, and read the AWS Health Dashboard of both.",
}

// Resolved is the notice that all concerns have passed.
func (c Composer) Resolved(d decision.Decision) Notice {
	return c.compose("all is well again", "What the last notices reported has passed.", d.Reasons, "Nothing.")
}

// WriterChanged is the notice that the writer is in another region, and that the controller did not move it.
func (c Composer) WriterChanged(region string) Notice {
	next := "When the other region is healthy: " + c.command(invocation.Failback)
	if region == c.Config.PrimaryRegion {
		next = c.command(invocation.Preflight) + " shows whether the standby could take over."
	}
	return c.compose(
		"the writer is in "+region,
		"The database's writer is in "+region+" now; it was not brought there by the controller.",
		nil,
		next,
	)
}

// Readiness is the notice that the standby's readiness, or the list of failed checks, has changed.
func (c Composer) Readiness(ready bool, failed []string) Notice {
	if ready {
		return c.compose("the standby is ready", "The validation found that the standby region could take over.", nil, "Nothing.")
	}
	return c.compose(
		"the standby is NOT ready",
		"The validation found that the standby region could not take over as promised.",
		failed,
		c.command(
			invocation.Status,
		)+" shows it again; the runbook (2) has what to do.",
		"Mend it soon: until then the loss of the primary region is an outage.",
	)
}

// RestoreTestFailed is the notice that a test of the backups has failed.
func (c Composer) RestoreTestFailed(job, resourceType, reason string) Notice {
	return c.compose(
		"a restore test FAILED",
		"AWS Backup's test restored a backup of the type "+resourceType+" in "+c.Config.StandbyRegion+", and it is not what it should be.",
		[]string{reason, "Restore job " + job + "."},
		"Look at the job in AWS Backup, and restore an older recovery point to see since when.",
		"Mend it soon: until then nothing promises that what is deleted comes back.",
	)
}

// formatUTC formats a time in UTC.
func formatUTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }
