package hipaa

import (
	"fmt"
	"slices"

	"warmstandby/test/support/invariant"
)

const (
	clusterToken    = "aws:rds/cluster:Cluster"
	dbInstanceToken = "aws:rds/clusterInstance:ClusterInstance"
	tableToken      = "aws:dynamodb/table:Table"
	planToken       = "aws:backup/plan:Plan"
	vaultToken      = "aws:backup/vault:Vault"
	selectionToken  = "aws:backup/selection:Selection"
)

// The pack's defaults of backup-plan-min-frequency-and-min-retention-check and of db-instance-backup-enabled's page.
const (
	minBackupDays = 35.0
	minRDSDays    = 1.0
)

// inPlan is a fault of what no selection of a backup plan names.
func inPlan(r invariant.Resource, all stack) string {
	if all.other(selectionToken, func(s invariant.Resource) bool {
		return slices.Contains(texts(s.Outputs.Get("resources")), r.Outputs.Text("arn"))
	}) {
		return ""
	}
	return "is in no backup plan"
}

// severalInstances is a fault of a cluster with fewer than two instances: it has no second zone.
func severalInstances(r invariant.Resource, all stack) string {
	instances := 0
	for _, other := range all {
		if other.Type == dbInstanceToken && other.Outputs.Text("clusterIdentifier") == r.ID {
			instances++
		}
	}
	if instances < 2 {
		return fmt.Sprintf("has %d instances, and so one zone", instances)
	}
	return ""
}

// ofClusters is a rule about databases, whose storage, snapshots and logs are their cluster's.
func ofClusters(name, requirement string, fault func(invariant.Resource, stack) string, excuses ...excuse) Rule {
	return Rule{
		Name: name, excuses: excuses, check: &check{requirement: requirement, tokens: []string{clusterToken}, stack: dataStack, fault: fault},
	}
}

// ofInstances is a rule about the instances of databases.
func ofInstances(name, requirement string, fault func(invariant.Resource, stack) string, excuses ...excuse) Rule {
	return Rule{
		Name: name, excuses: excuses, check: &check{requirement: requirement, tokens: []string{dbInstanceToken}, stack: dataStack, fault: fault},
	}
}

// ofTables is a rule about DynamoDB's tables.
func ofTables(name, requirement string, fault func(invariant.Resource, stack) string, excuses ...excuse) Rule {
	return Rule{
		Name: name, excuses: excuses, check: &check{requirement: requirement, tokens: []string{tableToken}, stack: edgeStack, fault: fault},
	}
}

// deniesDeletion reports whether a vault's policy denies everybody to delete recovery points.
func deniesDeletion(policy invariant.Properties) string {
	for _, s := range statements(policy.Text("policy")) {
		if s.Effect == "Deny" && slices.Contains(texts(s.Action), "backup:DeleteRecoveryPoint") && slices.Contains(texts(s.Principal), "*") {
			return ""
		}
	}
	return "has a policy that does not deny everybody to delete recovery points"
}

var databaseRules = []Rule{
	ofClusters("aurora-resources-protected-by-backup-plan", "clusters are in a backup plan", inPlan),
	{Name: "backup-plan-min-frequency-and-min-retention-check", check: &check{
		requirement: "plans back up daily and keep for 35 days or more", tokens: []string{planToken}, stack: dataStack,
		fault: func(r invariant.Resource, _ stack) string {
			days, _ := r.Outputs.Get("rules.0.lifecycle.deleteAfter").(float64)
			schedule := r.Outputs.Text("rules.0.schedule")
			if days < minBackupDays || !dailySchedule.MatchString(schedule) {
				return fmt.Sprintf("runs at %q and keeps for %v days", schedule, days)
			}
			return ""
		},
	}},
	{Name: "backup-recovery-point-encrypted", check: &check{
		requirement: "vaults are under a key of the platform's", tokens: []string{vaultToken}, stack: dataStack, fault: wantsKey("kmsKeyArn"),
	}},
	{Name: "backup-recovery-point-manual-deletion-disabled", check: &check{
		requirement: "the vaults' policies deny everybody to delete recovery points", tokens: []string{vaultToken}, stack: dataStack,
		fault: companion("aws:backup/vaultPolicy:VaultPolicy", "backupVaultName", "name", deniesDeletion),
	}},
	ofClusters("db-instance-backup-enabled", "RDS backs clusters up", func(r invariant.Resource, _ stack) string {
		if days, _ := r.Outputs.Get("backupRetentionPeriod").(float64); days < minRDSDays {
			return fmt.Sprintf("keeps backups for %v days", days)
		}
		return ""
	}),
	ofTables("dynamodb-autoscaling-enabled", "tables are on demand or scale", wants("billingMode", "PAY_PER_REQUEST")),
	ofTables("dynamodb-in-backup-plan", "tables are in a backup plan", inPlan, excuse{
		tableToken, "table-failover-*", edgeStack,
		"it holds the controller's state, which is of minutes and is restored by nobody; point-in-time recovery is on",
	}),
	ofTables("dynamodb-pitr-enabled", "tables have point-in-time recovery", wants("pointInTimeRecovery.enabled", true)),
	ofInstances(
		"rds-automatic-minor-version-upgrade-enabled",
		"instances upgrade their minor version by themselves",
		wants("autoMinorVersionUpgrade", true),
		excuse{
			dbInstanceToken, "instance-records-*", dataStack,
			"a member that is ahead of the other prevents a switchover; an upgrade is an operator's, by both members (decision 35)",
		},
	),
	ofClusters("rds-cluster-deletion-protection-enabled", "clusters are protected from deletion", wants("deletionProtection", true)),
	ofClusters("rds-cluster-multi-az-enabled", "clusters have instances in several zones", severalInstances),
	ofInstances(
		"rds-enhanced-monitoring-enabled", "instances have enhanced monitoring",
		func(r invariant.Resource, _ stack) string {
			if seconds, _ := r.Outputs.Get("monitoringInterval").(float64); seconds == 0 {
				return "has no enhanced monitoring"
			}
			return ""
		},
		excuse{
			dbInstanceToken, "instance-records-*", dataStack,
			"its log group is one for the account and region, under no key of an environment's; Performance Insights counts the system, too",
		},
	),
	ofClusters("rds-in-backup-plan", "databases are in a backup plan", inPlan),
	ofInstances("rds-instance-public-access-check", "instances are not public", wants("publiclyAccessible", false)),
	ofClusters("rds-logging-enabled", "databases export their log", func(r invariant.Resource, _ stack) string {
		if exports := texts(r.Outputs.Get("enabledCloudwatchLogsExports")); !slices.Contains(exports, "postgresql") {
			return fmt.Sprintf("exports %q", exports)
		}
		return ""
	}),
	ofClusters("rds-multi-az-support", "databases have instances in several zones", severalInstances),
	ofClusters("rds-snapshot-encrypted", "clusters, and so their snapshots, are encrypted", wants("storageEncrypted", true)),
	ofClusters(
		"rds-snapshots-public-prohibited", "snapshots are under a key of the platform's, with which RDS makes none public", wantsKey("kmsKeyId"),
	),
	ofClusters("rds-storage-encrypted", "clusters are encrypted", wants("storageEncrypted", true)),
}
