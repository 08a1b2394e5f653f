package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// inherited are the only variables of the user's that the emulator sees: it hands its own environment to the functions
// that it runs, so a credential or a proxy in a shell would reach them.
var inherited = []string{"PATH", "HOME", "LANG", "LC_ALL"}

// temporary is the folder of files that no run needs from the one before.
func (o Options) temporary() string { return filepath.Join(o.Folder, "tmp") }

// services is the folder of the services' state, a file each; launch.py keeps what belongs to a save beside it.
func (o Options) services() string { return filepath.Join(o.Folder, "services") }

// settings returns the emulator's whole environment.
func settings(options Options, port int) []string {
	var env []string
	for _, name := range inherited {
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
		// unless it is told not to.
		{"HTTP_PROXY", options.Endpoint},
		{"NO_PROXY", "127.0.0.1,localhost"},
		// Node's functions trust it beside the authorities that Node knows. Not SSL_CERT_FILE, which would replace those.
		{"NODE_EXTRA_CA_CERTS", options.CA},
		{"FAULTS", options.Faults},
		{"TMPDIR", options.temporary()}, // what a kill leaves behind stays here
		{"PERSIST_STATE", "1"},
		{"STATE_DIR", options.services()},
		{"S3_PERSIST", "1"},
		{"S3_DATA_DIR", filepath.Join(options.Folder, "s3")},
		{"PYTHONUNBUFFERED", "1"}, // a crash must not swallow the last log lines
	} {
		env = append(env, fmt.Sprintf("%s=%s", setting.name, setting.value))
	}
	return env
}
