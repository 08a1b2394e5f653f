package main

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/local/makecommand"
	"warmstandby/test/local/tools"
)

// settingFor is a setting whose tools and state are in made-up folders, seen by a user with the given variables.
func settingFor(environment string, user map[string]string) setting {
	cache := filepath.FromSlash("/Users/ann lee/.cache/warmstandby/tools")
	dir := filepath.Join(cache, "source-0123")
	return setting{
		environment: environment, port: 4599, state: "/src/o'brien 100%/.state", bin: "/src/bin", repeat: "PORT=4599",
		tools:  tools.Tools{Bin: filepath.Join(dir, "bin"), Home: filepath.Join(dir, "home")},
		lookup: func(name string) (string, bool) { value, ok := user[name]; return value, ok },
	}
}

// evaluated returns what sh has in its environment after it has evaluated the script in an otherwise empty one.
func evaluated(t *testing.T, script string, before ...string) map[string]string {
	t.Helper()
	command := exec.Command("/bin/sh", "-c", `eval "$1" && exec /usr/bin/env -0`, "sh", script)
	command.Env = before
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("sh: %v: %s\nscript:\n%s", err, output, script)
	}
	all := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(output), "\x00"), "\x00") {
		name, value, _ := strings.Cut(line, "=")
		if name != "PWD" && name != "SHLVL" && name != "_" {
			all[name] = value
		}
	}
	return all
}

// The local environment points everything at this machine.
func TestEnvLocal(t *testing.T) {
	s := settingFor("local", map[string]string{"PATH": "/usr/bin:/bin", "PULUMI_BACKEND_URL": "s3://team"})
	got := evaluated(t, s.script(), "AWS_PROFILE=work", "AWS_SESSION_TOKEN=real", "PULUMI_BACKEND_URL=s3://team", "LANG=C")
	want := map[string]string{
		"PATH":                     "/src/bin:/Users/ann lee/.cache/warmstandby/tools/source-0123/bin:/usr/bin:/bin",
		"TMPDIR":                   "/src/o'brien 100%/.state/tmp",
		"WARMSTANDBY_ENV":          "local",
		"WARMSTANDBY_MAKE":         "PORT=4599",
		"PULUMI_HOME":              "/Users/ann lee/.cache/warmstandby/tools/source-0123/home",
		"PULUMI_STACK":             "local",
		"PULUMI_BACKEND_URL":       "file:///src/o%27brien%20100%25/.state/pulumi",
		"PULUMI_SKIP_UPDATE_CHECK": "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"GOFLAGS":                   "-trimpath -buildvcs=false",
		"no_grpc_proxy":             "127.0.0.1,localhost,::1",
		"PULUMI_CONFIG_PASSPHRASE":  "local",
		"AWS_ENDPOINT_URL":          "http://127.0.0.1:4599",
		"AWS_ACCESS_KEY_ID":         "test",
		"AWS_SECRET_ACCESS_KEY":     "test",
		"AWS_REGION":                "us-east-1",
		"AWS_EC2_METADATA_DISABLED": "true",
		"HTTP_PROXY":                "http://127.0.0.1:4599",
		"http_proxy":                "http://127.0.0.1:4599",
		"LANG":                      "C",
	}
	same(t, got, want)
}

// A session of a role on the emulator is kept where the shell says that it is one.
func TestEnvSession(t *testing.T) {
	session := map[string]string{
		sessionVariable: "yes", "AWS_ACCESS_KEY_ID": "ASIA1", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}
	t.Run("the shell's credentials are kept", func(t *testing.T) {
		s := settingFor("local", session)
		if err := s.checkSession(); err != nil {
			t.Fatal(err)
		}
		got := evaluated(t, s.script(), "AWS_ACCESS_KEY_ID=ASIA1", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token", "AWS_PROFILE=work")
		want := map[string]string{
			"AWS_ACCESS_KEY_ID": "ASIA1", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_PROFILE": "",
			"AWS_ENDPOINT_URL": "http://127.0.0.1:4599",
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s is %q, want %q", name, got[name], value)
			}
		}
	})
	t.Run("a session without a part is refused by its name", func(t *testing.T) {
		for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
			without := maps.Clone(session)
			delete(without, name)
			if err := settingFor("local", without).checkSession(); err == nil || !strings.Contains(err.Error(), name+" is missing") {
				t.Errorf("without %s: %v", name, err)
			}
		}
	})
	t.Run("another value is refused", func(t *testing.T) {
		if err := settingFor("local", map[string]string{sessionVariable: "true"}).checkSession(); err == nil {
			t.Error("true is taken for yes, or for nothing")
		}
	})
	t.Run("an environment on AWS does not ask for it", func(t *testing.T) {
		if err := settingFor("dev", map[string]string{sessionVariable: "yes"}).checkSession(); err != nil {
			t.Error(err)
		}
	})
}

// The operator's command line asks the emulator's name servers only where they answer.
func TestNameServerOfTheLocalEnvironment(t *testing.T) {
	s := setting{environment: "local", port: 4599, state: t.TempDir(), lookup: func(string) (string, bool) { return "", false }}
	if script := s.script(); strings.Contains(script, "WARMSTANDBY_NAME_SERVER") {
		t.Errorf("an emulator that is down has a name server:\n%s", script)
	}
	s.nameServer = "127.0.0.1:5399"
	if script := s.script(); !strings.Contains(script, "export WARMSTANDBY_NAME_SERVER='127.0.0.1:5399'\n") {
		t.Errorf("the name server is not exported:\n%s", script)
	}
	s.environment = "prod"
	if script := s.script(); strings.Contains(script, "WARMSTANDBY_NAME_SERVER") {
		t.Errorf("an environment on AWS asks the emulator:\n%s", script)
	}
}

