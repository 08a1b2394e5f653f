// Package runbook reads the commands out of RUNBOOK.md, so that tests can run every one of them.
package runbook

import (
	"regexp"
	"strings"
)

// Command is a command that the runbook names.
type Command struct {
	Line int    // in the runbook, from 1
	Text string // as it is to be typed
	// Output is the output that the runbook shows after a command in a code block, line by line without indentation. It is empty where
	// the runbook shows none.
	Output []string
}

// indent begins each line of a code block (CommonMark 0.31, 4.4).
const indent = "    "

// fence begins and ends a fenced code block (CommonMark 0.31, 4.5).
const fence = "```"

var (
	span  = regexp.MustCompile("`([^`]+)`")
	typed = regexp.MustCompile(`^(?:[A-Za-z_][A-Za-z0-9_]*=\S* +)*(?:make|warmstandby|aws|go|curl|git|pulumi|eval)(?: +\S.*)?$`)
)

// Commands returns the commands of a runbook in its order: each line of a code block that calls a program, and each code span
// that does. A code span of one word, such as a program's name alone, is no command.
func Commands(text string) []Command {
	var all []Command
	fenced, open := false, -1 // open is the command that the lines of the block belong to
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, fence) {
			fenced, open = !fenced, -1
			continue
		}
		content, indented := strings.CutPrefix(line, indent)
		content = strings.TrimSpace(content)
		switch {
		case !fenced && content == "": // within an indented block, or between two paragraphs
		case !fenced && !indented:
			open = -1
			for _, found := range span.FindAllStringSubmatch(line, -1) {
				if one := strings.TrimSpace(found[1]); isCommand(one) {
					all = append(all, Command{Line: number, Text: one})
				}
			}
		case isCommand(content):
			all = append(all, Command{Line: number, Text: content})
			open = len(all) - 1
		case open >= 0 && content != "":
			all[open].Output = append(all[open].Output, content)
		}
	}
	return all
}

func isCommand(text string) bool { return strings.Contains(text, " ") && typed.MatchString(text) }
