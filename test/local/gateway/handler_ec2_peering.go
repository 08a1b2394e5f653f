package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// peeringOptions are the DNS options of a peering connection, one a side.
type peeringOptions struct {
	Requester, Accepter bool // allowDnsResolutionFromRemoteVpc
}

// peeringSides ties a side's names in EC2's API together.
var peeringSides = []struct {
	owner    string // in messages
	info     string // the side in a description
	request  string // the parameter that sets the side's options
	response string // the side's options in the answer
	option   func(*peeringOptions) *bool
}{
	{"Requester", "requesterVpcInfo", "RequesterPeeringConnectionOptions", "requesterPeeringConnectionOptions", func(o *peeringOptions) *bool { return &o.Requester }},
	{"Accepter", "accepterVpcInfo", "AccepterPeeringConnectionOptions", "accepterPeeringConnectionOptions", func(o *peeringOptions) *bool { return &o.Accepter }},
}

const (
	dnsOption      = "allowDnsResolutionFromRemoteVpc"
	dnsOptionParam = "AllowDnsResolutionFromRemoteVpc"
)

// peeringFilters are those of DescribeVpcPeeringConnections.
var peeringFilters = fields{
	"accepter-vpc-info.owner-id":  {"accepterVpcInfo", "ownerId"},
	"accepter-vpc-info.vpc-id":    {"accepterVpcInfo", "vpcId"},
	"requester-vpc-info.owner-id": {"requesterVpcInfo", "ownerId"},
	"requester-vpc-info.vpc-id":   {"requesterVpcInfo", "vpcId"},
	"status-code":                 {"status", "code"},
	"vpc-peering-connection-id":   {"vpcPeeringConnectionId"},
}

// peeringGap keeps each connection's options by its id. Ids are random, so one table serves all regions.
type peeringGap struct{ options *table[peeringOptions] }

func newPeeringOptions(folder string) (Gap, error) {
	options, err := openTable[peeringOptions](folder, "peering-options")
	p := peeringGap{options}
	return Gap{
		Name: "peering connection options",
		AWS: "ModifyVpcPeeringConnectionOptions sets DNS resolution per side of an active connection; between regions, the requester's" +
			" options are set in the requester's region and the accepter's in the accepter's. DescribeVpcPeeringConnections returns both.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html",
		Matches: ec2("ModifyVpcPeeringConnectionOptions", "DescribeVpcPeeringConnections", "DeleteVpcPeeringConnection"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			switch c.Action {
			case "ModifyVpcPeeringConnectionOptions":
				p.modify(g, w, c)
			case "DescribeVpcPeeringConnections":
				g.describe(w, c, peeringFilters, "vpcPeeringConnectionSet", p.complete)
			default:
				g.edit(w, c, func(*element) error { return p.options.remove(c.Form.Get("VpcPeeringConnectionId")) })
			}
		},
	}, err
}

// complete adds both sides' options to a described connection. One that is not active has none.
func (p peeringGap) complete(item *element) {
	if item.textAt("status", "code") != "active" {
		return
	}
	options, _ := p.options.get(item.textAt("vpcPeeringConnectionId"))
	for _, side := range peeringSides {
		if info := item.child(side.info); info != nil {
			info.set(newElement("peeringOptions", text(dnsOption, strconv.FormatBool(*side.option(&options)))))
		}
	}
}

func (p peeringGap) modify(g *Gateway, w http.ResponseWriter, c *Call) {
	id := c.Form.Get("VpcPeeringConnectionId")
	described, err := g.query(c.Context(), c.Region, "ec2", url.Values{
		"Action": {"DescribeVpcPeeringConnections"}, "Version": {"2016-11-15"}, "VpcPeeringConnectionId.1": {id},
	})
	if err != nil {
		g.unavailable(w, c.Request, err)
		return
	}
	root, err := parseXML(described.Body)
	if err != nil {
		g.unavailable(w, c.Request, err)
		return
	}
	connections := root.items("vpcPeeringConnectionSet")
	if len(connections) != 1 || id == "" {
		g.send(w, c, ec2Error("InvalidVpcPeeringConnectionID.NotFound", fmt.Sprintf("The vpcPeeringConnection ID '%s' does not exist", id)))
		return
	}
	a, err := p.apply(id, connections[0], c)
	if err != nil {
		g.unavailable(w, c.Request, err)
		return
	}
	g.send(w, c, a)
}

// apply checks a modification against its connection and keeps it.
func (p peeringGap) apply(id string, connection *element, c *Call) (answer, error) {
	if connection.textAt("status", "code") != "active" {
		return ec2Error("OperationNotPermitted", fmt.Sprintf("Peering %s is not active. Peering options can be added only to active peerings.", id)), nil
	}
	var set []*element
	for _, side := range peeringSides {
		param := side.request + "." + dnsOptionParam
		if !c.Form.Has(param) {
			continue
		}
		if region := connection.textAt(side.info, "region"); region != c.Region {
			return ec2Error("OperationNotPermitted", side.owner+"'s VPC Peering connection options cannot be modified for a different region"), nil
		}
		set = append(set, newElement(side.response, text(dnsOption, strconv.FormatBool(boolean(c.Form, param, false)))))
	}
	if len(set) == 0 {
		return ec2Error("MissingParameter", "The request must contain accepter or requester peering connection options"), nil
	}
	err := p.options.update(id, func(options *peeringOptions) {
		for _, side := range peeringSides {
			option := side.option(options)
			*option = boolean(c.Form, side.request+"."+dnsOptionParam, *option)
		}
	})
	return ec2Answer(c.Action, set...), err
}
