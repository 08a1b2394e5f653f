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

// upstream holds the contracts of the stacks that this one references, and of each the region's own part.
type upstream struct {
	foundation contract.FoundationNetwork
	data       contract.DataGlobal
	network    contract.RegionNetwork
	stored     contract.RegionData
}

func readUpstream(ctx *pulumi.Context, role naming.Role) (upstream, error) {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return upstream{}, err
	}
	data, err := contract.ReadDataGlobal(ctx)
	if err != nil {
		return upstream{}, err
	}
	switch role {
	case naming.Primary:
		return upstream{foundation: foundation, data: data, network: foundation.Primary, stored: data.Primary}, nil
	case naming.Secondary:
		return upstream{foundation: foundation, data: data, network: foundation.Standby, stored: data.Standby}, nil
	}
	return upstream{}, fmt.Errorf("finding the region of the role %q: it is %s or %s", role, naming.Primary, naming.Secondary)
}

func (u upstream) constraints() settings.UpstreamConstraints {
	return settings.UpstreamConstraints{
		Profile:      settings.Profile(u.foundation.Profile.Get()),
		Region:       u.network.Region.Get(),
		ListenerPort: u.foundation.ListenerPort.Get(),
	}
}

func (u upstream) args(in region.Region, config settings.Application, code pulumi.Archive) application.Args {
	return application.Args{
		Region: in,
		Network: application.Network{
			PublicSubnetIDs:             u.network.PublicSubnetIDs.Get(),
			PrivateSubnetIDs:            u.network.PrivateSubnetIDs.Get(),
			LoadBalancerSecurityGroupID: u.network.LoadBalancerSecurityGroupID.Get(),
			FunctionSecurityGroupID:     u.network.FunctionSecurityGroupID.Get(),
		},
		Data: application.Data{
			ParameterPath:      u.data.ParameterPath.Get(),
			KeyARN:             u.stored.KeyARN.Get(),
			SecretARN:          u.stored.SecretARN.Get(),
			DocumentsBucketARN: u.stored.DocumentsBucketARN.Get(),
			EventBusARN:        u.stored.EventBusARN.Get(),
			BackupVaultName:    u.stored.BackupVaultName.Get(),
		},
		Code:                 code,
		ListenerPort:         u.foundation.ListenerPort.Get(),
		CertificateARN:       config.CertificateARN,
		MemoryMB:             config.MemoryMB,
		TimeoutSeconds:       config.TimeoutSeconds,
		LogLevel:             config.LogLevel,
		LogRetentionDays:     config.LogRetentionDays,
		AuditRetentionDays:   config.AuditRetentionDays,
		VersionRetentionDays: config.VersionRetentionDays,
		LegalHold:            config.LegalHold,
		Firewall:             application.Firewall{Enabled: config.WAF, RateLimit: config.WAFRateLimit},
		ConcurrencyQuota:     config.ConcurrencyQuota,
		NotificationEmails:   config.NotificationEmails,
		Protection:           u.foundation.Protection.Get(),
	}
}
