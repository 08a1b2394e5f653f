package main

import (
	"context"
	"time"
)

// cloud is what the checks ask AWS. An error is a question without an answer; what is not there is an answer.
type cloud interface {
	// credentials finds credentials without asking AWS.
	credentials(ctx context.Context) error
	// identity asks STS in a region who is asking, and what time it is there.
	identity(ctx context.Context, region string) (identity, error)
	// bucket describes a bucket; its region is empty where there is none of the name.
	bucket(ctx context.Context, name, region string) (bucket, error)
	// key describes a KMS key; its state is empty where there is none.
	key(ctx context.Context, id, region string) (key, error)
	// quota is the value of a quota of Service Quotas, applied or default.
	quota(ctx context.Context, region, service, code string) (float64, error)
	// used counts what a quota is for.
	used(ctx context.Context, region string, what usage) (int, error)
	// healthChecks are the most health checks that the account may have, and how many it has.
	healthChecks(ctx context.Context) (most, used int64, err error)
	// serviceRole says whether a service-linked role exists.
	serviceRole(ctx context.Context, name string) (bool, error)
	// backupOptIn says whether AWS Backup protects a type of resource in a region.
	backupOptIn(ctx context.Context, region, resource string) (bool, error)
	// zones are the ids of the zones of a region that need no opting in.
	zones(ctx context.Context, region string) ([]string, error)
	// endpointZones are the ids of the zones in which a service has interface endpoints.
	endpointZones(ctx context.Context, region, service string) ([]string, error)
	// engine says whether a version of Aurora PostgreSQL can be created in a region, in a global database, with serverless instances.
	engine(ctx context.Context, region, version string) (engine, error)
	// certificate describes a certificate of ACM; its status is empty where there is none.
	certificate(ctx context.Context, region, arn string) (certificate, error)
	// zone describes a hosted zone; its name is empty where there is none.
	zone(ctx context.Context, id string) (hostedZone, error)
	// delegation are the name servers that public DNS names for a domain.
	delegation(ctx context.Context, domain string) ([]string, error)
	// networks are the VPCs of a region.
	networks(ctx context.Context, region string) ([]network, error)
}

type identity struct {
	account, arn string
	now          time.Time // by AWS's clock; zero where it does not say
}

type bucket struct {
	region    string
	versioned bool
}

type key struct{ state string }

// enabled is the state of a key that works.
const enabled = "Enabled"

// usage is what a quota counts.
type usage string

const (
	usedVPCs      usage = "VPCs"
	usedAddresses usage = "Elastic IP addresses"
	usedClusters  usage = "database clusters"
	usedInstances usage = "database instances"
	usedBalancers usage = "load balancers"
)

type engine struct {
	offered    bool
	global     bool
	serverless bool
	most       float64 // ACU of an instance; 0 where AWS does not say
}

type certificate struct {
	status, algorithm string
	names             []string
	until             time.Time
}

type hostedZone struct {
	name        string
	private     bool
	nameServers []string
}

type network struct {
	id, environment string // environment is the tag of that name
	ranges          []string
}
