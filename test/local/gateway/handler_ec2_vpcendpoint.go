package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// endpointFields are what the emulator forgets of a VPC endpoint.
type endpointFields struct {
	PrivateDNS bool
	Groups     []string // security group ids
	Policy     string   // as put; empty means AWS's default
}

// fullAccess is the policy of an endpoint that was given none.
// AWS: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies", default endpoint policy.
const fullAccess = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// endpointFilters are those of DescribeVpcEndpoints.
var endpointFilters = fields{
	"service-name":       {"serviceName"},
	"vpc-endpoint-id":    {"vpcEndpointId"},
	"vpc-endpoint-state": {"state"},
	"vpc-endpoint-type":  {"vpcEndpointType"},
	"vpc-id":             {"vpcId"},
}

type endpointGap struct{ fields *table[endpointFields] }

func newEndpointFields(folder string) (Gap, error) {
	fields, err := openTable[endpointFields](folder, "vpc-endpoints")
	e := endpointGap{fields}
	return Gap{
		Name:    "VPC endpoint fields",
		AWS:     "DescribeVpcEndpoints returns private DNS, security groups and policy as they were put by CreateVpcEndpoint and ModifyVpcEndpoint.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html",
		Matches: ec2("CreateVpcEndpoint", "ModifyVpcEndpoint", "DescribeVpcEndpoints", "DeleteVpcEndpoints"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateVpcEndpoint":
				g.edit(w, c, func(root *element) error { return e.create(c.Form, root) })
			case "ModifyVpcEndpoint":
				g.edit(w, c, func(*element) error { return e.modify(c.Form) })
			case "DeleteVpcEndpoints":
				g.edit(w, c, func(*element) error { return e.fields.remove(members(c.Form, "VpcEndpointId")...) })
			default:
				g.describe(w, c, endpointFilters, "vpcEndpointSet", e.complete)
			}
		},
	}, err
}

func (e endpointGap) create(form url.Values, root *element) error {
	endpoint := root.child("vpcEndpoint")
	if endpoint == nil {
		return errXML
	}
	err := e.fields.update(endpoint.textAt("vpcEndpointId"), func(fields *endpointFields) {
		*fields = endpointFields{
			// Private DNS is the default of an interface endpoint, and a gateway endpoint has none.
			PrivateDNS: boolean(form, "PrivateDnsEnabled", endpoint.textAt("vpcEndpointType") == "Interface"),
			Groups:     members(form, "SecurityGroupId"),
			Policy:     form.Get("PolicyDocument"),
		}
	})
	e.complete(endpoint)
	return err
}

func (e endpointGap) modify(form url.Values) error {
	return e.fields.update(form.Get("VpcEndpointId"), func(fields *endpointFields) {
		fields.PrivateDNS = boolean(form, "PrivateDnsEnabled", fields.PrivateDNS)
		removed := members(form, "RemoveSecurityGroupId")
		fields.Groups = slices.DeleteFunc(fields.Groups, func(id string) bool { return slices.Contains(removed, id) })
		for _, id := range members(form, "AddSecurityGroupId") {
			if !slices.Contains(fields.Groups, id) {
				fields.Groups = append(fields.Groups, id)
			}
		}
		if boolean(form, "ResetPolicy", false) {
			fields.Policy = ""
		}
		if form.Has("PolicyDocument") {
			fields.Policy = form.Get("PolicyDocument")
		}
	})
}

// complete adds the kept fields to an endpoint's description.
func (e endpointGap) complete(endpoint *element) {
	fields, ok := e.fields.get(endpoint.textAt("vpcEndpointId"))
	if !ok {
		return // made by something other than CreateVpcEndpoint
	}
	groups := list("groupSet")
	for _, id := range fields.Groups {
		groups.Children = append(groups.Children, newElement("item", text("groupId", id)))
	}
	policy := fields.Policy
	if policy == "" {
		policy = fullAccess
	}
	endpoint.set(
		text("privateDnsEnabled", strconv.FormatBool(fields.PrivateDNS)),
		groups,
		text("policyDocument", policy),
		text("ipAddressType", "ipv4"),
		text("requesterManaged", "false"),
	)
}
