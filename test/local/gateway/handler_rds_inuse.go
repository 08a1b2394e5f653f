package gateway

import "fmt"

// newDatabaseGroupsInUse refuses to delete a group that a DB cluster has. Clusters with instances and global clusters with members are
// refused by the emulator itself.
func newDatabaseGroupsInUse(string) (Handler, error) {
	return Handler{
		Name: "groups of DB clusters in use",
		AWS: "A subnet group and a cluster parameter group are not deleted while a DB cluster has them, nor is a default parameter" +
			" group at all.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBClusterParameterGroup.html",
		Matches: matchActions("rds", "DeleteDBSubnetGroup", "DeleteDBClusterParameterGroup"),
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			param, element := "DBSubnetGroupName", "DBSubnetGroup"
			if c.Action == "DeleteDBClusterParameterGroup" {
				param, element = "DBClusterParameterGroupName", "DBClusterParameterGroup"
			}
			clusters, err := g.describe(c.Context(), c.Region, "rds", "DescribeDBClusters")
			if err != nil {
				return nil, err
			}
			name := c.Form.Get(param)
			for _, cluster := range clusters.all("DBCluster") {
				if cluster.findText(element) == name && name != "" {
					refusal := refuseGroup(c.Action, name, cluster.findText("DBClusterIdentifier"))
					return &refusal, nil
				}
			}
			return nil, nil
		},
	}, nil
}

// refuseGroup is RDS's answer. AWS: Amazon RDS API Reference, InvalidDBSubnetGroupStateFault and InvalidDBParameterGroupState; the
// messages are those that clients report.
func refuseGroup(action, name, cluster string) apiResponse {
	if action == "DeleteDBSubnetGroup" {
		return rdsError("InvalidDBSubnetGroupStateFault",
			fmt.Sprintf("Cannot delete the subnet group '%s' because at least one database cluster: %s is still using it.", name, cluster))
	}
	return rdsError("InvalidDBParameterGroupState",
		fmt.Sprintf("One or more database clusters are still members of this parameter group %s, so the group cannot be deleted", name))
}
