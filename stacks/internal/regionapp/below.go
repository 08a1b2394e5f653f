package regionapp

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/application"
	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// below is what the layers below tell, with the region's own part of it.
type below struct {
	foundation contract.FoundationNetwork
	data       contract.DataGlobal
	network    contract.RegionNetwork
	stored     contract.RegionData
}

func readBelow(ctx *pulumi.Context, role naming.Role) (below, error) {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return below{}, err
	}
	data, err := contract.ReadDataGlobal(ctx)
	if err != nil {
		return below{}, err
	}
	switch role {
	case naming.Primary:
		return below{foundation, data, foundation.Primary, data.Primary}, nil
	case naming.Secondary:
		return below{foundation, data, foundation.Standby, data.Standby}, nil
	}
	return below{}, fmt.Errorf("finding the region of the role %q: it is %s or %s", role, naming.Primary, naming.Secondary)
}

func (b below) surroundings() settings.Surroundings {
	return settings.Surroundings{
		Profile:      settings.Profile(b.foundation.Profile.Get()),
		Region:       b.network.Region.Get(),
		ListenerPort: b.foundation.ListenerPort.Get(),
	}
}

func (b below) args(in region.Region, config settings.Application, code pulumi.Archive) application.Args {
	return application.Args{
		Region: in,
		Network: application.Network{
			PublicSubnetIDs:             b.network.PublicSubnetIDs.Get(),
			PrivateSubnetIDs:            b.network.PrivateSubnetIDs.Get(),
			LoadBalancerSecurityGroupID: b.network.LoadBalancerSecurityGroupID.Get(),
			FunctionSecurityGroupID:     b.network.FunctionSecurityGroupID.Get(),
		},
		Data: application.Data{
			ParameterPath:      b.data.ParameterPath.Get(),
			KeyARN:             b.stored.KeyARN.Get(),
			SecretARN:          b.stored.SecretARN.Get(),
			DocumentsBucketARN: b.stored.DocumentsBucketARN.Get(),
			EventBusARN:        b.stored.EventBusARN.Get(),
		},
		Code:               code,
		ListenerPort:       b.foundation.ListenerPort.Get(),
		CertificateARN:     config.CertificateARN,
		MemoryMB:           config.MemoryMB,
		TimeoutSeconds:     config.TimeoutSeconds,
		LogLevel:           config.LogLevel,
		LogRetentionDays:   config.LogRetentionDays,
		NotificationEmails: config.NotificationEmails,
		Protection:         b.foundation.Protection.Get(),
	}
}
