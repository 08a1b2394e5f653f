package pulumitest

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/invariant"
)

// Deployed returns the resources of a run as a state has them after the update: what the mocks answered is AWS's answer. Tags are the
// resource's own and the provider's, as AWS has both. Code is represented by its hash.
func (r *Recording) Deployed() []invariant.Resource {
	providers := map[string]map[string]any{} // the default tags, by region
	for _, provider := range r.OfType(providerType) {
		tags, _ := provider.Input("defaultTags.tags").(map[string]any)
		providers[provider.Text("region")] = tags
	}
	var resources []invariant.Resource
	for _, made := range r.Resources {
		if !made.Request.GetCustom() || made.Type == providerType || made.Type == stackReferenceType {
			continue
		}
		region := r.Region(made)
		outputs := plain(made.Outputs)
		outputs["id"] = made.ID
		if invariant.Types[made.Type].Untagged == "" {
			all := maps.Clone(providers[region])
			if all == nil {
				all = map[string]any{}
			}
			own, _ := outputs["tags"].(map[string]any)
			maps.Copy(all, own)
			outputs["tagsAll"] = all
		}
		resources = append(resources, invariant.Resource{
			Type: made.Type, Name: made.Name, Stack: r.Project, Region: region, ID: made.ID,
			Inputs: plain(made.Inputs), Outputs: outputs,
		})
	}
	return resources
}

// plain returns properties as a state's JSON has them: numbers are float64, secrets are their values.
func plain(properties resource.PropertyMap) invariant.Properties {
	return properties.MapRepl(nil, func(value resource.PropertyValue) (any, bool) {
		switch {
		case value.IsSecret():
			return plain(resource.PropertyMap{"value": value.SecretValue().Element})["value"], true
		case value.IsArchive():
			return value.ArchiveValue().Hash, true
		}
		return nil, false
	})
}
