package decision

import "time"

// Probe is the result of one probe of a region's application.
type Probe struct {
	OK      bool
	Outcome string // such as "status 503, replication-wait" or "a time-out"
	// Cause is why it failed, as the application says; empty when it is good.
	Cause WriteFailure
	// Took is how long the answer took, or how long the probe waited for one.
	Took time.Duration
}

// WriteFailure is why the primary region does not accept a write. The application names it in the member "reason" of its answer.
type WriteFailure string

// The causes.
const (
	// CauseUnreachable: there was no answer, or one that is not the application's, such as a load balancer's own.
	CauseUnreachable WriteFailure = "unreachable"
	// CauseReplicationWait: the database answers and a commit waits, as rds.global_db_rpo makes it.
	CauseReplicationWait WriteFailure = "replication-wait"
	// CauseReadOnly: the region's own cluster is not the writer.
	CauseReadOnly WriteFailure = "read-only"
	// CauseNoConnectionSlots: the server has as many connections as it allows (PostgreSQL, SQLSTATE 53300).
	CauseNoConnectionSlots WriteFailure = "no-connection-slots"
	// CauseDatabaseUnreachable: the application answers, and it has no connection to the database.
	CauseDatabaseUnreachable WriteFailure = "database-unreachable"
	// CauseUnknown: the application answers and gives another reason, or none, as one of an older deployment does.
	CauseUnknown WriteFailure = "other"
)

// explanation is what follows from a cause with which the application proves that its database answers.
type explanation struct {
	concern Concern
	// after is how long writes must fail for that cause before the operators are advised.
	after time.Duration
	// summary is the sentence for operators: what the cause means, and what follows.
	summary string
}

// explanations are of the causes that prove that the database answers. None of them is a loss: the writer is not moved for it.
var explanations = map[WriteFailure]explanation{
	CauseReplicationWait: {
		CommitsWait, CommitsWaitAfter,
		"The database answers and commits wait: the standby lags by more than rds.global_db_rpo allows. Replication must be mended, " +
			"or the parameter be set to its default in the primary's cluster parameter group; a failover would lose what has not been replicated.",
	},
	CauseReadOnly: {
		WriterReadOnly, LossAfter,
		"The database answers and is read-only, although RDS has the writer there: nothing is moved while the two disagree.",
	},
	CauseNoConnectionSlots: {
		Saturated, LossAfter,
		"The database answers and has no connection left: it is full, not lost. The writer's clients would fill the other region's too.",
	},
}

// ProvesDatabase says whether the application, with this cause, has had an answer of the database.
func (w WriteFailure) ProvesDatabase() bool { _, proves := explanations[w]; return proves }

// isFromApplication says whether the application itself has answered, so that the path to it works.
func (w WriteFailure) isFromApplication() bool { return w != CauseUnreachable && w != "" }

// explained returns what explains that writes fail, once the application has given that cause for long enough.
func (e Evidence) explained() (explanation, bool) {
	found, proves := explanations[e.Writes.Cause]
	failing := !e.Writes.FailingSince.IsZero() && e.Now.Sub(e.Writes.FailingSince) >= found.after && e.Writes.Failures >= LossProbes
	return found, proves && failing && e.Writes.Known
}
