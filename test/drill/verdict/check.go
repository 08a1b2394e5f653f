package verdict

import "slices"

// CheckOutcome is what became of a check or an objective.
type CheckOutcome string

// The outcomes of checks and objectives.
const (
	Met       CheckOutcome = "met"
	NotMet    CheckOutcome = "not met"
	Doubtful  CheckOutcome = "proves nothing"
	NotJudged CheckOutcome = "not judged"
)

// Check is one of the checks that the verdict is made from.
type Check struct {
	// Name is what must hold.
	Name    string       `json:"name"`
	Outcome CheckOutcome `json:"outcome"`
	// Findings are why it is not met or proves nothing, or why it was not judged.
	Findings []string `json:"findings,omitempty"`
}

// Why a check is not judged.
const (
	notPart     = "not a part of this scenario"
	nothingDone = "nothing was done to the platform"
	brokenOff   = "the drill was broken off"
)

// skip says that the present check is not judged, and why.
func (j *judge) skip(why string) { j.notMade = why }

// runChecks makes every check and records what each has found.
func (j *judge) runChecks() {
	for _, check := range [...]struct {
		name string
		run  func()
	}{
		{"the load ran, and the platform was healthy before", j.checkLoad},
		{"the fault took effect", j.checkFault},
		{"rows reached the standby region before anything was lost", j.checkReplication},
		{"no step waited in vain", j.checkSteps},
		{"the writer moved as it must, by whom it must", j.checkMove},
		{"neither the writer nor the name moved", j.checkNothingMoved},
		{"commits paused at rds.global_db_rpo, and the controller said so", j.checkPause},
		{"users had good writes again in time", j.checkFirstGood},
		{"no acknowledged row is lost that may not be, and none is there twice", j.checkRows},
		{"no acknowledged row of other kinds of user is lost that may not be", j.checkUsers},
		{"what was given up is back, or listed as in conflict", j.checkReconciled},
		{"every acknowledged document is there", j.checkDocuments},
		{"one course of changes explains all answers of each contended record and repeated key", j.checkHistories},
		{"damaged records are as they were", j.checkCorruption},
		{"backups ran, and the operators were notified when they did not", j.checkBackups},
		{"the flood used executions up, the operators were notified, and the controller decided in time", j.checkFlood},
		{"every stored record has an event in both regions", j.checkEvents},
		{"never did both regions' databases accept writes", j.checkWriters},
		{"the old writer was fenced", j.checkFencing},
		{"the controller kept to its specification", j.checkControllerLog},
		{"the platform ended as it began, and Pulumi has nothing to change", j.checkEnd},
		{"the drill's machine was not too busy for times to count", j.checkMachine},
	} {
		failures, doubts := len(j.failures), len(j.doubts)
		j.notMade = ""
		check.run()
		made := Check{Name: check.name, Outcome: Met}
		for _, f := range j.failures[failures:] {
			made.Findings = append(made.Findings, f.message)
		}
		made.Findings = append(made.Findings, slices.Clone(j.doubts[doubts:])...)
		switch {
		case len(j.failures) > failures:
			made.Outcome = NotMet
		case len(j.doubts) > doubts:
			made.Outcome = Doubtful
		case j.notMade != "":
			made.Outcome, made.Findings = NotJudged, []string{j.notMade}
		}
		j.result.Checks = append(j.result.Checks, made)
	}
}
