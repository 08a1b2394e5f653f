package gateway

import (
	"fmt"
	"net/url"
	"strings"
)

// newEngineVersions upgrades Aurora's engine as AWS does: a minor version by each member, the secondaries first, and only a major one
// by the global cluster. The emulator sets any version by the global cluster.
func newEngineVersions(string) (Handler, error) {
	return Handler{
		Name: "upgrades of Aurora's engine",
		AWS: "ModifyGlobalCluster refuses a minor version. ModifyDBCluster upgrades a member to one, the primary only after its secondaries," +
			" and the global cluster has the primary's version.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-upgrade.html",
		Matches: matchActions("rds", "ModifyGlobalCluster", "ModifyDBCluster"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			if c.Form.Get("EngineVersion") == "" {
				return nil, nil
			}
			message, err := g.upgradeFault(c)
			if err != nil || message == "" {
				return nil, err
			}
			refusal := rdsError("InvalidParameterValue", message)
			return &refusal, nil
		},
		Edit: func(g *Gateway, c *Call, root *xmlElement) error {
			version, cluster := c.Form.Get("EngineVersion"), root.all("DBCluster")
			if c.Action != "ModifyDBCluster" || version == "" || len(cluster) != 1 {
				return nil
			}
			global, arn := cluster[0].findText("GlobalClusterIdentifier"), cluster[0].findText("DBClusterArn")
			if global == "" {
				return nil
			}
			if primary, err := g.primaryOf(c, global); err != nil || primary != arn {
				return err
			}
			// The emulator's own call, past the refusal above.
			_, err := g.describeRDS(c.Context(), c.Region, url.Values{
				"Action": {"ModifyGlobalCluster"}, "GlobalClusterIdentifier": {global}, "EngineVersion": {version},
			})
			return err
		},
	}, nil
}

// upgradeFault is AWS's message to an upgrade that it refuses, and "" when it does not. The messages are those that AWS answered the
// Terraform provider (hashicorp/terraform-provider-aws, issues 45398 and 36107).
func (g *Gateway) upgradeFault(c *Call) (string, error) {
	globals, err := g.describe(c.Context(), c.Region, "rds", "DescribeGlobalClusters")
	if err != nil {
		return "", err
	}
	version := c.Form.Get("EngineVersion")
	for _, global := range members(globals.find("DescribeGlobalClustersResult", "GlobalClusters"), "GlobalClusterMember") {
		current := global.findText("EngineVersion")
		if c.Action == "ModifyGlobalCluster" {
			if global.findText("GlobalClusterIdentifier") == c.Form.Get("GlobalClusterIdentifier") && majorOf(version) == majorOf(current) &&
				version != current {
				return "ModifyGlobalCluster doesn't support minor version upgrades for Aurora global databases. To upgrade to a newer minor" +
					" version, call ModifyDBCluster for each member of your global cluster.", nil
			}
			continue
		}
		behind, err := g.memberBehind(c, global, version)
		if err != nil || behind {
			return fmt.Sprintf("Cannot upgrade DB cluster '%s' to engine version %s as global replica(s) are running lower version."+
				" Please upgrade global replicas first before upgrading the primary member.", c.Form.Get("DBClusterIdentifier"), version), err
		}
	}
	return "", nil
}

// memberBehind says whether the call's cluster is the primary of a global cluster and one of its secondaries has another version than
// the one that is asked for.
func (g *Gateway) memberBehind(c *Call, global *xmlElement, version string) (bool, error) {
	primary := false
	var secondaries []string
	for _, member := range members(global.child("GlobalClusterMembers"), "GlobalClusterMember") {
		arn := member.findText("DBClusterArn")
		if member.findText("IsWriter") != "true" {
			secondaries = append(secondaries, arn)
			continue
		}
		region, id := clusterOf(arn)
		primary = region == c.Region && id == c.Form.Get("DBClusterIdentifier")
	}
	if !primary {
		return false, nil
	}
	for _, arn := range secondaries {
		region, id := clusterOf(arn)
		clusters, err := g.describe(c.Context(), region, "rds", "DescribeDBClusters", "DBClusterIdentifier", id)
		if err != nil {
			return false, err
		}
		for _, cluster := range clusters.all("DBCluster") {
			if cluster.findText("EngineVersion") != version {
				return true, nil
			}
		}
	}
	return false, nil
}

// clusterOf returns the region and the identifier of a DB cluster's ARN, arn:aws:rds:REGION:ACCOUNT:cluster:ID.
func clusterOf(arn string) (region, id string) {
	parts := strings.SplitN(arn, ":", 7)
	if len(parts) < 7 {
		return "", ""
	}
	return parts[3], parts[6]
}

// majorOf is the major version of Aurora PostgreSQL's, the part before the dot.
func majorOf(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
}
