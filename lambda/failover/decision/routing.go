package decision

import "time"

// Routing is where Route 53 sends users, as the name servers of the hosted zone answer. Route 53's checkers stand in many regions,
// so this is the one piece of evidence that neither region's sight of the other can falsify.
type Routing struct {
	// Known is false when too few name servers answered, they disagree, or the answer is neither region.
	Known bool
	// Primary says that the global name leads to the primary region.
	Primary bool
	// Detail is for operators, such as "3 of 4 name servers answer with us-west-2".
	Detail string
	// UnknownSince is the first of the observations in a row that did not know it; zero when it is known or was never observed before.
	UnknownSince time.Time
	// AwaySince is the first of the observations that found users taken away from the primary region while it had the writer, with
	// no gap between them in which Route 53 could have sent them back; zero when the last that was known did not.
	AwaySince time.Time
}

// Reads is whether a read of the primary region's own database, through its application, was good.
type Reads struct {
	Known, OK bool
	Outcome   string // of the probe
}

// routing classifies where users are sent: alive is to the primary region, gone is away from it. While neither region is healthy
// Route 53 answers with the primary (Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is
// configured"), so its answer says nothing then.
func (e Evidence) routing() signal {
	switch {
	case !e.Routing.Known:
		return signal{unknown, "Where Route 53 sends users is not known: " + e.Routing.Detail +
			". Find out from elsewhere whether users reach the primary region before anything is given up."}
	case e.Routing.Primary && e.standby().state == gone:
		return signal{unknown, "Route 53 sends users to the primary region, as it does, too, while neither region is healthy."}
	case e.Routing.Primary:
		return signal{alive, "Route 53 sends users to the primary region: " + e.Routing.Detail + "."}
	}
	return signal{gone, "Route 53 has taken users away from the primary region: " + e.Routing.Detail + "."}
}

// lossBegan is when the primary region was lost to its users: when the controller's probes began to fail, or later, when Route 53,
// which takes RoutingDue at most, was found to have taken users away so long after. While nobody observed it, users may have been
// served.
func (e Evidence) lossBegan() time.Time {
	if latest := e.Routing.AwaySince.Add(-RoutingDue); !e.Routing.AwaySince.IsZero() && latest.After(e.Writes.FailingSince) {
		return latest
	}
	return e.Writes.FailingSince
}

// stoppedWithLoss says whether what last came at a time stopped with the loss, and not for a cause of its own before it.
func (e Evidence) stoppedWithLoss(last time.Time) bool {
	return e.lossBegan().Sub(last) <= StoppedBefore
}

// awayFor returns for how long users have been taken away from the primary region while it had the writer.
func (e Evidence) awayFor() time.Duration {
	if e.Routing.AwaySince.IsZero() {
		return 0
	}
	return e.Now.Sub(e.Routing.AwaySince)
}

// routingConcern returns the concern about where users are sent; empty when there is none. lost says whether writes are lost.
func (e Evidence) routingConcern(lost bool) Concern {
	switch state := e.routing().state; {
	case state == unknown && !e.Routing.Known && (e.Routing.UnknownSince.IsZero() || e.Now.Sub(e.Routing.UnknownSince) >= RoutingUnknownAfter):
		return RoutingUnknown
	case state == gone && e.Writes.Known && e.Writes.FailingSince.IsZero() && e.awayFor() >= UsersAwayAfter:
		return UsersAway
	case state == alive && lost && e.Now.Sub(e.Writes.FailingSince) >= RoutingDue:
		return SightLost
	}
	return ""
}
