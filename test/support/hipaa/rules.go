package hipaa

import "slices"

// Rules are all rules of the pack, by name.
var Rules = sorted(accountRules, unusedRules, balancerRules, networkRules, databaseRules, bucketRules, otherRules)

func sorted(tables ...[]Rule) []Rule {
	all := slices.Concat(tables...)
	slices.SortFunc(all, func(a, b Rule) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

const (
	networkStack = "foundation-network"
	dataStack    = "data-global"
	appStacks    = "region-app-*"
	edgeStack    = "global-edge"
	everyStack   = "*"
)

// accountRules are about what an account has once, or about what happens in it.
var accountRules = []Rule{
	{Name: "access-keys-rotated", account: "users and their keys; the stacks make none"},
	{Name: "acm-certificate-expiration-check", account: "the certificate of `certificateArn`, which ACM renews"},
	{Name: "annual-risk-assessment-performed", account: "a process of the organisation"},
	{Name: "cloud-trail-cloud-watch-logs-enabled", account: "CloudTrail"},
	{Name: "cloud-trail-encryption-enabled", account: "CloudTrail"},
	{Name: "cloud-trail-log-file-validation-enabled", account: "CloudTrail"},
	{Name: "cloudtrail-enabled", account: "CloudTrail"},
	{Name: "cloudtrail-s3-dataevents-enabled", account: "CloudTrail, with data events on the documents' buckets"},
	{Name: "dynamodb-throughput-limit-check", account: "the account's quotas; the controller's table has a handful of items"},
	{Name: "ebs-snapshot-public-restorable-check", account: "snapshots of EBS; the stacks make none"},
	{Name: "ec2-ebs-encryption-by-default", account: "a setting of the account"},
	{Name: "guardduty-enabled-centralized", account: "GuardDuty"},
	{Name: "iam-password-policy", account: "a setting of the account"},
	{Name: "iam-root-access-key-check", account: "the root user"},
	{Name: "iam-user-mfa-enabled", account: "users; the stacks make none"},
	{Name: "iam-user-unused-credentials-check", account: "users; the stacks make none"},
	{Name: "kms-cmk-not-scheduled-for-deletion", account: "what somebody does to a key; with protection a destroy is refused"},
	{Name: "mfa-enabled-for-iam-console-access", account: "users; the stacks make none"},
	{Name: "multi-region-cloudtrail-enabled", account: "CloudTrail"},
	{Name: "root-account-hardware-mfa-enabled", account: "the root user"},
	{Name: "root-account-mfa-enabled", account: "the root user"},
	{Name: "s3-account-level-public-access-blocks-periodic", account: "a setting of the account; each bucket has its own"},
	{Name: "securityhub-enabled", account: "Security Hub"},
	{Name: "ssm-document-not-public", account: "documents of Systems Manager; the stacks make none"},
}

// unusedRules are about services that no stack uses: the first resource of such a type is a fault, until it is judged here.
var unusedRules = []Rule{
	unused("api-gw-associated-with-waf", "aws:apigateway/stage:Stage"),
	unused("api-gw-execution-logging-enabled", "aws:apigateway/stage:Stage", "aws:apigatewayv2/stage:Stage"),
	unused("api-gw-ssl-enabled", "aws:apigateway/stage:Stage"),
	unused("autoscaling-group-elb-healthcheck-required", "aws:autoscaling/group:Group"),
	unused("autoscaling-launch-config-public-ip-disabled", "aws:ec2/launchConfiguration:LaunchConfiguration"),
	unused("codebuild-project-envvar-awscred-check", "aws:codebuild/project:Project"),
	unused("codebuild-project-source-repo-url-check", "aws:codebuild/project:Project"),
	unused("dms-replication-not-public", "aws:dms/replicationInstance:ReplicationInstance"),
	unused("ebs-in-backup-plan", "aws:ebs/volume:Volume"),
	unused("ec2-imdsv2-check", instanceToken),
	unused("ec2-instance-managed-by-systems-manager", instanceToken),
	unused("ec2-instance-no-public-ip", instanceToken),
	unused("ec2-instance-profile-attached", instanceToken),
	unused("ec2-instances-in-vpc", instanceToken),
	unused("ec2-managedinstance-association-compliance-status-check", instanceToken),
	unused("ec2-managedinstance-patch-compliance-status-check", instanceToken),
	unused("ec2-resources-protected-by-backup-plan", instanceToken),
	unused("ec2-stopped-instance", instanceToken),
	unused("ecs-containers-readonly-access", "aws:ecs/taskDefinition:TaskDefinition"),
	unused("ecs-task-definition-user-for-host-mode-check", "aws:ecs/taskDefinition:TaskDefinition"),
	unused("efs-encrypted-check", "aws:efs/fileSystem:FileSystem"),
	unused("efs-in-backup-plan", "aws:efs/fileSystem:FileSystem"),
	unused("elastic-beanstalk-managed-updates-enabled", "aws:elasticbeanstalk/environment:Environment"),
	unused(
		"elasticache-redis-cluster-automatic-backup-check",
		"aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup",
	),
	unused("elasticsearch-encrypted-at-rest", elasticsearchToken),
	unused("elasticsearch-in-vpc-only", elasticsearchToken),
	unused("elasticsearch-logs-to-cloudwatch", elasticsearchToken),
	unused("elasticsearch-node-to-node-encryption-check", elasticsearchToken),
	unused("elb-acm-certificate-required", classicToken),
	unused("elb-cross-zone-load-balancing-enabled", classicToken),
	unused("elb-predefined-security-policy-ssl-check", classicToken),
	unused("elb-tls-https-listeners-only", classicToken),
	unused("emr-kerberos-enabled", "aws:emr/cluster:Cluster"),
	unused("emr-master-no-public-ip", "aws:emr/cluster:Cluster"),
	unused("encrypted-volumes", "aws:ebs/volume:Volume"),
	unused("iam-customer-policy-blocked-kms-actions", "aws:iam/policy:Policy"),
	unused("iam-user-no-policies-check", "aws:iam/user:User"),
	unused("kinesis-stream-encrypted", "aws:kinesis/stream:Stream"),
	unused("opensearch-encrypted-at-rest", openSearchToken),
	unused("opensearch-https-required", openSearchToken),
	unused("opensearch-in-vpc-only", openSearchToken),
	unused("opensearch-logs-to-cloudwatch", openSearchToken),
	unused("opensearch-node-to-node-encryption-check", openSearchToken),
	unused("redshift-backup-enabled", redshiftToken),
	unused("redshift-cluster-configuration-check", redshiftToken),
	unused("redshift-cluster-maintenancesettings-check", redshiftToken),
	unused("redshift-cluster-public-access-check", redshiftToken),
	unused("redshift-require-tls-ssl", redshiftToken, "aws:redshift/parameterGroup:ParameterGroup"),
	unused("sagemaker-endpoint-configuration-kms-key-configured", "aws:sagemaker/endpointConfiguration:EndpointConfiguration"),
	unused("sagemaker-notebook-instance-kms-key-configured", "aws:sagemaker/notebookInstance:NotebookInstance"),
	unused("sagemaker-notebook-no-direct-internet-access", "aws:sagemaker/notebookInstance:NotebookInstance"),
	unused("vpc-vpn-2-tunnels-up", "aws:ec2/vpnConnection:VpnConnection"),
}

const (
	instanceToken      = "aws:ec2/instance:Instance"
	elasticsearchToken = "aws:elasticsearch/domain:Domain"
	openSearchToken    = "aws:opensearch/domain:Domain"
	classicToken       = "aws:elb/loadBalancer:LoadBalancer"
	redshiftToken      = "aws:redshift/cluster:Cluster"
)
