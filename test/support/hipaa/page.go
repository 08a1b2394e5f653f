package hipaa

import (
	"fmt"
	"strings"
)

// Page returns the table of all rules for readers, in Markdown.
func Page() string {
	var holds, excused, account, none int
	var rows strings.Builder
	for _, rule := range Rules {
		var verdict, why string
		switch {
		case rule.check == nil:
			account++
			verdict, why = "the account's", rule.account
		case rule.check.stack == "":
			none++
			verdict, why = "holds, without resources", rule.check.requirement
		case len(rule.excuses) == 0:
			holds++
			verdict, why = "holds", rule.check.requirement
		default:
			excused++
			verdict, why = "excused", rule.check.requirement
			for _, e := range rule.excuses {
				why += fmt.Sprintf("; not `%s` of `%s`: %s", e.name, e.stack, e.reason)
			}
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", rule.Name, verdict, why)
	}
	const summary = "Of %d rules %d hold over what production's stacks make, %d hold because no stack makes what they are about, " +
		"%d are excused\nfor named resources, and %d are the account's.\n\n" +
		"| rule | verdict | what is required, and what is excused why |\n|---|---|---|\n%s"
	return fmt.Sprintf(summary, len(Rules), holds, none, excused, account, rows.String())
}
