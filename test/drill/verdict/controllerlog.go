package verdict

import "time"

// checkControllerLog fails a drill in which the controller broke a rule of its specification, whatever the rest looked like, and
// doubts one whose log says nothing. Earlier drills have no such evidence.
func (j *judge) checkControllerLog() {
	log := j.ControllerLog
	switch {
	case log == nil:
		j.skip("the log was not read")
		return
	case log.Unread != "":
		j.doubt("The controller's log was not checked: %s", log.Unread)
	case log.Decisions == 0:
		j.doubt("The controller's log %s has no decision of the drill's time, so there was nothing to check.", log.Group)
	}
	for _, v := range log.Violations {
		j.fail("The controller broke the rule %q at %s: %s.", v.Rule, v.At.UTC().Format(time.TimeOnly), v.Text)
	}
}
