package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"warmstandby/shared/shell"
)

// location is where an environment was last deployed: what make's variables are unless they are given.
type location struct {
	State   string `json:"state,omitempty"`
	Port    string `json:"port,omitempty"`
	Suffix  string `json:"suffix,omitempty"`
	Standby string `json:"standby,omitempty"`
}

// variable is one of make's variables that say where an environment is.
type variable struct {
	name  string
	value func(p *location) *string
	// setting is the key of foundation-network that says the same on AWS and in every clone; empty for none.
	setting string
}

var locationVariables = []variable{
	{"STATE", func(p *location) *string { return &p.State }, ""},
	{"PORT", func(p *location) *string { return &p.Port }, ""},
	{"SUFFIX", func(p *location) *string { return &p.Suffix }, "environmentSuffix"},
	{"STANDBY", func(p *location) *string { return &p.Standby }, "standbyRegion"},
}

// environmentsFolder is where environments are remembered, in the repository's own state folder: whoever names one of them does not know
// yet where its state is. `make clean` forgets the environment that it is asked for, and no other.
const environmentsFolder = "environments"

func (s settings) rememberedIn(environment string) string {
	return filepath.Join(s.defaultState(), environmentsFolder, environment+".json")
}

// recall returns where an environment was last deployed; an empty location where that is not known.
func (s settings) recall(environment string) (location, error) {
	var p location
	if !stackName.MatchString(environment) {
		return p, nil // The guard refuses it, and it may be a path.
	}
	content, err := os.ReadFile(s.rememberedIn(environment))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &p)
	}
	if err != nil {
		return location{}, fmt.Errorf(
			"reading where ENV=%s is: %w; remove %s and give STATE and PORT",
			environment,
			err,
			s.rememberedIn(environment),
		)
	}
	return p, nil
}

// remember keeps where the environment is. What its settings say is not kept a second time: it may be changed there.
func (s settings) remember() error {
	p := s.remembered
	for _, v := range locationVariables {
		if given := *v.value(&s.given); given != "" {
			*v.value(&p) = given
		}
	}
	if s.emulated() {
		p.State, p.Port = s.state, s.port
	}
	if p == s.remembered {
		return nil
	}
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	file := s.rememberedIn(s.environment)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("remembering where ENV=%s is: %w", s.environment, err)
	}
	if err := os.WriteFile(file, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("remembering where ENV=%s is: %w", s.environment, err)
	}
	return nil
}

// locate finds where the environment is: what is given, what foundation-network's settings say, what is remembered, and what is usual.
func (s *settings) locate() error {
	remembered, err := s.recall(s.environment)
	if err != nil {
		return err
	}
	configured, err := s.configured("foundation-network")
	if err != nil {
		return err
	}
	s.remembered, s.known = remembered, remembered
	if s.primary = configured["primaryRegion"]; s.primary == "" {
		s.primary = defaultPrimary
	}
	usual := location{State: s.defaultState(), Port: defaultPort, Suffix: s.environment, Standby: defaultStandby}
	var found location
	for _, v := range locationVariables {
		if value := configured[v.setting]; v.setting != "" && value != "" {
			*v.value(&s.known) = value
		}
		value := s.value(v.name, "")
		if v.name == "STATE" && value != "" {
			if value, err = filepath.Abs(value); err != nil {
				return fmt.Errorf("finding the folder STATE: %w", err)
			}
		}
		*v.value(&s.given) = value
		for _, candidate := range []string{value, *v.value(&s.known), *v.value(&usual)} {
			if candidate != "" {
				*v.value(&found) = candidate
				break
			}
		}
	}
	s.state, s.port, s.suffix, s.standby = found.State, found.Port, found.Suffix, found.Standby
	return nil
}

// configured returns the settings of a stack's file of the environment that are plain values.
func (s settings) configured(stack string) (map[string]string, error) {
	if !stackName.MatchString(s.environment) {
		return nil, nil
	}
	content, err := os.ReadFile(s.settingsFile(stack))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	return plainSettings(string(content), stack), nil
}

