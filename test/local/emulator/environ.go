package emulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// inheritedVariables are the only variables of the user's environment that the emulator gets: it passes its environment on to
// the functions that it runs, and a credential or proxy in a shell must not reach them.
var inheritedVariables = []string{"PATH", "HOME", "LANG", "LC_ALL"}

// tempDir is the directory of files that need not outlive a run.
func (o Options) tempDir() string { return filepath.Join(o.Folder, "tmp") }

// servicesDir is the directory of the services' state, one file each. launch.py keeps the files of a save next to it.
func (o Options) servicesDir() string { return filepath.Join(o.Folder, "services") }

// environment returns the emulator's whole environment.
func environment(options Options, port int) ([]string, error) {
	nameServers, err := json.Marshal(options.NameServers)
	if err != nil {
		return nil, fmt.Errorf("writing the addresses of name servers: %w", err)
	}
	var env []string
	for _, name := range inheritedVariables {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for _, setting := range []struct{ name, value string }{
		{"GATEWAY_PORT", strconv.Itoa(port)},
		{"BIND_HOST", "127.0.0.1"},      // the default is every interface
		{"MINISTACK_HOST", "127.0.0.1"}, // the host in the addresses that it hands out
		{"IOT_MTLS_ENABLED", "0"},       // would listen on every interface, port 8883
		{"SFTP_ENABLED", "0"},           // would listen beside the gateway
		{"LAMBDA_EXECUTOR", "local"},    // functions are processes of this machine, not containers
		{"DOCKER_HOST", "unix://" + filepath.Join(options.Folder, "no-docker.sock")}, // no container is started or reaped
		{"AWS_ENDPOINT_URL", options.Endpoint},                                       // functions go through the gateway too
		// Functions reach load balancers by their names through the gateway, which resolves them. Python proxies this machine too,
		// unless NO_PROXY excludes it.
		{"HTTP_PROXY", options.Endpoint},
		{"NO_PROXY", "127.0.0.1,localhost"},
		// Node's functions trust it beside the authorities that Node knows. Not SSL_CERT_FILE, which would replace those.
		{"NODE_EXTRA_CA_CERTS", options.CA},
		{"FAULTS", options.Faults},
		{"NAME_SERVERS", string(nameServers)}, // launch.py takes it out and gives each function that of its region
		{"TMPDIR", options.tempDir()},         // what a kill leaves behind stays here
		{"PERSIST_STATE", "1"},
		{"STATE_DIR", options.servicesDir()},
		{"S3_PERSIST", "1"},
		{"S3_DATA_DIR", filepath.Join(options.Folder, "s3")},
		{"PYTHONUNBUFFERED", "1"}, // a crash must not swallow the last log lines
	} {
		env = append(env, fmt.Sprintf("%s=%s", setting.name, setting.value))
	}
	return env, nil
}
