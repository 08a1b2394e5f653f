package spec

// located follows the writer's region through the decisions' evidence, where it is as RDS says. The controller moves the writer to
// the standby region only, so one that is back in the primary was moved by an operator. The command line does that without a
// line in the controller's log, and ends the cooldown, because a person has checked both regions.
func (w *Watcher) located(e Event) {
	switch database := e.Evidence.Database; {
	case !database.Known || database.Moving:
	case database.WriterInStandby:
		w.inStandby = true
	case w.inStandby:
		w.inStandby, w.operator = false, e.At
	}
}
