package main

import "strings"

// natStrategy is how many NAT gateways there are; the official plugin compares it without regard to case.
type natStrategy string

const (
	natNone     natStrategy = "none"
	natSingle   natStrategy = "single"   // in the first zone
	natOnePerAZ natStrategy = "oneperaz" // in the first public subnet of each zone
)

// strategy gives the NAT strategy and the name by which it was given.
func (n *natInputs) strategy() (natStrategy, string) {
	given := defaultNATStrategy
	if n != nil {
		given = valueOr(n.Strategy, defaultNATStrategy)
	}
	return natStrategy(strings.ToLower(given)), given
}

// addressCount is the number of Elastic IP addresses that were given.
func (n *natInputs) addressCount() int {
	if n == nil {
		return 0
	}
	return len(n.ElasticIPAllocationIDs)
}

// checkAddresses holds the number of Elastic IP addresses against the strategy and the number of availability zones.
func (n *natInputs) checkAddresses(zones int) error {
	strategy, given := n.strategy()
	count := n.addressCount()
	switch strategy {
	case natNone:
		if count > 0 {
			return officialErrorf("Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is '%s'.", given)
		}
	case natSingle:
		if count > 1 {
			return officialErrorf("Exactly one Elastic IP may be specified when NAT Gateway strategy is '%s'.", given)
		}
	case natOnePerAZ:
		if count > 0 && count != zones {
			return officialErrorf("The number of Elastic IPs, if specified, must match the number of availability zones "+
				"for the VPC (%d) when NAT Gateway strategy is '%s'", zones, given)
		}
	default:
		return officialErrorf("Unknown NatGatewayStrategy '%s'", given)
	}
	return nil
}

// checkSubnets requires a subnet that needs a NAT gateway and one that hosts it, if there is to be any.
func (n *natInputs) checkSubnets(subnets []subnet) error {
	if strategy, _ := n.strategy(); strategy == natNone {
		return nil
	}
	var hasPublic, hasPrivate bool
	for _, s := range subnets {
		hasPublic = hasPublic || s.kind == public
		hasPrivate = hasPrivate || s.kind == private
	}
	if hasPublic && hasPrivate {
		return nil
	}
	return officialError("If NAT Gateway strategy is 'OnePerAz' or 'Single', both private and public subnets must be " +
		"declared. The private subnet creates the need for a NAT Gateway, and the public subnet is required to host the " +
		"NAT Gateway resource.")
}
