package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// providerModule is the AWS provider for Terraform. Each of its services lists its own types in one generated file.
const (
	providerModule  = "github.com/hashicorp/terraform-provider-aws"
	servicesDir     = "internal/service"
	serviceTypeFile = "service_package_gen.go"
)

// serviceTypes returns the generated file of each of the provider's services, by the service's name.
func serviceTypes(provider string) (map[string][]byte, error) {
	files, err := filepath.Glob(filepath.Join(provider, servicesDir, "*", serviceTypeFile))
	if err == nil && len(files) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the AWS provider's services, %s/*/%s: %w", servicesDir, serviceTypeFile, err)
	}
	types := map[string][]byte{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the types of a service: %w", err)
		}
		types[filepath.Base(filepath.Dir(file))] = bytes.Join(bytes.Fields(content), []byte(" "))
	}
	return types, nil
}

// called are the services without a mapped type that another service needs at run time: the one that has the need.
var called = map[string]string{
	"s3control": "s3", // A bucket's tags are read and written through it.
}

// serviceFaults compares the listed services with those that the mapped types live in.
func serviceFaults(types map[string][]byte, listed []string, mapped map[string]string) []string {
	var faults []string
	needed := map[string]bool{}
	for _, token := range slices.Sorted(maps.Keys(mapped)) {
		home := ""
		for service, list := range types {
			if bytes.Contains(list, fmt.Appendf(nil, "TypeName: %q", mapped[token])) {
				home = service
			}
		}
		needed[home] = true
		switch {
		case home == "":
			faults = append(faults, fmt.Sprintf("%s stands in tokens.json for %s, which the AWS provider has not", mapped[token], token))
		case !slices.Contains(listed, home):
			faults = append(faults, fmt.Sprintf("%s (%s) is of service %s: add it to services.txt", mapped[token], token, home))
		}
	}
	for i, service := range listed {
		switch {
		case slices.Contains(listed[:i], service):
			faults = append(faults, service+" is listed twice: remove one from services.txt")
		case !needed[service] && !needed[called[service]]:
			faults = append(faults, "no mapped type is of service "+service+": remove it from services.txt")
		}
	}
	return faults
}

// listedServices reads services.txt: words, and comments from # to the end of the line.
func listedServices(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(servicesFile)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(content)) {
		text, _, _ := strings.Cut(line, "#")
		listed = append(listed, strings.Fields(text)...)
	}
	return listed
}

func TestTheServicesAreExactlyThoseOfTheMappedTypes(t *testing.T) {
	provider, err := moduleDir(t.Context(), toolchainDir, providerModule)
	if err != nil {
		t.Fatal(err)
	}
	types, err := serviceTypes(provider)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range serviceFaults(types, listedServices(t), loadTokens(t).all()) {
		t.Error(fault)
	}
}

func TestAFaultyServiceListIsNamed(t *testing.T) {
	types := map[string][]byte{
		"ec2": []byte(
			`TypeName: "aws_vpc", TypeName: "aws_subnet",`,
		), "iam": []byte(`TypeName: "aws_iam_role",`), "s3": []byte(`TypeName: "aws_s3_bucket",`),
	}
	mapped := map[string]string{"aws:ec2/vpc:Vpc": "aws_vpc", "aws:iam/role:Role": "aws_iam_role"}
	for _, c := range []struct {
		name   string
		listed []string
		mapped map[string]string
		want   []string
	}{
		{"an exact list has none", []string{"ec2", "iam"}, mapped, nil},
		{
			"a type whose service is not listed", []string{"ec2"}, mapped,
			[]string{"aws_iam_role (aws:iam/role:Role) is of service iam: add it to services.txt"},
		},
		{
			"a service without a mapped type", []string{"ec2", "iam", "s3"}, mapped,
			[]string{"no mapped type is of service s3: remove it from services.txt"},
		},
		{
			"a service that only another one calls", []string{"s3", "s3control"}, map[string]string{"aws:s3/bucketV2:BucketV2": "aws_s3_bucket"},
			nil,
		},
		{"a service listed twice", []string{"ec2", "iam", "ec2"}, mapped, []string{"ec2 is listed twice: remove one from services.txt"}},
		{"a type that only begins like a known one", []string{"iam"}, map[string]string{
			"aws:ec2/v:V": "aws_vp", "aws:iam/role:Role": "aws_iam_role",
		},
			[]string{"aws_vp stands in tokens.json for aws:ec2/v:V, which the AWS provider has not"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := serviceFaults(types, c.listed, c.mapped); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
