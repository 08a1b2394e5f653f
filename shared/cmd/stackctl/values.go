package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// faultKinds are the values of KIND, in the order in which the local AWS emulator lists them. The emulator is another module, so
// a test compares the two lists.
var faultKinds = []string{
	"unreachable", "slow", "throttled", "app-down", "db-down", "split", "isolated", "replication-stalled", "denied", "backup-failing",
	"backup-silent", "propagation", "few-executions",
}

// scenarios are the values of SCENARIO. The drill is compiled later, so a test compares the list with the drill's own.
var scenarios = []string{
	"region-lost", "flood", "app-lost", "database-lost", "planned-switchover", "split", "flap", "data-corrupted", "standby-lost", "isolated",
	"replication-stalled", "backup-silent", "backup-failing",
}

// switches are the variables that are on or off, by the goals that read them.
var switches = map[string][]string{
	"up":        {"VERBOSE"},
	"preview":   {"VERBOSE"},
	"unprotect": {"VERBOSE"},
	"destroy":   {"FORCE", "VERBOSE"},
	"summary":   {"JSON"},
	"status":    {"JSON", "WATCH"},
	"notices":   {"JSON"},
	"preflight": {"JSON"},
	"failover":  {"FORCE", "DATA_LOSS", "JSON"},
	"reconcile": {"KEEP", "JSON"},
	"restore":   {"DOCUMENTS", "PROMOTE", "DATA_LOSS", "REMOVE", "JSON"},
}

// switchValues are what a switch may be. Anything else, as FORCE=true, would be off without a word.
var switchValues = []string{"yes", "1", "no", "0"}

// checkValues returns what is wrong with the variables that one goal reads beside those of every goal, joined.
func (s settings) checkValues(goal string) error {
	var faults []error
	check := func(variable string, required bool, allowed []string) {
		got := s.value(variable, "")
		if got == "" && !required || slices.Contains(allowed, got) {
			return
		}
		faults = append(faults, fmt.Errorf("%s: allowed %s; got %q", variable, strings.Join(allowed, ", "), got))
	}
	switch goal {
	case "fault":
		check("REGION", true, s.regions())
		check("KIND", true, faultKinds)
	case "heal":
		check("REGION", false, s.regions())
	case "drill":
		check("SCENARIO", false, scenarios) // The drill lists and explains them where there is none.
	}
	for _, variable := range switches[goal] {
		check(variable, false, switchValues)
	}
	return errors.Join(faults...)
}

// regions are the regions of the platform: REGIONS, which is the primary and the standby region unless it was set.
func (s settings) regions() []string {
	return strings.Fields(s.value("REGIONS", s.primary+" "+s.standby))
}
