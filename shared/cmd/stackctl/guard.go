package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"warmstandby/shared/naming"
)

// needs are what a goal of make depends on, and so what the guard checks before anything else is done.
type needs struct {
	environment bool // acts on ENV: the name is valid, and the shell is set up for no other environment
	backend     bool // reads or writes Pulumi's state
	emulated    bool // acts on the local AWS emulator alone
	tests       bool // makes environments of its own, on AWS where ENV is
	state       bool // writes to the folder STATE
	deploys     bool // puts the environment where it is from then on
}

// goals has every goal of make that the guard is asked about.
var goals = map[string]needs{
	"up":        {environment: true, backend: true, state: true, deploys: true},
	"preview":   {environment: true, backend: true, state: true},
	"destroy":   {environment: true, backend: true, state: true},
	"outputs":   {environment: true, backend: true, state: true},
	"summary":   {environment: true, backend: true, state: true},
	"unprotect": {environment: true, backend: true, state: true},
	"env":       {environment: true, backend: true, state: true},
	"init":      {environment: true, backend: true, state: true, deploys: true},
	"set":       {environment: true, backend: true, state: true, deploys: true},
	"settings":  {environment: true},
	"doctor":    {environment: true},

	"drill":       {environment: true, backend: true, state: true},
	"drill-all":   {environment: true, backend: true, state: true},
	"drill-heal":  {environment: true, backend: true, state: true},
	"drill-table": {environment: true, state: true},

	"sweep":           {environment: true},
	"status":          {environment: true},
	"preflight":       {environment: true},
	"switchover":      {environment: true},
	"failover":        {environment: true},
	"failback":        {environment: true},
	"restore":         {environment: true},
	"reconcile":       {environment: true},
	"pause-failover":  {environment: true},
	"resume-failover": {environment: true},
	"prepare-destroy": {environment: true},

	"tools": {environment: true},

	"test":      {tests: true, backend: true},
	"e2e":       {tests: true, backend: true},
	"lifecycle": {tests: true, backend: true},
	"orders":    {tests: true, backend: true}, // the earlier name of lifecycle
	"drills":    {tests: true, backend: true},
	"bench":     {tests: true, backend: true},
	"audit":     {tests: true, backend: true},

	"first-use":      {tests: true, emulated: true},
	"second-opinion": {tests: true, emulated: true},
	"api":            {tests: true, emulated: true},

	// They act on no environment.
	"unit":       {},
	"function":   {},
	"simulate":   {},
	"lint":       {},
	"lambda":     {},
	"controller": {},
	"binaries":   {},

	"smoke":        {environment: true},
	"notices":      {environment: true},
	"live":         {environment: true},
	"timeline":     {environment: true, state: true},
	"token":        {environment: true, emulated: true, state: true},
	"fault":        {environment: true, emulated: true},
	"heal":         {environment: true, emulated: true},
	"local-up":     {environment: true, emulated: true, state: true, deploys: true},
	"local-down":   {environment: true, emulated: true},
	"local-status": {environment: true, emulated: true},
}

// markerVariable names the environment that a shell was set up for by `eval "$(make env)"`.
const markerVariable = "WARMSTANDBY_ENV"

// guard refuses goals of make whose variables or whose shell do not fit, all faults at once. A state folder that will be written
// to is claimed: it is empty, or new, or the platform's already.
func guard(_ context.Context, c *controller, wanted []string) error {
	var all needs
	for _, goal := range wanted {
		n := goals[goal]
		all.environment, all.backend = all.environment || n.environment, all.backend || n.backend
		all.emulated, all.state, all.tests = all.emulated || n.emulated, all.state || n.state, all.tests || n.tests
		all.deploys = all.deploys || n.deploys
	}
	faults := []error{c.settings.check(all)}
	for _, goal := range wanted {
		faults = append(faults, c.settings.checkValues(goal))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%s is refused, and nothing was done:\n%w", strings.Join(wanted, " "), err)
	}
	if all.state {
		if err := claim(c.settings.state); err != nil {
			return err
		}
	}
	// What make builds lies in the repository's own folder, whatever STATE is.
	if err := claim(c.defaultState()); err != nil && c.state == c.defaultState() && all.state {
		return err
	}
	if all.deploys {
		return c.settings.remember()
	}
	return nil
}

// stackName is the grammar of a stack's name in Pulumi.
var stackName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// check returns all that does not fit, joined.
func (s settings) check(n needs) error {
	// Tests on the local AWS emulator set up all that they need, whatever the shell has.
	if !n.environment && (!n.tests || s.emulated()) {
		return nil
	}
	faults := []error{s.checkNames(), s.checkSecrets(), s.checkLocation(), s.checkShell(), checkStack(s.stack)}
	if s.emulated() && !validPort(s.port) {
		faults = append(faults, fmt.Errorf("PORT: allowed 1 to 65535; got %q", s.port))
	}
	if n.deploys && s.emulated() {
		faults = append(faults, s.checkPort())
	}
	if n.emulated && !s.emulated() {
		faults = append(
			faults,
			fmt.Errorf("ENV=%s is on AWS, and this acts on the local AWS emulator alone: allowed ENV=local and ENV=local-…", s.environment),
		)
	}
	if !s.emulated() {
		faults = append(faults, s.checkEndpoints())
		if n.backend {
			faults = append(faults, s.checkBackend())
		}
	}
	return errors.Join(faults...)
}

