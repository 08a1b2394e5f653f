package gateway

import "fmt"

// natAddress is the elastic address of a NAT gateway. Its names are keys of nat-addresses.json.
type natAddress struct{ Allocation, PublicIP string }

type natAddressHandler struct{ addresses *table[natAddress] }

// newNATAddresses keeps the elastic addresses of NAT gateways, without which a refresh would take them for changed.
func newNATAddresses(folder string) (Handler, error) {
	addresses, err := openTable[natAddress](folder, "nat-addresses")
	h := natAddressHandler{addresses}
	return Handler{
		Name:    "addresses of NAT gateways",
		AWS:     "A public NAT gateway is described with the elastic address that it was made with.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html",
		Matches: matchEC2("CreateNatGateway", "DescribeNatGateways", "DeleteNatGateway"),
		Edit: func(g *Gateway, c *Call, root *xmlElement) error {
			switch c.Action {
			case "CreateNatGateway":
				return h.create(g, c, root)
			case "DeleteNatGateway":
				return h.addresses.remove(c.Form.Get("NatGatewayId"))
			}
			for _, item := range root.items("natGatewaySet") {
				h.complete(item)
			}
			return nil
		},
	}, err
}

// create keeps the address of a NAT gateway that has one, and describes it.
func (h natAddressHandler) create(g *Gateway, c *Call, root *xmlElement) error {
	made := root.child("natGateway")
	allocation := c.Form.Get("AllocationId")
	if made == nil || allocation == "" {
		return nil
	}
	described, err := g.describe(c.Context(), c.Region, c.Service, "DescribeAddresses", "AllocationId.1", allocation)
	if err != nil {
		return fmt.Errorf("finding the address of a NAT gateway: %w", err)
	}
	address := natAddress{Allocation: allocation}
	for _, found := range described.items("addressesSet") {
		if found.findText("allocationId") == allocation {
			address.PublicIP = found.findText("publicIp")
		}
	}
	if err := h.addresses.update(made.findText("natGatewayId"), func(row *natAddress) { *row = address }); err != nil {
		return err
	}
	h.complete(made)
	return nil
}

// complete adds the address to a NAT gateway's description. AWS: Amazon EC2 API Reference, NatGatewayAddress.
func (h natAddressHandler) complete(item *xmlElement) {
	address, ok := h.addresses.get(item.findText("natGatewayId"))
	if !ok {
		return
	}
	item.set(list("natGatewayAddressSet", newElement("item",
		text("allocationId", address.Allocation), text("publicIp", address.PublicIP),
		text("isPrimary", "true"), text("status", "succeeded"))))
}
