package controller

import "time"

// Quota is a quota that AWS grants an account in a region, which a standby with less of it could not take the primary's load with. Service
// and Code are Service Quotas'.
type Quota struct{ Name, Service, Code string }

// The quotas that the platform meets in a region. Aurora's capacity units have none of their own: what they are bounded by is that of
// instances, and each cluster's own maximum. Route 53's health checks are counted once for the account, in no region.
var (
	LambdaConcurrency  = Quota{"Lambda concurrency", "lambda", "L-B99A9384"}
	VPCs               = Quota{"VPCs", "vpc", "L-F678F1CE"}
	InterfaceEndpoints = Quota{"interface endpoints a VPC", "vpc", "L-29B6F2EB"}
	ElasticAddresses   = Quota{"Elastic IP addresses", "ec2", "L-0263D0A3"}
	DatabaseClusters   = Quota{"database clusters", "rds", "L-952B80B8"}
	DatabaseInstances  = Quota{"database instances", "rds", "L-7B6409FD"}
	LoadBalancers      = Quota{"load balancers", "elasticloadbalancing", "L-53DA6B97"}
)

// Quotas returns all of them, in the order in which they are shown.
func Quotas() []Quota {
	return []Quota{
		LambdaConcurrency, VPCs, InterfaceEndpoints, ElasticAddresses, DatabaseClusters, DatabaseInstances, LoadBalancers,
	}
}

// CertificateValidity is how long a load balancer's certificate must still be valid. ACM renews its own 45 days before they end, those of
// 198 days, or 60 days before (ACM User Guide, "Managed certificate renewal"), so that one with less was not renewed for two weeks, and
// somebody still has a month to mend that.
const CertificateValidity = 30 * 24 * time.Hour