// settingsFile is the file with a stack's settings of the environment.
func (s settings) settingsFile(stack string) string {
	return filepath.Join(s.root, stackFolder(stack), "Pulumi."+s.environment+".yaml")
}

// plainSettings reads the plain values of a settings file as Pulumi writes it, "  project:key: value" below "config:". It is a subset of
// YAML: stackctl is compiled before anything is downloaded, and so imports no parser. Values of several lines, and secrets, are left out.
func plainSettings(content, project string) map[string]string {
	values := map[string]string{}
	within := false
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\r\n ")
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") && line != "" {
			within = line == "config:"
			continue
		}
		key, is := strings.CutPrefix(line, "  "+project+":")
		name, value, has := strings.Cut(key, ":")
		if !within || !is || !has {
			continue
		}
		if at := strings.Index(value, " #"); at >= 0 {
			value = value[:at]
		}
		value = strings.TrimSpace(value)
		if quoted := len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0]; quoted {
			value = value[1 : len(value)-1]
		}
		if value != "" {
			values[name] = value
		}
	}
	return values
}

// checkLocation refuses variables that are given and say something else than what is known of an environment that stands, a line each. An
// environment of which nothing stands may go elsewhere.
func (s settings) checkLocation() error {
	var faults []error
	for _, v := range locationVariables {
		given, known := *v.value(&s.given), *v.value(&s.known)
		if given == "" || known == "" || given == known || !s.isFixed(v) {
			continue
		}
		faults = append(faults, fmt.Errorf("%s=%s is given, but ENV=%s is at %s=%s%s: leave %s out",
			v.name, shell.Quote(given), s.environment, v.name, shell.Quote(known), s.source(v), v.name))
	}
	return errors.Join(faults...)
}

// source says who says where the environment is, and how that is changed.
func (s settings) source(v variable) string {
	if *v.value(&s.known) != *v.value(&s.remembered) {
		return fmt.Sprintf(" (%s of %s)", v.setting, s.short(s.settingsFile("foundation-network")))
	}
	if s.emulated() {
		return " (by its last make up; `make destroy` and `make local-down` free it)"
	}
	return fmt.Sprintf(" (by its last make up in this clone; if that is no more, remove %s)", s.short(s.rememberedIn(s.environment)))
}

// isFixed says whether a variable cannot change while the environment is as it is. An emulator that is down may get another port.
func (s settings) isFixed(v variable) bool {
	if *v.value(&s.known) != *v.value(&s.remembered) || !s.emulated() {
		return true
	}
	if v.name == "PORT" {
		return runs(s.remembered.State)
	}
	return runs(s.remembered.State) || s.stands(s.remembered.State)
}

// stands says whether an environment on the local AWS emulator has a resource. A state that cannot be read is taken for one that has.
func (s settings) stands(state string) bool {
	return slices.ContainsFunc(stacksIn(state), func(k keptStack) bool {
		if k.name != s.environment {
			return false
		}
		read, err := k.read()
		return err != nil || read.resources > 0
	})
}

// runs says whether a local AWS emulator runs from a state folder: it holds the lock of the folder as long as it lives.
func runs(state string) bool {
	lock, err := os.Open(filepath.Join(state, "instance.lock"))
	if err != nil {
		return false
	}
	defer lock.Close()
	return errors.Is(syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// checkPort refuses the port of another environment's emulator that runs.
func (s settings) checkPort() error {
	entries, err := os.ReadDir(filepath.Join(s.defaultState(), environmentsFolder))
	if err != nil {
		return nil // Nothing is remembered.
	}
	for _, entry := range entries {
		other, is := strings.CutSuffix(entry.Name(), ".json")
		if !is || other == s.environment {
			continue
		}
		if p, err := s.recall(other); err == nil && p.Port == s.port && p.State != s.state && runs(p.State) {
			return fmt.Errorf("PORT=%s is that of ENV=%s (STATE=%s), whose local AWS emulator runs: give another PORT, or `make local-down ENV=%s`",
				s.port, other, shell.Quote(p.State), other)
		}
	}
	return nil
}
