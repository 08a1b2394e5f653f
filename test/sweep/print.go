package sweep

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes one line for each leftover, with region, service, kind and id, one for each failed list, and a summary.
func (r Report) Print(to io.Writer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, leftover := range r.Left {
		fmt.Fprintf(table, "left\t%s\t%s\t%s\t%s\n", leftover.Region, leftover.Service, leftover.Kind, leftover.ID)
	}
	table.Flush() // a strings.Builder takes everything
	for _, fault := range r.Faults {
		fmt.Fprintf(&text, "not known: %s\n", strings.ReplaceAll(fault.Error(), "\n", "\n  "))
	}
	fmt.Fprintln(&text, r.verdict())
	if _, err := io.WriteString(to, text.String()); err != nil {
		return fmt.Errorf("printing what is left: %w", err)
	}
	return nil
}

// verdict is the summary in one sentence.
func (r Report) verdict() string {
	asked := fmt.Sprintf("%d kinds of resource were asked for in %s", r.Kinds, strings.Join(r.Regions, " and "))
	switch {
	case r.Clean():
		return fmt.Sprintf("nothing is left of %s: %s", r.Environment.name, asked)
	case len(r.Left) == 0:
		return fmt.Sprintf("it is not known whether anything is left of %s: %s, and %d did not answer", r.Environment.name, asked, len(r.Faults))
	case len(r.Faults) == 0:
		return fmt.Sprintf("%d resources are left of %s: %s", len(r.Left), r.Environment.name, asked)
	default:
		return fmt.Sprintf("%d resources are left of %s, perhaps more: %s, and %d did not answer",
			len(r.Left), r.Environment.name, asked, len(r.Faults))
	}
}
