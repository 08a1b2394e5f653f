package main

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	defaultCIDRBlock   = "10.0.0.0/16"
	defaultZoneCount   = 3
	defaultNATStrategy = "OnePerAz"
	autoStrategy       = "Auto"
)

// inputs are the implemented inputs of awsx:ec2:Vpc, under the schema's names. A field of a Go type is "plain" in the
// schema: its value must be known while the component is constructed. The others may be outputs.
type inputs struct {
	CIDRBlock                 *string               `pulumi:"cidrBlock"`
	AvailabilityZoneNames     []string              `pulumi:"availabilityZoneNames"`
	NumberOfAvailabilityZones *int                  `pulumi:"numberOfAvailabilityZones"`
	AvailabilityZoneCIDRMask  *int                  `pulumi:"availabilityZoneCidrMask"`
	SubnetStrategy            *string               `pulumi:"subnetStrategy"`
	SubnetSpecs               []subnetSpec          `pulumi:"subnetSpecs"`
	NATGateways               *natInputs            `pulumi:"natGateways"`
	EnableDNSHostnames        pulumi.BoolInput      `pulumi:"enableDnsHostnames"`
	EnableDNSSupport          pulumi.BoolInput      `pulumi:"enableDnsSupport"`
	Tags                      pulumi.StringMapInput `pulumi:"tags"`
}

// subnetSpec is one subnet of every availability zone.
type subnetSpec struct {
	Type     string                `pulumi:"type"`
	Name     *string               `pulumi:"name"`
	CIDRMask *int                  `pulumi:"cidrMask"`
	Size     *int                  `pulumi:"size"` // addresses
	Tags     pulumi.StringMapInput `pulumi:"tags"`
}

type natInputs struct {
	Strategy               *string              `pulumi:"strategy"`
	ElasticIPAllocationIDs []pulumi.StringInput `pulumi:"elasticIpAllocationIds"`
}

// readInputs decodes and validates what needs no availability zones. raw is what the engine sent, values the same as
// the SDK decodes it; what only the official plugin implements is an error that names every such input.
func readInputs(raw *structpb.Struct, values provider.ConstructInputs) (*inputs, error) {
	args := &inputs{}
	if err := values.CopyTo(args); err != nil {
		return nil, fmt.Errorf("reading inputs of %s, where all but tags, enableDnsHostnames, enableDnsSupport and "+
			"elasticIpAllocationIds must be known and no secret: %w", vpcToken, err)
	}
	var unread []string
	var faults []error
	walk("", reflect.TypeFor[inputs](), structpb.NewStructValue(raw), &unread, &faults)
	if len(unread) > 0 {
		slices.Sort(unread)
		return nil, notImplemented("input " + strings.Join(unread, ", "))
	}
	faults = append(faults, args.validate()...)
	return args, errors.Join(faults...)
}

// validate finds every fault that is visible in the inputs alone.
func (a *inputs) validate() []error {
	var faults []error
	if a.SubnetStrategy == nil {
		faults = append(faults, notImplemented(`subnetStrategy "Legacy" (the default when none is given; give "Auto")`))
	} else if *a.SubnetStrategy != autoStrategy {
		faults = append(faults, notImplemented(fmt.Sprintf("subnetStrategy %q", *a.SubnetStrategy)))
	}
	if a.AvailabilityZoneNames != nil && a.NumberOfAvailabilityZones != nil {
		faults = append(faults,
			officialError("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified"))
	} else if a.zoneCount() < 1 {
		faults = append(faults, notImplemented("a VPC with no availability zones"))
	}
	for i, zone := range a.AvailabilityZoneNames {
		if slices.Contains(a.AvailabilityZoneNames[:i], zone) {
			faults = append(faults, fmt.Errorf("availabilityZoneNames has %q twice: name each zone once", zone))
		}
	}
	if !mergeable(a.Tags) {
		faults = append(faults, notImplemented("tags that are one output (a map whose values are outputs is implemented)"))
	}
	for i, spec := range a.SubnetSpecs {
		if !mergeable(spec.Tags) {
			faults = append(faults, notImplemented(fmt.Sprintf("subnetSpecs[%d].tags that are one output", i)))
		}
		if _, err := spec.kind(); err != nil {
			faults = append(faults, fmt.Errorf("subnetSpecs[%d].type: %w", i, err))
		}
	}
	return faults
}

// zoneCount is how many availability zones the VPC is to span.
func (a *inputs) zoneCount() int {
	if a.AvailabilityZoneNames != nil {
		return len(a.AvailabilityZoneNames)
	}
	return valueOr(a.NumberOfAvailabilityZones, defaultZoneCount)
}

// mergeable tells whether tags are a map, to which the component adds its own, and not one output of a map: from such
// an output the official plugin loses the Name and SubnetType tags.
func mergeable(tags pulumi.StringMapInput) bool {
	_, isMap := tags.(pulumi.StringMap)
	return tags == nil || isMap
}

// walk compares value with the inputs that type t declares. It appends to unread the path of each value that t has no
// field for, and to faults the numbers that are not whole, which decoding would cut off in silence.
func walk(path string, t reflect.Type, value *structpb.Value, unread *[]string, faults *[]error) {
	switch t.Kind() {
	case reflect.Pointer:
		walk(path, t.Elem(), value, unread, faults)
	case reflect.Slice:
		for i, element := range value.GetListValue().GetValues() {
			walk(fmt.Sprintf("%s[%d]", path, i), t.Elem(), element, unread, faults)
		}
	case reflect.Int:
		if n := value.GetNumberValue(); n != math.Trunc(n) {
			*faults = append(*faults, fmt.Errorf("%s is %v: give a whole number", path, n))
		}
	case reflect.Struct:
		declared := map[string]reflect.Type{}
		for field := range t.Fields() {
			declared[field.Tag.Get("pulumi")] = field.Type
		}
		for key, element := range value.GetStructValue().GetFields() {
			if _, isNull := element.GetKind().(*structpb.Value_NullValue); isNull {
				continue
			}
			inner := strings.TrimPrefix(path+"."+key, ".")
			if fieldType, ok := declared[key]; ok {
				walk(inner, fieldType, element, unread, faults)
			} else {
				*unread = append(*unread, inner)
			}
		}
	}
}

// valueOr gives what p points to, or the default when the input was not given.
func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
