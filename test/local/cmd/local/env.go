package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"warmstandby/test/local/tools"
)

// goFlags are the flags that every Go command of the project runs with, so that all share one build cache.
const goFlags = "-trimpath -buildvcs=false"

// defaultPort is where the embedded AWS listens unless told otherwise: the port that AWS emulators have in common.
const defaultPort = 4566

// variable is one variable of the environment.
type variable struct{ name, value string }

// setting is what the variables are made from.
type setting struct {
	environment string
	port        int
	state       string // an absolute path
	tools       tools.Tools
	lookup      func(string) (string, bool) // the user's own environment
}

// runEnv prints, for a shell's eval, the variables with which plain pulumi commands use the pinned tools and, in the local
// environment, the embedded AWS.
func runEnv(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var wanted toolsFlags
	s := setting{lookup: os.LookupEnv}
	err := parse("env", args, stderr, func(flags *flag.FlagSet) {
		wanted.register(flags)
		flags.IntVar(&s.port, "port", defaultPort, "the port of the embedded AWS")
		flags.StringVar(&s.state, "state", "", "the folder of all state (default .state in the repository)")
	})
	if err != nil {
		return err
	}
	s.environment = wanted.environment
	if s.state == "" {
		s.state = filepath.Join(wanted.root, ".state")
	}
	if s.state, err = filepath.Abs(s.state); err != nil {
		return fmt.Errorf("finding the state's folder: %w", err)
	}
	if err := s.check(); err != nil {
		return err
	}
	if s.tools, err = wanted.ensure(ctx, stderr); err != nil {
		return err
	}
	if err := os.MkdirAll(s.backendDir(), 0o700); err != nil {
		return fmt.Errorf("making the folder of Pulumi's state: %w", err)
	}
	_, err = io.WriteString(stdout, s.script())
	return err
}

func (s setting) backendDir() string { return filepath.Join(s.state, "pulumi") }

// backend returns the URL of Pulumi's state. The user's own choice stands, but not in the local environment, whose stacks
// belong to the embedded AWS beside them.
func (s setting) backend() string {
	if chosen, ok := s.lookup("PULUMI_BACKEND_URL"); ok && chosen != "" && !isLocal(s.environment) {
		return chosen
	}
	return (&url.URL{Scheme: "file", Path: s.backendDir()}).String()
}

// check refuses what would fail later with less to say: an environment on AWS in a shell that points at the embedded one,
// or one that keeps secrets in files without a passphrase of the user's.
func (s setting) check() error {
	if isLocal(s.environment) {
		return nil
	}
	if endpoint, _ := s.lookup("AWS_ENDPOINT_URL"); strings.HasPrefix(endpoint, "http://127.0.0.1:") {
		return fmt.Errorf("ENV=%s is on AWS, but this shell is set up for ENV=local (AWS_ENDPOINT_URL is %s): use another shell", s.environment, endpoint)
	}
	_, phrase := s.lookup("PULUMI_CONFIG_PASSPHRASE")
	_, file := s.lookup("PULUMI_CONFIG_PASSPHRASE_FILE")
	if backend := s.backend(); strings.HasPrefix(backend, "file://") && !phrase && !file {
		return fmt.Errorf("no passphrase for the secrets in %s: set PULUMI_CONFIG_PASSPHRASE_FILE (or PULUMI_CONFIG_PASSPHRASE), or PULUMI_BACKEND_URL to another backend", backend)
	}
	return nil
}

// variables lists what is to be set. Outside the local environment nothing among it concerns credentials or endpoints.
func (s setting) variables() []variable {
	all := []variable{
		{"PATH", s.path()},
		{"PULUMI_HOME", s.tools.Home},
		{"PULUMI_STACK", s.environment}, // what is selected in a folder is another shell's matter
		{"PULUMI_BACKEND_URL", s.backend()},
		{"PULUMI_SKIP_UPDATE_CHECK", "true"},
		{"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"},
		{"GOFLAGS", goFlags},
		{"no_grpc_proxy", s.unproxied()},
	}
	if !isLocal(s.environment) {
		return all
	}
	// The gateway is also the proxy for plain http, by which the emulated AWS's own host names are reached (a load balancer's,
	// S3 Control's <account>.127.0.0.1). https goes its usual way. The credentials are the emulator's, and open nothing.
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", s.port)
	return append(all, []variable{
		{"PULUMI_CONFIG_PASSPHRASE", "local"}, // no secret: what it encrypts exists on this machine only
		{"AWS_ENDPOINT_URL", endpoint},
		{"AWS_ACCESS_KEY_ID", "test"},
		{"AWS_SECRET_ACCESS_KEY", "test"},
		{"AWS_REGION", "us-east-1"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"HTTP_PROXY", endpoint},
		{"http_proxy", endpoint},
	}...)
}

// unset lists what would take precedence over the emulator's credentials: a profile in use, and the token of a session.
func (s setting) unset() []string {
	if !isLocal(s.environment) {
		return nil
	}
	return []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"}
}

// path is the user's PATH with the tools first. Tools that an earlier call put there are left out, so that it does not grow.
func (s setting) path() string {
	current, _ := s.lookup("PATH")
	ours := filepath.Dir(filepath.Dir(s.tools.Bin))
	rest := slices.DeleteFunc(filepath.SplitList(current), func(dir string) bool {
		return filepath.Base(dir) == "bin" && filepath.Dir(filepath.Dir(dir)) == ours
	})
	return strings.Join(append([]string{s.tools.Bin}, rest...), string(filepath.ListSeparator))
}

// script writes the variables as lines of sh.
func (s setting) script() string {
	var lines strings.Builder
	for _, v := range s.variables() {
		fmt.Fprintf(&lines, "export %s=%s\n", v.name, quote(v.value))
	}
	if names := s.unset(); len(names) > 0 {
		fmt.Fprintf(&lines, "unset %s\n", strings.Join(names, " "))
	}
	return lines.String()
}

// quote writes a value so that sh reads it back as it is: in single quotes nothing has a meaning but the single quote.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
