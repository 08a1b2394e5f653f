// Package zone knows availability zones by their ids, which are the same in all accounts.
package zone

import (
	"cmp"
	"strings"
)

// unsuited are the ids of zones that are old and lack services. AWS names a zone per account (us-east-1a), so that the same name is
// another zone in the next account, and an id (use1-az1) for all of them.
//
// AWS publishes no list for Lambda: it refuses the function ("The provided subnets contain availability zone Lambda doesn't
// support"), and EC2 the endpoint ("does not support the availability zone of the subnet"). The list is that of Amazon EKS User
// Guide, "Subnet requirements for clusters", which names the same three zones; RDS Proxy and MSK name use1-az3, too (Amazon Aurora
// User Guide, "Limitations for RDS Proxy"; Amazon MSK API, BrokerNodeGroupInfo, clientSubnets).
var unsuited = map[string]bool{"cac1-az3": true, "use1-az3": true, "usw1-az2": true}

// Unsuited says whether a zone lacks a service that the platform uses.
func Unsuited(id string) bool { return unsuited[id] }

// Compare orders the ids of one region, az10 after az9.
func Compare(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
