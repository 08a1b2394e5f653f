package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// vpcEndpointFields are the fields of a VPC endpoint that the emulator does not keep. Their names are keys of
// vpc-endpoints.json.
type vpcEndpointFields struct {
	PrivateDNS bool
	Groups     []string // security group ids
	Policy     string   // as put; empty means AWS's default
}

// fullAccess is the policy of an endpoint without one of its own. AWS: AWS PrivateLink Guide, "Control access to VPC endpoints
// using endpoint policies", default endpoint policy.
const fullAccess = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// vpcEndpointFilters are the filters of DescribeVpcEndpoints.
var vpcEndpointFilters = filterPaths{
	"service-name":       {"serviceName"},
	"vpc-endpoint-id":    {"vpcEndpointId"},
	"vpc-endpoint-state": {"state"},
	"vpc-endpoint-type":  {"vpcEndpointType"},
	"vpc-id":             {"vpcId"},
}

type vpcEndpointHandler struct{ fields *table[vpcEndpointFields] }

func newVPCEndpointFields(folder string) (Handler, error) {
	fields, err := openTable[vpcEndpointFields](folder, "vpc-endpoints")
	h := vpcEndpointHandler{fields}
	return Handler{
		Name:    "VPC endpoint fields",
		AWS:     "DescribeVpcEndpoints returns private DNS, security groups and policy as they were put by CreateVpcEndpoint and ModifyVpcEndpoint.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html",
		Matches: matchEC2("CreateVpcEndpoint", "ModifyVpcEndpoint", "DescribeVpcEndpoints", "DeleteVpcEndpoints"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "CreateVpcEndpoint":
				g.serveEdited(w, c, func(root *xmlElement) error { return h.create(c.Form, root) })
			case "ModifyVpcEndpoint":
				g.serveEdited(w, c, func(*xmlElement) error { return h.modify(c.Form) })
			case "DeleteVpcEndpoints":
				g.serveEdited(w, c, func(*xmlElement) error { return h.fields.remove(listParam(c.Form, "VpcEndpointId")...) })
			default:
				g.serveDescribe(w, c, vpcEndpointFilters, "vpcEndpointSet", h.complete)
			}
		},
	}, err
}

func (h vpcEndpointHandler) create(form url.Values, root *xmlElement) error {
	endpoint := root.child("vpcEndpoint")
	if endpoint == nil {
		return errMalformedXML
	}
	err := h.fields.update(endpoint.findText("vpcEndpointId"), func(fields *vpcEndpointFields) {
		*fields = vpcEndpointFields{
			// Private DNS is the default of an interface endpoint, and a gateway endpoint has none.
			PrivateDNS: boolParam(form, "PrivateDnsEnabled", endpoint.findText("vpcEndpointType") == "Interface"),
			Groups:     listParam(form, "SecurityGroupId"),
			Policy:     form.Get("PolicyDocument"),
		}
	})
	h.complete(endpoint)
	return err
}

func (h vpcEndpointHandler) modify(form url.Values) error {
	return h.fields.update(form.Get("VpcEndpointId"), func(fields *vpcEndpointFields) {
		fields.PrivateDNS = boolParam(form, "PrivateDnsEnabled", fields.PrivateDNS)
		removed := listParam(form, "RemoveSecurityGroupId")
		fields.Groups = slices.DeleteFunc(fields.Groups, func(id string) bool { return slices.Contains(removed, id) })
		for _, id := range listParam(form, "AddSecurityGroupId") {
			if !slices.Contains(fields.Groups, id) {
				fields.Groups = append(fields.Groups, id)
			}
		}
		if boolParam(form, "ResetPolicy", false) {
			fields.Policy = ""
		}
		if form.Has("PolicyDocument") {
			fields.Policy = form.Get("PolicyDocument")
		}
	})
}

// complete adds the kept fields to an endpoint's description.
func (h vpcEndpointHandler) complete(endpoint *xmlElement) {
	fields, ok := h.fields.get(endpoint.findText("vpcEndpointId"))
	if !ok {
		return // not created by CreateVpcEndpoint
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
