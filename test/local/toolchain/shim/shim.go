// Package shim hands out the AWS provider for Terraform. It is a module named below the provider's own path, because Go
// lets only such packages import the provider's internal ones.
package shim

import (
	"context"
	"fmt"

	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-provider-aws/internal"
	"github.com/hashicorp/terraform-provider-aws/internal/provider/framework"
	"github.com/hashicorp/terraform-provider-aws/internal/provider/sdkv2"
)

// New returns the two halves of the provider: the one on Terraform's plugin SDK and the one on its plugin framework,
// which shares the first one's configured AWS clients.
func New(ctx context.Context) (*schema.Provider, fwprovider.ProviderWithMetaSchema, error) {
	internal.RegisterSmarterrFS()
	classic, err := sdkv2.NewProvider(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("making the plugin SDK's half of the provider: %w", err)
	}
	modern, err := framework.NewProvider(ctx, classic)
	if err != nil {
		return nil, nil, fmt.Errorf("making the plugin framework's half of the provider: %w", err)
	}
	described, ok := modern.(fwprovider.ProviderWithMetaSchema)
	if !ok {
		return nil, nil, fmt.Errorf("the plugin framework's half of the provider, %T, has no schema of its metadata", modern)
	}
	return classic, described, nil
}
