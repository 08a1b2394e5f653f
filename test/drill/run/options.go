package run

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/fault"
	"warmstandby/test/drill/fault/vpc"
)

// Options are the platform to drill and the means to do it.
type Options struct {
	access.Target
	Confirmed string        // the environment named a second time
	Operator  string        // the operator's command line
	Preview   string        // a shell command that fails if a stack does not preview without changes; empty skips it
	Tree      string        // the folder of the repository, whose commit the report names
	Since     time.Duration // how far back a timeline looks
	Sign      string        // a shell command that signs the file which is appended to it; empty signs nothing
	// Wait is the longest wait of a step, 0 for the scenario's own.
	Wait time.Duration
}

// openInjector returns the injector and the regions of the platform.
func (o Options) openInjector(ctx context.Context) (fault.Injector, []string, error) {
	_, deployed, err := o.Configuration(ctx)
	if err != nil {
		return nil, nil, err
	}
	regions := []string{deployed.PrimaryRegion, deployed.StandbyRegion}
	settings, err := access.AWSConfigs(ctx, regions...)
	return o.injector(settings), regions, err
}

func (o Options) injector(settings map[string]aws.Config) fault.Injector {
	if o.Embedded() {
		return fault.NewLocal(o.Local, o.State)
	}
	networks := map[string]fault.Network{}
	for region, awsConfig := range settings {
		networks[region] = vpc.New(awsConfig)
	}
	return fault.AWS{Environment: o.Environment, Confirmed: o.Confirmed, Networks: networks}
}

// operator prepares a command of the operator's command line for the environment.
func (o Options) operator(ctx context.Context, command string, arguments ...string) *exec.Cmd {
	return exec.CommandContext(ctx, o.Operator, append([]string{command, "--env", o.Environment, "--region", o.Region}, arguments...)...)
}

// operate runs a command of the operator's command line.
func (o Options) operate(ctx context.Context, command []string) error {
	output, err := o.operator(ctx, command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

// preview runs the preview command.
func (o Options) preview(ctx context.Context) evidence.Preview {
	const maxOutput = 8 << 10 // of what it printed, its end
	output, err := exec.CommandContext(ctx, "sh", "-c", o.Preview).CombinedOutput()
	return evidence.Preview{Clean: err == nil, Output: string(output[max(0, len(output)-maxOutput):])}
}
