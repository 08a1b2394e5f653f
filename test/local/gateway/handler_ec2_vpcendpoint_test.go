package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// endpoints is an emulator with one endpoint of a type.
func endpoints(kind string) http.HandlerFunc {
	fields := fmt.Sprintf("<vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>%s</vpcEndpointType>", kind)
	return canned(map[string]string{
		"CreateVpcEndpoint":    "<R><vpcEndpoint>" + fields + "</vpcEndpoint></R>",
		"ModifyVpcEndpoint":    "<R><return>true</return></R>",
		"DeleteVpcEndpoints":   "<R><unsuccessful/></R>",
		"DescribeVpcEndpoints": "<R><vpcEndpointSet><item>" + fields + "</item></vpcEndpointSet></R>",
	})
}

func TestAnEndpointReadsBackAsPut(t *testing.T) {
	const put = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`
	escapedPut := strings.ReplaceAll(put, `"`, "&#34;")
	for name, test := range map[string]struct {
		kind           string
		create, modify []string
		want, not      []string
	}{
		"private DNS and groups": {kind: "Interface",
			create: []string{"PrivateDnsEnabled", "true", "SecurityGroupId.1", "sg-1", "SecurityGroupId.2", "sg-2"},
			want: []string{
				"<privateDnsEnabled>true<", "<groupSet><item><groupId>sg-1</groupId></item><item><groupId>sg-2</groupId></item></groupSet>",
			}},
		"private DNS off": {kind: "Interface", create: []string{"PrivateDnsEnabled", "false"}, want: []string{"<privateDnsEnabled>false<"}},
		"no choice of private DNS, which is on for an interface endpoint": {kind: "Interface", want: []string{"<privateDnsEnabled>true<"}},
		"no choice of private DNS, which is none for a gateway endpoint":  {kind: "Gateway", want: []string{"<privateDnsEnabled>false<"}},
		"no policy, which is full access":                                 {kind: "Gateway", want: []string{"&#34;Effect&#34;:&#34;Allow&#34;"}},
		"a policy": {
			kind: "Gateway", create: []string{"PolicyDocument", put}, want: []string{escapedPut},
		},
		"a policy that was reset": {kind: "Gateway", create: []string{"PolicyDocument", put}, modify: []string{"ResetPolicy", "true"},
			want: []string{"&#34;Effect&#34;:&#34;Allow&#34;"}, not: []string{"Deny"}},
		"a policy that was replaced": {kind: "Gateway", modify: []string{"PolicyDocument", put}, want: []string{escapedPut}},
		"groups that were changed": {kind: "Interface",
			create: []string{"SecurityGroupId.1", "sg-1", "SecurityGroupId.2", "sg-2"},
			modify: []string{"RemoveSecurityGroupId.1", "sg-1", "AddSecurityGroupId.1", "sg-3", "AddSecurityGroupId.2", "sg-2"},
			want:   []string{"<groupSet><item><groupId>sg-2</groupId></item><item><groupId>sg-3</groupId></item></groupSet>"}},
		"private DNS that was switched off": {
			kind: "Interface", modify: []string{"PrivateDnsEnabled", "false"}, want: []string{"<privateDnsEnabled>false<"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			f := newFake(t, folder, endpoints(test.kind))
			_, created := f.ec2("us-east-1", "CreateVpcEndpoint", test.create...)
			if test.modify == nil {
				wantParts(t, created, test.want...)
			} else {
				f.ec2("us-east-1", "ModifyVpcEndpoint", append(test.modify, "VpcEndpointId", "vpce-1")...)
			}
			_, described := newFake(t, folder, endpoints(test.kind)).ec2("us-east-1", "DescribeVpcEndpoints")
			wantParts(t, described, test.want...)
			for _, not := range test.not {
				if strings.Contains(described, not) {
					t.Errorf("has %s: %s", not, described)
				}
			}
		})
	}
}

func TestADeletedEndpointIsForgotten(t *testing.T) {
	f := newFake(t, t.TempDir(), endpoints("Interface"))
	f.ec2("us-east-1", "CreateVpcEndpoint")
	f.ec2("us-east-1", "DeleteVpcEndpoints", "VpcEndpointId.1", "vpce-1")
	if _, described := f.ec2("us-east-1", "DescribeVpcEndpoints"); strings.Contains(described, "privateDnsEnabled") {
		t.Errorf("a deleted endpoint's fields are still known: %s", described)
	}
}
