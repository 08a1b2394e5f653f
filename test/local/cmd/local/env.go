package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"warmstandby/test/local/emulator/instance"
	"warmstandby/test/local/makecommand"
	"warmstandby/test/local/tools"
)

// goFlags are the flags that every Go command of the project runs with, so that all share one build cache.
const goFlags = "-trimpath -buildvcs=false"

// defaultPort is where the local AWS emulator listens by default: the port that AWS emulators have in common.
const defaultPort = 4566

// variable is one variable of the environment.
type variable struct{ name, value string }

// setting is what the variables are made from.
type setting struct {
	environment string
	port        int
	state       string // an absolute path
	bin         string // a folder with the project's own commands, first on PATH; empty for none
	repeat      string // make's variables that a printed command repeats to reach this environment
	tools       tools.Tools
	// nameServer is where the emulator answers DNS, host:port; empty while it is down.
	nameServer string
	lookup     func(string) (string, bool) // the user's own environment
}

// runEnv prints, for a shell's eval, the variables with which plain pulumi commands use the pinned tools and, in the local
// environment, the local AWS emulator.
func runEnv(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var wanted toolsFlags
	var asJSON bool
	s := setting{lookup: os.LookupEnv}
	err := parse("env", args, stderr, func(flags *flag.FlagSet) {
		wanted.register(flags)
		flags.IntVar(&s.port, "port", defaultPort, "the port of the local AWS emulator")
		flags.StringVar(&s.state, "state", "", "the folder of all state (default .state in the repository)")
		flags.StringVar(&s.bin, "bin", "", "a folder that comes first on PATH")
		flags.StringVar(&s.repeat, "repeat", "", "make's variables that printed commands repeat")
		flags.BoolVar(&asJSON, "json", false, "print one JSON object, with set and unset, in place of a shell's lines")
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
	if _, err := s.backend(); err != nil {
		return err
	}
	if err := s.checkSession(); err != nil {
		return err
	}
	if s.tools, err = wanted.ensure(ctx, stderr); err != nil {
		return err
	}
	for _, folder := range s.folders() {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("making a folder of the state: %w", err)
		}
	}
	if isLocal(s.environment) {
		status, err := instance.Folder(s.state).Status(ctx)
		if err != nil {
			return fmt.Errorf("finding where the local AWS emulator in %s answers DNS: %w", s.state, err)
		}
		s.nameServer = status.DNS
	}
	if asJSON {
		return s.printJSON(stdout)
	}
	_, err = io.WriteString(stdout, s.script())
	return err
}

// folders are those that must be there before the variables are used.
func (s setting) folders() []string {
	if isLocal(s.environment) {
		return []string{s.temporary(), s.backendDir()}
	}
	return []string{s.temporary()}
}

func (s setting) backendDir() string { return filepath.Join(s.state, "pulumi") }

// temporary is the folder of temporary files. It is the environment's own: in the folder that all users of a machine share,
// Pulumi's asset files would belong to whoever deployed first, and nobody else could deploy.
func (s setting) temporary() string { return instance.Folder(s.state).Temporary() }

// backend returns the URL of Pulumi's state. The local environment's stacks belong to the local AWS emulator beside them; of an
// environment on AWS the user must say where its state is kept, because it outlives this clone.
func (s setting) backend() (string, error) {
	if isLocal(s.environment) {
		return (&url.URL{Scheme: "file", Path: s.backendDir()}).String(), nil
	}
	if chosen, ok := s.lookup("PULUMI_BACKEND_URL"); ok && chosen != "" {
		return chosen, nil
	}
	return "", fmt.Errorf(
		"ENV=%s is on AWS, and nothing says where its state is kept: set PULUMI_BACKEND_URL, for example to s3://BUCKET?region=us-west-2",
		s.environment,
	)
}

// variables lists what is to be set. Outside the local environment nothing among it concerns credentials or endpoints.
func (s setting) variables() []variable {
	backend, _ := s.backend() // That there is one was checked before.
	all := []variable{
		{"PATH", s.path()},
		{"TMPDIR", s.temporary()},
		{"WARMSTANDBY_ENV", s.environment}, // by which make notices that a shell is set up for another environment
		{"WARMSTANDBY_MAKE", s.repeat},     // by which programs print commands that can be typed as they stand
		{"PULUMI_HOME", s.tools.Home},
		{"PULUMI_STACK", s.environment}, // what is selected in a folder is another shell's matter
		{"PULUMI_BACKEND_URL", backend},
		{"PULUMI_SKIP_UPDATE_CHECK", "true"},
		{"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"},
		{"GOFLAGS", goFlags},
		{"no_grpc_proxy", s.unproxied()},
	}
	if !isLocal(s.environment) {
		return all
	}
	// The gateway is also the proxy for plain http, by which the emulated AWS's own host names are reached (a load balancer's,
	// S3 Control's <account>.127.0.0.1). https goes its usual way, but for what balancers says.
	endpoint := s.endpoint()
	// For DNS what AWS_ENDPOINT_URL is for AWS's APIs: the operator's command line asks Route 53's name servers there.
	if s.nameServer != "" {
		all = append(all, variable{"WARMSTANDBY_NAME_SERVER", s.nameServer})
	}
	if !s.session() { // The administrator's are the emulator's, and open nothing.
		all = append(all, variable{"AWS_ACCESS_KEY_ID", "test"}, variable{"AWS_SECRET_ACCESS_KEY", "test"})
	}
	return append(all, []variable{
		{"PULUMI_CONFIG_PASSPHRASE", "local"}, // no secret: what it encrypts exists on this machine only
		{"AWS_ENDPOINT_URL", endpoint},
		{"AWS_REGION", "us-east-1"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"HTTP_PROXY", endpoint},
		{"http_proxy", endpoint},
	}...)
}

// balancers are the variables that commands need beside which ask load balancers that speak TLS: the gateway as the proxy for https, and
// their certificate authority beside those that Go knows (crypto/x509, SystemCertPool). They are not for a shell, in which the same proxy
// would refuse Go its modules.
func (s setting) balancers() map[string]string {
	if !isLocal(s.environment) {
		return nil
	}
	trusted := instance.Folder(s.state).CertificatesDir()
	if own, _ := s.lookup("SSL_CERT_DIR"); own != "" {
		trusted += string(filepath.ListSeparator) + own
	}
	return map[string]string{"HTTPS_PROXY": s.endpoint(), "SSL_CERT_DIR": trusted}
}

// endpoint is the emulator's URL.
func (s setting) endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", s.port) }

// unset lists what would take precedence over the emulator's credentials: a profile in use, and the token of a session.
func (s setting) unset() []string {
	if !isLocal(s.environment) {
		return nil
	}
	if s.session() {
		return []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}
	}
	return []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"}
}

