package secondopinion

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// readyLimit is how long moto may take to answer: it imports what it needs, which takes seconds on a busy machine.
const readyLimit = 2 * time.Minute

// account is that of the local AWS emulator, which is in names and ARNs of the requests.
const account = "000000000000"

// Start starts moto's server on a free port of this machine, with the Python of its virtual environment, and returns its URL. stop ends
// it. Its output is in a file of the folder.
func Start(ctx context.Context, python, folder string) (endpoint string, stop func() error, err error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	output, err := os.Create(filepath.Join(folder, "moto.log"))
	if err != nil {
		return "", nil, fmt.Errorf("making moto's log: %w", err)
	}
	command := exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	command.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+account)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("starting moto: %w", err), output.Close())
	}
	stop = func() error {
		killed := command.Process.Kill()
		_ = command.Wait() // It ends by the kill, which is an error of it.
		return errors.Join(killed, output.Close())
	}
	endpoint = "http://127.0.0.1:" + port
	if err := awaitReady(ctx, endpoint); err != nil {
		return "", nil, errors.Join(fmt.Errorf("%w (log: %s)", err, output.Name()), stop())
	}
	return endpoint, stop, nil
}

func freePort(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a port for moto: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// awaitReady returns when moto answers.
func awaitReady(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	const poll = 200 * time.Millisecond
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/moto-api/data.json", nil)
		if err != nil {
			return fmt.Errorf("asking moto whether it is ready: %w", err)
		}
		response, err := direct.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("moto does not answer at %s: %w", endpoint, err)
		case <-time.After(poll):
		}
	}
}

// direct ignores the proxy in the environment, which may be the gateway.
var direct = &http.Client{Transport: &http.Transport{}}
