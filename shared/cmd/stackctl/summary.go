package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"warmstandby/shared/shell"
)

// noStack is what Pulumi says of a stack that was never made.
const noStack = "no stack named"

// summarized are the stacks whose outputs the summary reads.
var summarized = []string{"foundation-network", "data-global", "global-edge"}

// summary prints where the platform is reached, and the commands with which a person goes on.
func summary(ctx context.Context, c *controller, _ []string) error {
	exported := map[string]json.RawMessage{}
	for _, stack := range summarized {
		printed, err := c.output(ctx, stackFolder(stack), "pulumi", "stack", "output", "--json", "--stack", c.settings.environment)
		if err != nil && strings.Contains(err.Error(), noStack) {
			printed, err = []byte("null"), nil // The summary names each stack that is not deployed.
		}
		if err != nil {
			return fmt.Errorf("reading the outputs of %s: %w", stack, err)
		}
		exported[stack] = printed
	}
	all, err := json.Marshal(exported)
	if err != nil {
		return fmt.Errorf("joining the stacks' outputs: %w", err)
	}
	e, err := c.resolve(ctx)
	if err != nil {
		return err
	}
	call := []string{c.built("summary")}
	if c.yes("JSON") {
		call = append(call, "-json")
	}
	err = c.process(ctx, process{
		directory:   c.root,
		arguments:   call,
		environment: e.variables(c.environ()),
		stdin:       bytes.NewReader(all),
		stdout:      c.stdout,
		stderr:      c.stderr,
	})
	if err != nil || c.yes("JSON") {
		return err
	}
	_, err = io.WriteString(c.stdout, c.hints(exported["global-edge"]))
	return err
}

// hints are whole commands for this environment, which can be typed as they stand in the repository's folder.
func (c *controller) hints(edge json.RawMessage) string {
	var exported struct {
		GlobalURL string `json:"globalUrl"`
	}
	if err := json.Unmarshal(edge, &exported); err != nil || exported.GlobalURL == "" {
		return ""
	}
	var lines strings.Builder
	lines.WriteString("\n")
	for _, h := range [][2]string{
		{"to ask it", c.request(exported.GlobalURL)},
		{"to see its state", c.command("status")},
		{"to see notices", c.command("notices")},
		{"to remove it", c.command("destroy")},
	} {
		fmt.Fprintf(&lines, "%-19s%s\n", h[0], h[1])
	}
	return lines.String()
}

// balancersAuthority is the certificate of the authority that signs those of load balancers on the local AWS emulator.
func (c *controller) balancersAuthority() string {
	return filepath.Join(c.state, "certificates", "ca.pem")
}

// request is a request to the application. On the local AWS emulator the gateway is the proxy by which names are reached that are in
// no DNS server of this machine, and make gives a token; on AWS the issuer's token is the caller's own.
func (c *controller) request(url string) string {
	// A new platform answers 503 until its function has migrated the database, which its maintenance does within a minute. curl tries
	// again at 503 and other answers that pass.
	const curl = "curl -fsS --retry 20 --retry-delay 5"
	if !c.emulated() {
		return curl + " " + shell.Quote(url+"/healthz")
	}
	trusted := ""
	if strings.HasPrefix(url, "https:") {
		trusted = " --cacert " + shell.Quote(c.short(c.balancersAuthority()))
	}
	return fmt.Sprintf(curl+` --proxy http://127.0.0.1:%s%s -H "Authorization: Bearer $(%s)" -H "Content-Type: application/json" -d %s %s`,
		c.port, trusted, c.command("-s token"), shell.Quote(`{"patient":"p-1"}`), shell.Quote(url+"/records/search"))
}
