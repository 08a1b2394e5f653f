// Package invocation writes the operator's commands as they are typed: with make from the repository, or as the program
// itself. What a command prints as the next step, and what a notice recommends, can be typed as it stands.
package invocation

import (
	"strings"

	"warmstandby/shared/shell"
)

const (
	// Program is the name of the command line.
	Program = "warmstandby"
	// defaultEnvironment is make's ENV where its arguments have none.
	defaultEnvironment = "local"
	// DefaultRegion is the standby region of the platform's defaults, make's STANDBY and the program's --region.
	DefaultRegion = "us-west-2"
)

// The commands.
const (
	Status         = "status"
	Preflight      = "preflight"
	Switchover     = "switchover"
	Failover       = "failover"
	Failback       = "failback"
	Reconcile      = "reconcile"
	Restore        = "restore"
	PrepareDestroy = "prepare-destroy"
	Pause          = "pause"
	Resume         = "resume"
	CheckLog       = "check-log"
)

// Flag is a flag of a command: of the program, and the variable that make has for it.
type Flag struct{ flag, variable string }

// The flags that a recommended command may have.
var (
	// AllowDataLoss gives up what the standby has not received.
	AllowDataLoss = Flag{"--allow-data-loss", "DATA_LOSS=yes"}
	// Force acts although what was found is against it.
	Force = Flag{"--force", "FORCE=yes"}
	// Remove removes what a restore has made.
	Remove = Flag{"--remove", "REMOVE=yes"}
	// Promote makes a restored cluster the primary of the global database.
	Promote = Flag{"--promote", "PROMOTE=yes"}
	// Documents brings back the documents that were removed since the time of a restore.
	Documents = Flag{"--documents", "DOCUMENTS=yes"}
)

// targets are the make targets whose names differ from the commands': a target stands among those of the whole platform.
var targets = map[string]string{Pause: "pause-failover", Resume: "resume-failover"}

// Target returns the make target of a command.
func Target(command string) string {
	if target, differs := targets[command]; differs {
		return target
	}
	return command
}

// Form is how the commands of one environment are typed.
type Form struct {
	byMake    bool
	arguments string // that every command repeats, quoted for a shell
}

// Make returns the form for make. arguments are what every call repeats, quoted for a shell, as shell.MakeVariable has them.
func Make(arguments string) Form { return Form{true, strings.TrimSpace(arguments)} }

// OfMake returns the form for make of an environment that is known by its name and its standby region alone, as to the
// failover controller. make's own default region is left out.
func OfMake(environment, standbyRegion string) Form {
	arguments := "ENV=" + shell.Quote(environment)
	if standbyRegion != DefaultRegion {
		arguments += " STANDBY=" + shell.Quote(standbyRegion)
	}
	return Make(arguments)
}

// Direct returns the form for the program itself. The default region is left out.
func Direct(environment, region string) Form {
	arguments := "--env " + shell.Quote(environment)
	if region != DefaultRegion {
		arguments += " --region " + shell.Quote(region)
	}
	return Form{false, arguments}
}

// By returns the form in which a program was called for an environment: by make, or directly. makeArguments is the value of
// shell.MakeVariable, set whether it has one. A shell that make has set up for one environment may call the program for another, of
// which make's arguments say nothing.
func By(makeArguments string, set bool, environment, region string) Form {
	values := map[string]string{"ENV": defaultEnvironment, "STANDBY": DefaultRegion}
	for _, word := range strings.Fields(makeArguments) { // names of environments and regions have no spaces
		if name, value, is := strings.Cut(word, "="); is {
			values[name] = value
		}
	}
	suffix, is := values["SUFFIX"]
	if !is {
		suffix = values["ENV"]
	}
	if set && suffix == environment && values["STANDBY"] == region {
		return Make(makeArguments)
	}
	return Direct(environment, region)
}

// Command returns a whole command.
func (f Form) Command(name string, flags ...Flag) string {
	if f.byMake {
		return f.MakeTarget(Target(name), flags...)
	}
	words := []string{Program, name, f.arguments}
	for _, one := range flags {
		words = append(words, one.flag)
	}
	return strings.Join(words, " ")
}

// MakeTarget returns a call of any target of make, such as destroy; empty where the program was not called by make.
func (f Form) MakeTarget(target string, flags ...Flag) string {
	if !f.byMake {
		return ""
	}
	words := []string{"make", target}
	if f.arguments != "" {
		words = append(words, f.arguments)
	}
	for _, one := range flags {
		words = append(words, one.variable)
	}
	return strings.Join(words, " ")
}
