package report

import (
	"fmt"
	"strings"

	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// Specification is an implementation specification of HIPAA's contingency plan, with what a drill is evidence of.
type Specification struct {
	Letter, Title string
	// Shows is what the drill has shown; Not is what it does not show.
	Shows, Not string
}

// contingency maps a drill to 45 CFR 164.308(a)(7)(ii)(A) to (E). Titles are those of the rule.
func contingency(d Document) []Specification {
	s, _ := scenario.Find(d.Scenario)
	return []Specification{
		{"A", "Data backup plan (R)", backup(d), "That backups are kept for as long as the plan wants, and are readable by whom it names."},
		{"B", "Disaster recovery plan (R)", recovery(s, d), "Losses other than this scenario's, and the plan's people, contracts and sites."},
		{
			"C", "Emergency mode operation plan (R)", emergency(d),
			"How staff works while the application is away, and who may do what then.",
		},
		{
			"D", "Testing and revision procedures (A)",
			fmt.Sprintf("One test of the plan, at the time above, with the result %s, its evidence, and the trend over tests.", d.Result.Verdict),
			"That the plan was revised after the test.",
		},
		{
			"E", "Applications and data criticality analysis (A)", "The objectives that the analysis has led to, as far as they are tested above.",
			"The analysis itself.",
		},
	}
}

func backup(d Document) string {
	if c := d.Result.Corruption; c != nil {
		return fmt.Sprintf("Data of an earlier second were restored: %d of %d damaged records are as they were.",
			c.Back, c.Overwritten+c.Deleted)
	}
	if r := d.Result.Reconciled; r != nil {
		return fmt.Sprintf("The old volume's snapshot was restored: %d of %d lost rows are back, %d in conflict.", r.Returned, r.Lost, r.Conflict)
	}
	return "Nothing: no backup was restored in this scenario."
}

func recovery(s scenario.Scenario, d Document) string {
	var found []string
	for _, o := range d.Result.Objectives {
		found = append(found, fmt.Sprintf("%s: %s, allowed %s (%s).", o.Name, o.Measured, o.Allowed, o.Outcome))
	}
	if len(found) == 0 {
		return "Nothing: no loss was brought about."
	}
	return strings.TrimSuffix(s.Summary, ".") + ". " + strings.Join(found, " ")
}

func emergency(d Document) string {
	for _, e := range d.Result.Experience {
		if e.Part == "during" && e.Kind == "read" && e.Tries > 0 {
			return fmt.Sprintf("During the outage %.0f %% of reads failed, and after it the application wrote and read again.", 100*e.BadShare())
		}
	}
	if d.Result.Verdict == verdict.Pass {
		return fmt.Sprintf("The application had good writes again; the longest time without one was %.1f s.", d.Result.Outage)
	}
	return "Nothing."
}
