package emulator

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// inheritedVariables are the only variables of the user's environment that the emulator gets: it passes its environment on to
// the functions that it runs, and a credential or proxy in a shell must not reach them.
var inheritedVariables = []string{"PATH", "HOME", "LANG", "LC_ALL"}

// tempDir is the directory of files that need not outlive a run.
func (o Options) tempDir() string { return filepath.Join(o.Folder, "tmp") }

// Recording is the name of a file in the folder of [Options]. Where it is there when the emulator starts, the calls of people and functions
// are added to it, as recording.py has them.
const Recording = "recording.jsonl"

// servicesDir is the directory of the services' state, one file each. launch.py keeps the files of a save next to it.
func (o Options) servicesDir() string { return filepath.Join(o.Folder, "services") }

// functionVariables returns, by region, what the functions of a region have in their environment besides what all have, as JSON:
// where they reach name servers, how they reach load balancers that speak TLS, and their region, which the gateway reads from requests to
// know what crosses regions. The latter is the user of the proxy, and the application id that SDKs send. SSL_CERT_DIR adds the authority of
// load balancers to those that Go knows (crypto/x509, SystemCertPool). AWS: AWS SDKs and Tools Reference Guide, "Application
// ID".
func functionVariables(options Options) (string, error) {
	endpoint, err := url.Parse(options.Endpoint)
	if err != nil {
		return "", fmt.Errorf("reading the gateway's URL: %w", err)
	}
	regions := map[string]map[string]string{}
	for region, server := range options.NameServers {
		proxy := *endpoint
		proxy.User = url.User(region)
		regions[region] = map[string]string{
			"WARMSTANDBY_NAME_SERVER": server, "HTTP_PROXY": proxy.String(), "HTTPS_PROXY": proxy.String(), "AWS_SDK_UA_APP_ID": region,
			"SSL_CERT_DIR": options.BalancerCAs,
		}
	}
	content, err := json.Marshal(regions)
	if err != nil {
		return "", fmt.Errorf("writing the variables of functions: %w", err)
	}
	return string(content), nil
}

// environment returns the emulator's whole environment.
func environment(options Options, port int) ([]string, error) {
	variables, err := functionVariables(options)
	if err != nil {
		return nil, err
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
		{"AUTH", "true"}, // requests are judged: by whom they are signed, and what policies allow
		{"BUS_POLICIES", options.BusPolicies},
		{"BACKUP_CALENDAR", options.BackupCalendar},
		{"RECORDING", filepath.Join(options.Folder, Recording)},
		{"IAM_PROPAGATION", strconv.FormatFloat(options.Propagation.Seconds(), 'f', -1, 64)},
		{"FUNCTION_VARIABLES", variables}, // workers.py takes it out and gives each function those of its region
		{"TMPDIR", options.tempDir()},     // what a kill leaves behind stays here
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
