// Command pulumi-resource-awsx is a stand-in for the official pulumi-awsx plugin, for machines that cannot download it.
//
// It implements the component awsx:ec2:Vpc with subnetStrategy "Auto" and registers, resource by resource, what the
// official plugin v2.22.0 registers for the same inputs. Whatever it does not implement it refuses, naming the official
// plugin, so that a program which runs with it runs unchanged with the official one.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	err := provider.Main(pluginName, func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		if host == nil {
			return nil, errors.New("the engine's address is missing: this plugin is started by the Pulumi CLI, not by hand")
		}
		return &server{engine: host.EngineConn()}, nil
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s plugin: %v\n", pluginName, err)
		os.Exit(1)
	}
}
