package spec

import "strings"

// concerns are those of a decision: the evidence's, and the move that is advised.
func concerns(e Event) []string {
	var all []string
	for _, one := range e.Evidence.Concerns() {
		all = append(all, string(one))
	}
	if e.Recommended.Moves() {
		all = append(all, "a "+string(e.Recommended)+" is advised")
	}
	return all
}

// noticed checks a notice of concerns. Notices of a move go with the move, which the journal takes on from phase to phase.
func (w *Watcher) noticed(e Event) {
	r := w.run(e.Run)
	if !isAdvice(e.Subject) || r.decided.Evidence == nil {
		return
	}
	if w.sent != nil {
		for _, concern := range concerns(r.decided) {
			w.sent[concern] = true
		}
	}
	if !r.hasFresh {
		w.violate(e, RuleOnce, "%q is sent, and all of its concerns were notified before", e.Subject)
	}
}

// isAdvice says whether a notice is of concerns.
func isAdvice(subject string) bool {
	return strings.Contains(subject, "advice: ") || strings.HasSuffix(subject, " is advised") || strings.HasSuffix(subject, "would be refused")
}