// sessionVariable, set to yes, has commands on the local AWS emulator sign with the shell's own credentials, those of a session of a
// role on the emulator, which the emulator judges. Otherwise they sign as its administrator, whatever the shell has.
const sessionVariable = "WARMSTANDBY_LOCAL_SESSION"

// session says whether the shell's own credentials are used.
func (s setting) session() bool {
	value, _ := s.lookup(sessionVariable)
	return value == "yes"
}

// checkSession refuses a session that lacks a part: without a token a request would be signed by a key of nobody's.
func (s setting) checkSession() error {
	if value, set := s.lookup(sessionVariable); set && value != "yes" {
		return fmt.Errorf("%s: allowed yes; got %q", sessionVariable, value)
	}
	if !isLocal(s.environment) || !s.session() {
		return nil
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		if value, _ := s.lookup(name); value == "" {
			return fmt.Errorf(
				"%s is yes, and %s is missing: set what `aws sts assume-role` on the local AWS emulator prints, or unset %s",
				sessionVariable, name, sessionVariable,
			)
		}
	}
	return nil
}

// path is the user's PATH with the tools first. Tools that an earlier call put there are left out, so that it does not grow.
func (s setting) path() string {
	current, _ := s.lookup("PATH")
	ours := filepath.Dir(filepath.Dir(s.tools.Bin))
	rest := slices.DeleteFunc(filepath.SplitList(current), func(dir string) bool {
		return filepath.Base(dir) == "bin" && filepath.Dir(filepath.Dir(dir)) == ours
	})
	first := []string{s.tools.Bin}
	if s.bin != "" {
		rest = slices.DeleteFunc(rest, func(dir string) bool { return dir == s.bin })
		first = []string{s.bin, s.tools.Bin}
	}
	return strings.Join(append(first, rest...), string(filepath.ListSeparator))
}

// printJSON writes the variables for a program.
func (s setting) printJSON(to io.Writer) error {
	set := map[string]string{}
	for _, v := range s.variables() {
		set[v.name] = v.value
	}
	err := json.NewEncoder(to).Encode(struct {
		Set       map[string]string `json:"set"`
		Unset     []string          `json:"unset"`
		Balancers map[string]string `json:"balancers,omitempty"`
	}{set, s.unset(), s.balancers()})
	if err != nil {
		return fmt.Errorf("printing the variables: %w", err)
	}
	return nil
}

// script writes the variables as lines of sh.
func (s setting) script() string {
	var lines strings.Builder
	for _, v := range s.variables() {
		fmt.Fprintf(&lines, "export %s=%s\n", v.name, makecommand.SingleQuote(v.value))
	}
	if names := s.unset(); len(names) > 0 {
		fmt.Fprintf(&lines, "unset %s\n", strings.Join(names, " "))
	}
	return lines.String()
}
