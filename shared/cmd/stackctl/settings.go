package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
)

// Defaults of make's variables. A printed command leaves out what has its default.
const (
	localEnvironment = "local"
	defaultPort      = "4566"
	defaultStandby   = "us-west-2"
	defaultPrimary   = "us-east-1"
)

// settings are make's variables.
type settings struct {
	root        string   // the repository, an absolute path
	environment string   // ENV, the stacks' name
	suffix      string   // SUFFIX, the suffix of AWS names, the setting environmentSuffix, or else ENV
	stack       string   // STACK, one stack; empty for all
	state       string   // STATE, an absolute path
	port        string   // PORT of the local AWS emulator
	standby     string   // STANDBY, the standby region, the setting standbyRegion, or else us-west-2
	primary     string   // the setting primaryRegion, or else us-east-1
	given       location // what was given of where the environment is
	remembered  location // where it was last deployed
	known       location // the same, or what its settings say
	lookup      func(name string) (string, bool)
	variables   func() []string // the whole environment; nil for the process's own
}

// readSettings reads make's variables. Whether they fit together is the guard's question.
func readSettings(lookup func(string) (string, bool)) (settings, error) {
	root, err := os.Getwd()
	if err != nil {
		return settings{}, fmt.Errorf("finding the repository's folder: %w", err)
	}
	s := settings{root: root, lookup: lookup}
	s.environment = s.value("ENV", localEnvironment)
	s.stack = s.value("STACK", "")
	return s, s.locate()
}

// value returns a variable, or its default when it is unset or empty.
func (s settings) value(name, otherwise string) string {
	if value, set := s.lookup(name); set && value != "" {
		return value
	}
	return otherwise
}

// yes says whether a switch is on. Both spellings that make's help names are accepted for every switch.
func (s settings) yes(name string) bool {
	value := s.value(name, "")
	return value == "yes" || value == "1"
}

func (s settings) defaultState() string { return filepath.Join(s.root, ".state") }

// emulated says whether the environment is on the local AWS emulator. The local command decides by the same names.
func (s settings) emulated() bool { return naming.Emulated(s.environment) }

// built is the path of a program that make builds.
func (s settings) built(program string) string {
	return filepath.Join(s.root, ".state", "make", program)
}

// repeat returns the variables that a further make command needs to reach this environment, each quoted for a shell.
func (s settings) repeat() []string {
	var variables []string
	for _, v := range []struct{ name, value, standard string }{
		{"ENV", s.environment, localEnvironment},
		{"SUFFIX", s.suffix, s.environment},
		{"STATE", s.state, s.defaultState()},
		{"PORT", s.port, defaultPort},
		{"STANDBY", s.standby, defaultStandby},
	} {
		if v.value != v.standard {
			variables = append(variables, v.name+"="+shell.Quote(v.value))
		}
	}
	return variables
}

// command returns a whole make command for this environment, which a person can type in the repository's folder.
func (s settings) command(goal string, more ...string) string {
	return strings.Join(append(append([]string{"make", goal}, s.repeat()...), more...), " ")
}

// validPort says whether a text is the number of a TCP port.
func validPort(text string) bool {
	const last = 65535
	port, err := strconv.Atoi(text)
	return err == nil && port >= 1 && port <= last
}
