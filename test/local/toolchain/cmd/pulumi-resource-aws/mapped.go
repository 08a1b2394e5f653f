package main

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// mappedProvider is the half of the AWS provider on Terraform's plugin framework, with the mapped types alone.
type mappedProvider struct {
	fwprovider.ProviderWithMetaSchema // Its types read the metadata, which Provider alone does not declare.

	resources, dataSources map[string]bool // by Terraform's name
}

// keepMapped takes the types that no token maps to out of both halves of the AWS provider. When the plugin starts, which every stack
// waits for, the bridge walks through all types of the services. Those of AWS WAF, whose statements are nested, take two seconds.
func keepMapped(classic *schema.Provider, modern fwprovider.ProviderWithMetaSchema, mapping tokenMap) fwprovider.Provider {
	kept := mappedProvider{modern, terraformTypes(mapping.Resources), terraformTypes(mapping.Functions)}
	unused := func(kept map[string]bool) func(string, *schema.Resource) bool {
		return func(name string, _ *schema.Resource) bool { return !kept[name] }
	}
	maps.DeleteFunc(classic.ResourcesMap, unused(kept.resources))
	maps.DeleteFunc(classic.DataSourcesMap, unused(kept.dataSources))
	return kept
}

// terraformTypes returns the set of Terraform's names that tokens map to.
func terraformTypes(tokens map[string]string) map[string]bool {
	types := map[string]bool{}
	for _, terraformType := range tokens {
		types[terraformType] = true
	}
	return types
}

// Resources returns the constructors of the mapped resources.
func (p mappedProvider) Resources(ctx context.Context) []func() resource.Resource {
	return slices.DeleteFunc(slices.Clone(p.ProviderWithMetaSchema.Resources(ctx)), func(construct func() resource.Resource) bool {
		var response resource.MetadataResponse
		construct().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "aws"}, &response)
		return !p.resources[response.TypeName]
	})
}

// DataSources returns the constructors of the mapped data sources.
func (p mappedProvider) DataSources(ctx context.Context) []func() datasource.DataSource {
	return slices.DeleteFunc(slices.Clone(p.ProviderWithMetaSchema.DataSources(ctx)), func(construct func() datasource.DataSource) bool {
		var response datasource.MetadataResponse
		construct().Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "aws"}, &response)
		return !p.dataSources[response.TypeName]
	})
}
