package spec

// located follows the writer's region through the decisions' evidence. The controller moves the writer to the standby region only,
// so one that is back in the primary was moved by an operator. The command line does that without a line in the controller's log,
// and ends the cooldown, because a person has checked both regions: then there is no last move any more. A last move that is
// missing without such a return ends no cooldown.
func (w *Watcher) located(e Event) {
	switch database := e.Evidence.Database; {
	case !database.Known || database.Moving:
	case database.WriterInStandby:
		w.inStandby = true
	case w.inStandby && e.Evidence.LastMove.IsZero():
		w.inStandby, w.operator = false, e.At
	}
}
