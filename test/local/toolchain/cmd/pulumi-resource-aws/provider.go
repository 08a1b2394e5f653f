package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-provider-aws/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	tfshim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"warmstandby/test/local/toolchain/omit"
)

// The official plugin names what a program leaves unnamed in the same way.
const (
	autonameLimit     = 255
	autonameSeparator = "-"
)

// dispatcher is the muxed provider: it knows which of its two halves serves which token.
type dispatcher interface {
	ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
}

// providerInfo maps the tokens of tokens.json onto the two halves of the AWS provider, and leaves all else out.
func providerInfo(ctx context.Context) (tfbridge.ProviderInfo, error) {
	classic, modern, err := shim.New(ctx)
	if err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	mapping, err := readTokens()
	if err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	mapped := keepMapped(classic, modern, mapping)
	if err := omit.Blocks(classic.ResourcesMap, mapping.Omitted); err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	muxed := pf.MuxShimWithPF(ctx, sdkv2.NewProvider(classic), mapped)
	meta, err := metadata.New(nil)
	if err != nil {
		return tfbridge.ProviderInfo{}, fmt.Errorf("making the bridge's metadata: %w", err)
	}
	provider := tfbridge.ProviderInfo{
		P: muxed, Name: "aws", Version: pluginVersion,
		MetadataInfo: &info.Metadata{Path: "none", Data: meta}, // The path is for the bridge's code generator alone.
		Resources:    map[string]*info.Resource{},
		DataSources:  map[string]*info.DataSource{},
	}
	for token, terraformType := range mapping.Resources {
		provider.Resources[terraformType] = &info.Resource{
			Tok:    tokens.Type(token),
			Fields: mapping.fields(terraformType),
		}
	}
	for token, terraformType := range mapping.Functions {
		provider.DataSources[terraformType] = &info.DataSource{
			Tok:    tokens.ModuleMember(token),
			Fields: mapping.fields(terraformType),
		}
	}
	missing := append(lacking(muxed.ResourcesMap(), provider.Resources), lacking(muxed.DataSourcesMap(), provider.DataSources)...)
	if len(missing) > 0 {
		return tfbridge.ProviderInfo{}, fmt.Errorf(
			"tokens.json maps %s, not in the AWS provider as built here: is the service in services.txt?", strings.Join(missing, ", "),
		)
	}
	provider.SetAutonaming(autonameLimit, autonameSeparator)

	resolver, ok := muxed.(dispatcher)
	if !ok {
		return tfbridge.ProviderInfo{}, fmt.Errorf("the bridge's muxed provider %T cannot resolve its dispatch", muxed)
	}
	dispatch, err := resolver.ResolveDispatch(&provider)
	if err != nil {
		return tfbridge.ProviderInfo{}, fmt.Errorf("finding which half of the AWS provider serves which type: %w", err)
	}
	if err := metadata.Set(meta, "mux", dispatch); err != nil {
		return tfbridge.ProviderInfo{}, fmt.Errorf("storing the dispatch table: %w", err)
	}
	return provider, nil
}

// lacking lists the mapped types that the provider has not: the bridge would end in a panic at the first of them.
func lacking[T any](all tfshim.ResourceMap, mapped map[string]T) []string {
	var names []string
	for name := range mapped {
		if _, ok := all.GetOk(name); !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