func (s settings) checkNames() error {
	if !stackName.MatchString(s.environment) {
		return fmt.Errorf("ENV: allowed letters, digits, hyphens, underscores and periods, 100 at most; got %q", s.environment)
	}
	if set := s.value("SUFFIX", ""); set != "" {
		if _, err := naming.New(set); err != nil {
			return fmt.Errorf("SUFFIX: %w", err)
		}
	}
	return nil
}

// checkShell refuses a shell that `eval "$(make env)"` has set up for another environment or another local AWS emulator.
func (s settings) checkShell() error {
	if of := s.value(markerVariable, ""); of != "" && of != s.environment {
		return fmt.Errorf(
			"ENV is %s, but this shell is set up for ENV=%s (by `make env`): use another shell, or say ENV=%s",
			s.environment,
			of,
			of,
		)
	}
	if !s.emulated() || s.value(markerVariable, "") == "" {
		return nil // Any other endpoint is replaced by the local AWS emulator's own.
	}
	endpoint := s.value("AWS_ENDPOINT_URL", "")
	if address, err := url.Parse(endpoint); endpoint == "" || err != nil || address.Port() != s.port || !loopback(address.Hostname()) {
		return fmt.Errorf(
			"ENV=%s is at PORT %s, but this shell is set up for %s: use another shell, or say the PORT and STATE that it was set up with",
			s.environment,
			s.port,
			endpoint,
		)
	}
	return nil
}

// awsDomains end the names of AWS's own endpoints, VPC endpoints among them (AWS General Reference, "AWS service endpoints").
var awsDomains = []string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws", ".amazonwebservices.com.cn"}

// checkEndpoints refuses endpoints that are not AWS's for an environment that is: the SDKs, Pulumi and the sweep would ask an
// emulator, and believe it.
func (s settings) checkEndpoints() error {
	var faults []error
	for _, name := range s.endpointVariables() {
		endpoint := s.value(name, "")
		if endpoint == "" {
			continue
		}
		address, err := url.Parse(endpoint)
		host := ""
		if err == nil {
			host = strings.ToLower(strings.TrimSuffix(address.Hostname(), "."))
		}
		if !slices.ContainsFunc(awsDomains, func(domain string) bool { return strings.HasSuffix(host, domain) }) {
			faults = append(
				faults,
				fmt.Errorf(
					"ENV=%s is on AWS, but this shell is set up for another endpoint (%s is %s): use another shell, or unset it",
					s.environment,
					name,
					endpoint,
				),
			)
		}
	}
	return errors.Join(faults...)
}

// endpointVariables returns the names of the variables by which AWS's SDKs find endpoints: one for all services, and one a
// service (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
func (s settings) endpointVariables() []string {
	names := []string{"AWS_ENDPOINT_URL"}
	for _, variable := range s.environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// environ returns the process's environment, or that of a test.
func (s settings) environ() []string {
	if s.variables != nil {
		return s.variables()
	}
	return os.Environ()
}

// checkBackend wants the backend of an environment on AWS named. Without a name Pulumi's state would be kept in the clone, where
// `git clean` deletes it, and the resources on AWS with nobody who knows them.
func (s settings) checkBackend() error {
	backend := s.value("PULUMI_BACKEND_URL", "")
	if backend == "" {
		fault := fmt.Errorf(
			"ENV=%s is on AWS, and nothing says where its state is kept: set PULUMI_BACKEND_URL, for example to s3://BUCKET?region=%s",
			s.environment,
			s.standby,
		)
		if kept := stacksOnAWS(s.state); slices.ContainsFunc(kept, func(k keptStack) bool { return k.name == s.environment }) {
			fault = fmt.Errorf("%w, or to file://%s, where an earlier version kept it", fault, (&url.URL{Path: pulumiFolder(s.state)}).EscapedPath())
		}
		return fault
	}
	_, phrase := s.lookup("PULUMI_CONFIG_PASSPHRASE")
	_, file := s.lookup("PULUMI_CONFIG_PASSPHRASE_FILE")
	if strings.HasPrefix(backend, "file:") && !phrase && !file {
		return fmt.Errorf("no passphrase for the secrets in %s: set PULUMI_CONFIG_PASSPHRASE_FILE (or PULUMI_CONFIG_PASSPHRASE)", backend)
	}
	return nil
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
