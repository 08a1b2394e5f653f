package runbook

import (
	"reflect"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Command
	}{
		{
			name: "a block with what is printed",
			text: "Do this:\n\n    make status ENV=prod\n\n    writer  us-east-1\n    database  available\n\nThen that.\n",
			want: []Command{{3, "make status ENV=prod", []string{"writer  us-east-1", "database  available"}}},
		},
		{
			name: "two commands in one block",
			text: "    make preflight ENV=prod\n    make switchover ENV=prod\n    done\n",
			want: []Command{{1, "make preflight ENV=prod", nil}, {2, "make switchover ENV=prod", []string{"done"}}},
		},
		{"a block that prints without a command", "    writer  us-east-1\n", nil},
		{
			name: "what follows a paragraph is no output",
			text: "    make status ENV=prod\n\nIt shows:\n\n    writer\n",
			want: []Command{{1, "make status ENV=prod", nil}},
		},
		{"a fenced block", "```\nmake status ENV=prod\nwriter\n```\nwriter\n", []Command{{2, "make status ENV=prod", []string{"writer"}}}},
		{
			name: "code spans",
			text: "`make pause-failover ENV=prod`, later `warmstandby resume --env prod`.\n",
			want: []Command{{1, "make pause-failover ENV=prod", nil}, {1, "warmstandby resume --env prod", nil}},
		},
		{"a span that is no command", "`readiness` names the checks, `warmstandby` is the program, `make` lists them, `make-believe x`.\n", nil},
		{"a command with variables of the shell", "    CGO_ENABLED=0 go build ./x\n", []Command{{1, "CGO_ENABLED=0 go build ./x", nil}}},
		{"a command of a table", "| in trouble | `make status ENV=prod` |\n", []Command{{1, "make status ENV=prod", nil}}},
		{
			name: "lines that end as Windows ends them",
			text: "    make status ENV=prod\r\n    writer\r\n",
			want: []Command{{1, "make status ENV=prod", []string{"writer"}}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Commands(test.text); !reflect.DeepEqual(got, test.want) {
				t.Errorf("found is %+v, want %+v", got, test.want)
			}
		})
	}
}

// FuzzCommands: each command stands in the line that it is said to stand in.
func FuzzCommands(f *testing.F) {
	for _, seed := range []string{"    make status ENV=prod\n\n    writer\n", "`make status`", "```\nmake status\n", "a `b` c\r\n", "``"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		for _, one := range Commands(text) {
			if one.Line < 1 || one.Line > len(lines) || !strings.Contains(lines[one.Line-1], one.Text) {
				t.Errorf("%q is said to stand in line %d of %q", one.Text, one.Line, text)
			}
		}
	})
}
