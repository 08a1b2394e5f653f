package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// peeringOptions are the DNS options of a peering connection's two VPCs. The field names are keys of peering-options.json.
type peeringOptions struct {
	Requester, Accepter bool // allowDnsResolutionFromRemoteVpc
}

// peeringParties lists the two VPCs of a peering connection with the names that EC2's API has for each.
var peeringParties = []struct {
	owner    string // the VPC in messages
	info     string // its element in a description
	request  string // the parameter with its options
	response string // its options in a response
	option   func(*peeringOptions) *bool
}{
	{
		"Requester",
		"requesterVpcInfo",
		"RequesterPeeringConnectionOptions",
		"requesterPeeringConnectionOptions",
		func(o *peeringOptions) *bool { return &o.Requester },
	},
	{
		"Accepter",
		"accepterVpcInfo",
		"AccepterPeeringConnectionOptions",
		"accepterPeeringConnectionOptions",
		func(o *peeringOptions) *bool { return &o.Accepter },
	},
}

const (
	dnsOption      = "allowDnsResolutionFromRemoteVpc"
	dnsOptionParam = "AllowDnsResolutionFromRemoteVpc"
)

// peeringFilters are the filters of DescribeVpcPeeringConnections.
var peeringFilters = filterPaths{
	"accepter-vpc-info.owner-id":  {"accepterVpcInfo", "ownerId"},
	"accepter-vpc-info.vpc-id":    {"accepterVpcInfo", "vpcId"},
	"requester-vpc-info.owner-id": {"requesterVpcInfo", "ownerId"},
	"requester-vpc-info.vpc-id":   {"requesterVpcInfo", "vpcId"},
	"status-code":                 {"status", "code"},
	"vpc-peering-connection-id":   {"vpcPeeringConnectionId"},
}

// peeringHandler keeps each connection's options by its id. Ids are random, so one table serves all regions.
type peeringHandler struct{ options *table[peeringOptions] }

func newPeeringOptions(folder string) (Handler, error) {
	options, err := openTable[peeringOptions](folder, "peering-options")
	h := peeringHandler{options}
	return Handler{
		Name: "peering connection options",
		AWS: "ModifyVpcPeeringConnectionOptions sets DNS resolution per VPC of an active connection; between regions, the requester's" +
			" options are set in the requester's region and the accepter's in the accepter's. DescribeVpcPeeringConnections returns both.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html",
		Matches: matchEC2("ModifyVpcPeeringConnectionOptions", "DescribeVpcPeeringConnections", "DeleteVpcPeeringConnection"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "ModifyVpcPeeringConnectionOptions":
				h.modify(g, w, c)
			case "DescribeVpcPeeringConnections":
				g.serveDescribe(w, c, peeringFilters, "vpcPeeringConnectionSet", h.complete)
			default:
				g.serveEdited(w, c, func(*xmlElement) error { return h.options.remove(c.Form.Get("VpcPeeringConnectionId")) })
			}
		},
	}, err
}

// complete adds both VPCs' options to a described connection. A connection that is not active has none.
func (h peeringHandler) complete(item *xmlElement) {
	if item.findText("status", "code") != "active" {
		return
	}
	options, _ := h.options.get(item.findText("vpcPeeringConnectionId"))
	for _, party := range peeringParties {
		if info := item.child(party.info); info != nil {
			info.set(newElement("peeringOptions", text(dnsOption, strconv.FormatBool(*party.option(&options)))))
		}
	}
}

func (h peeringHandler) modify(g *Gateway, w http.ResponseWriter, c *Call) {
	id := c.Form.Get("VpcPeeringConnectionId")
	described, err := g.queryEmulator(c.Context(), c.Region, "ec2", url.Values{
		"Action": {"DescribeVpcPeeringConnections"}, "Version": {"2016-11-15"}, "VpcPeeringConnectionId.1": {id},
	})
	if err != nil {
		g.respondUnavailable(w, c.Request, err)
		return
	}
	root, err := parseXML(described.Body)
	if err != nil {
		g.respondUnavailable(w, c.Request, err)
		return
	}
	connections := root.items("vpcPeeringConnectionSet")
	if len(connections) != 1 || id == "" {
		g.writeResponse(
			w,
			c,
			ec2Error("InvalidVpcPeeringConnectionID.NotFound", fmt.Sprintf("The vpcPeeringConnection ID '%s' does not exist", id)),
		)
		return
	}
	resp, err := h.apply(id, connections[0], c)
	if err != nil {
		g.respondUnavailable(w, c.Request, err)
		return
	}
	g.writeResponse(w, c, resp)
}

// apply checks a modification against its connection and keeps it.
func (h peeringHandler) apply(id string, connection *xmlElement, c *Call) (apiResponse, error) {
	if connection.findText("status", "code") != "active" {
		return ec2Error(
			"OperationNotPermitted",
			fmt.Sprintf("Peering %s is not active. Peering options can be added only to active peerings.", id),
		), nil
	}
	var set []*xmlElement
	for _, party := range peeringParties {
		param := party.request + "." + dnsOptionParam
		if !c.Form.Has(param) {
			continue
		}
		if region := connection.findText(party.info, "region"); region != c.Region {
			return ec2Error("OperationNotPermitted", party.owner+"'s VPC Peering connection options cannot be modified for a different region"), nil
		}
		set = append(set, newElement(party.response, text(dnsOption, strconv.FormatBool(boolParam(c.Form, param, false)))))
	}
	if len(set) == 0 {
		return ec2Error("MissingParameter", "The request must contain accepter or requester peering connection options"), nil
	}
	err := h.options.update(id, func(options *peeringOptions) {
		for _, party := range peeringParties {
			option := party.option(options)
			*option = boolParam(c.Form, party.request+"."+dnsOptionParam, *option)
		}
	})
	return ec2Response(c.Action, set...), err
}
