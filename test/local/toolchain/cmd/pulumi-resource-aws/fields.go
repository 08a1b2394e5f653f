package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
)

// fields is where a Terraform type differs from the bridge's own rules.
func (t tokenMap) fields(terraformType string) map[string]*info.Schema {
	fields := map[string]*info.Schema{}
	for property, name := range t.Names[terraformType] {
		fieldAt(fields, property).Name = name
	}
	for _, path := range t.Lists[terraformType] {
		fieldAt(fields, path).MaxItemsOne = tfbridge.False()
	}
	for _, path := range t.Integers[terraformType] {
		fieldAt(fields, path).Type = "integer"
	}
	for _, path := range t.Archives[terraformType] {
		// The bridge names the file by the archive's hash, so that a changed archive is a changed path.
		fieldAt(fields, path).Asset = &info.AssetTranslation{Kind: info.FileArchive, Format: archive.ZIPArchive}
	}
	return fields
}

// fieldAt returns the field at a path of blocks, and makes what is not there on the way.
func fieldAt(fields map[string]*info.Schema, path string) *info.Schema {
	name, rest, nested := strings.Cut(path, ".")
	if fields[name] == nil {
		fields[name] = &info.Schema{}
	}
	field := fields[name]
	if !nested {
		return field
	}
	if field.Elem == nil {
		field.Elem = &info.Schema{Fields: map[string]*info.Schema{}}
	}
	return fieldAt(field.Elem.Fields, rest)
}

// inside is where the elements of a block differ.
func inside(field *info.Schema) map[string]*info.Schema {
	if field == nil || field.Elem == nil {
		return nil
	}
	return field.Elem.Fields
}