// Commands that ask load balancers have the gateway as their proxy for https, too, and trust the load balancers' authority beside what the
// user trusts. A shell has neither: Go would look for modules there.
func TestVariablesForBalancers(t *testing.T) {
	s := settingFor("local-prod", map[string]string{"SSL_CERT_DIR": "/etc/company"})
	var printed strings.Builder
	if err := s.printJSON(&printed); err != nil {
		t.Fatal(err)
	}
	var read struct{ Set, Balancers map[string]string }
	if err := json.Unmarshal([]byte(printed.String()), &read); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"HTTPS_PROXY": "http://127.0.0.1:4599", "SSL_CERT_DIR": "/src/o'brien 100%/.state/certificates:/etc/company",
	}
	if !maps.Equal(read.Balancers, want) {
		t.Errorf("the variables for load balancers are %q, want %q", read.Balancers, want)
	}
	for name := range want {
		if value, set := read.Set[name]; set || strings.Contains(s.script(), name) {
			t.Errorf("%s is set for everything, to %q", name, value)
		}
	}
	if on := settingFor("prod", nil).balancers(); len(on) > 0 {
		t.Errorf("an environment on AWS has %q", on)
	}
}

// Another environment gets nothing of credentials or endpoints.
func TestEnvOnAWS(t *testing.T) {
	user := map[string]string{"PATH": "/bin", "PULUMI_BACKEND_URL": "file:///srv/state"}
	got := evaluated(t, settingFor("dev", user).script(), "AWS_PROFILE=work")
	want := map[string]string{
		"PATH":                     "/src/bin:/Users/ann lee/.cache/warmstandby/tools/source-0123/bin:/bin",
		"TMPDIR":                   "/src/o'brien 100%/.state/tmp",
		"WARMSTANDBY_ENV":          "dev",
		"WARMSTANDBY_MAKE":         "PORT=4599",
		"PULUMI_HOME":              "/Users/ann lee/.cache/warmstandby/tools/source-0123/home",
		"PULUMI_STACK":             "dev",
		"PULUMI_BACKEND_URL":       "file:///srv/state",
		"PULUMI_SKIP_UPDATE_CHECK": "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"GOFLAGS":       "-trimpath -buildvcs=false",
		"no_grpc_proxy": "127.0.0.1,localhost,::1",
		"AWS_PROFILE":   "work",
	}
	same(t, got, want)
}

func TestBackend(t *testing.T) {
	for _, c := range []struct {
		name, environment, chosen string
		want                      string // empty for a refusal
	}{
		{"the local environment's state lies beside its local AWS emulator", "local", "", "file:///src/o%27brien%20100%25/.state/pulumi"},
		{"the local environment's state is nowhere else", "local-two", "s3://team", "file:///src/o%27brien%20100%25/.state/pulumi"},
		{"a bucket that the user names is taken", "prod", "s3://team?region=us-west-2", "s3://team?region=us-west-2"},
		{"files that the user names are taken", "dev", "file:///srv/state", "file:///srv/state"},
		{"state on AWS is never kept in the clone by default", "dev", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := settingFor(c.environment, map[string]string{"PULUMI_BACKEND_URL": c.chosen}).backend()
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "set PULUMI_BACKEND_URL") {
				t.Errorf("%v does not say what to do", err)
			}
		})
	}
}

func TestProgramsReadTheSameVariablesAsShells(t *testing.T) {
	s := settingFor("local", map[string]string{"PATH": "/bin"})
	var printed strings.Builder
	if err := s.printJSON(&printed); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Set   map[string]string
		Unset []string
	}
	if err := json.Unmarshal([]byte(printed.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := evaluated(t, s.script(), "SHLVL=1") // Not nil, with which the shell would inherit this process's environment.
	same(t, got.Set, want)
	if !slices.Equal(got.Unset, s.unset()) {
		t.Errorf("unset are %q, want %q", got.Unset, s.unset())
	}
}

func TestPathDoesNotGrowWhenItIsSetAgain(t *testing.T) {
	for name, before := range map[string]string{
		"the same tools":  "/Users/ann lee/.cache/warmstandby/tools/source-0123/bin:/bin",
		"other tools":     "/Users/ann lee/.cache/warmstandby/tools/official-9876/bin:/bin",
		"nothing of ours": "/bin",
	} {
		t.Run(name, func(t *testing.T) {
			s := settingFor("local", map[string]string{"PATH": before})
			if got, want := s.path(), "/src/bin:/Users/ann lee/.cache/warmstandby/tools/source-0123/bin:/bin"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestTheSourceBuildIsNotForAWS(t *testing.T) {
	wanted := toolsFlags{root: t.TempDir(), environment: "dev", toolchain: "source"}
	if _, err := wanted.ensure(t.Context(), t.Output()); err == nil || !strings.Contains(err.Error(), "ENV=local only") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func FuzzAQuotedValueIsReadBackByTheShell(f *testing.F) {
	for _, seed := range []string{"", "plain", "with space", "o'brien", `"$HOME" $(id) \n`, "a\nb", "''", "-n", "ü*?[a]~#!"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsRune(value, 0) {
			return // no variable can hold it
		}
		output, err := exec.Command("/bin/sh", "-c", "v="+makecommand.SingleQuote(value)+`; printf %s "$v"`).Output()
		if err != nil || string(output) != value {
			t.Errorf("%q is read back as %q (%v)", value, output, err)
		}
	})
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	for name, value := range got {
		if _, expected := want[name]; !expected {
			t.Errorf("%s=%q is set and should not be", name, value)
		}
	}
}
