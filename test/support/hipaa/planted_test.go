package hipaa

import (
	"maps"

	"warmstandby/test/support/invariant"
)

// made is a resource of a type with these outputs.
func made(token, name string, outputs invariant.Properties) invariant.Resource {
	return invariant.Resource{Type: token, Name: name, ID: name, Outputs: outputs}
}

// bucket is a bucket with its settings, of which one type is left out, or has other outputs.
func bucket(without string, changed invariant.Properties) []invariant.Resource {
	resources := []invariant.Resource{made(bucketToken, "b", invariant.Properties{"bucket": "b"})}
	for token, outputs := range map[string]invariant.Properties{
		blockToken: {
			"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		},
		ownershipToken:  {"rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"}},
		versioningToken: {"versioningConfiguration": map[string]any{"status": "Enabled"}},
		lifecycleToken:  {"rules": []any{map[string]any{"status": "Enabled"}}},
		encryptionToken: {"rules": []any{map[string]any{
			"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms"},
		}}},
		policyToken: {"policy": `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
			"Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`},
	} {
		outputs["bucket"] = "b"
		if token == without {
			if changed == nil {
				continue
			}
			maps.Copy(outputs, changed)
		}
		resources = append(resources, made(token, "b", outputs))
	}
	return resources
}

func one(token string, outputs invariant.Properties) []invariant.Resource {
	return []invariant.Resource{made(token, "planted", outputs)}
}

// allowsOne is a role's policy with one statement.
func allowsOne(action, resource string) []invariant.Resource {
	return one(rolePolicyToken, invariant.Properties{
		"policy": `{"Statement": [{"Effect": "Allow", "Action": ["` + action + `"], "Resource": ["` + resource + `"]}]}`,
	})
}

func openPort(port float64) []invariant.Resource {
	return one(ingressToken, invariant.Properties{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": port, "toPort": port})
}

var public = bucket(policyToken, invariant.Properties{
	"policy": `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}`,
})

// planted are resources that break each rule that is about something the stacks make.
var planted = map[string][]invariant.Resource{
	"alb-http-to-https-redirection-check": one(listenerToken, invariant.Properties{
		"protocol": "HTTP", "defaultActions": []any{map[string]any{"type": "forward"}},
	}),
	"alb-waf-enabled": one(balancerToken, invariant.Properties{"arn": "arn"}),
	"aurora-resources-protected-by-backup-plan": {
		made(clusterToken, "c", invariant.Properties{"arn": "arn:c"}),
		made(selectionToken, "s", invariant.Properties{"resources": []any{"arn:d"}}),
	},
	"backup-plan-min-frequency-and-min-retention-check": one(planToken, invariant.Properties{"rules": []any{map[string]any{
		"schedule": "cron(0 5 ? * SUN *)", "lifecycle": map[string]any{"deleteAfter": 365.0},
	}}}),
	"backup-recovery-point-encrypted": one(vaultToken, invariant.Properties{"kmsKeyArn": "alias/aws/backup"}),
	"backup-recovery-point-manual-deletion-disabled": {
		made(vaultToken, "v", invariant.Properties{"name": "v"}),
		made("aws:backup/vaultPolicy:VaultPolicy", "v", invariant.Properties{
			"backupVaultName": "v", "policy": `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "backup:DeleteRecoveryPoint"}]}`,
		}),
	},
	"cloudwatch-alarm-action-check": one(alarmToken, invariant.Properties{"alarmActions": []any{}}),
	"db-instance-backup-enabled":    one(clusterToken, invariant.Properties{"backupRetentionPeriod": 0.0}),
	"dynamodb-autoscaling-enabled":  one(tableToken, invariant.Properties{"billingMode": "PROVISIONED"}),
	"dynamodb-in-backup-plan":       one(tableToken, invariant.Properties{"arn": "arn:t"}),
	"dynamodb-pitr-enabled":         one(tableToken, invariant.Properties{"pointInTimeRecovery": map[string]any{"enabled": false}}),
	"elb-deletion-protection-enabled": one(
		balancerToken, invariant.Properties{"enableDeletionProtection": false},
	),
	"elb-logging-enabled": one(balancerToken, invariant.Properties{"accessLogs": map[string]any{"enabled": false, "bucket": "b"}}),
	"elbv2-acm-certificate-required": {
		made(balancerToken, "a", invariant.Properties{"arn": "arn:a"}),
		made(listenerToken, "l", invariant.Properties{
			"loadBalancerArn": "arn:a", "protocol": "HTTPS", "certificateArn": "arn:aws:iam::111122223333:server-certificate/c",
		}),
	},
	"iam-inline-policy-blocked-kms-actions":      allowsOne("kms:Decrypt", "*"),
	"iam-no-inline-policy-check":                 allowsOne("s3:GetObject", "arn:aws:s3:::b/*"),
	"iam-policy-no-statements-with-admin-access": allowsOne("*", "*"),
	"iam-policy-no-statements-with-full-access":  allowsOne("s3:*", "arn:aws:s3:::b"),
	"internet-gateway-authorized-vpc-only": {
		made(gatewayToken, "g", invariant.Properties{"vpcId": "vpc-other"}), made(vpcToken, "vpc-own", nil),
	},
	"lambda-function-public-access-prohibited": one(permissionToken, invariant.Properties{"principal": "*", "sourceArn": "arn"}),
	"no-unrestricted-route-to-igw": one(routeToken, invariant.Properties{
		"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1",
	}),
	"rds-automatic-minor-version-upgrade-enabled": one(dbInstanceToken, invariant.Properties{"autoMinorVersionUpgrade": false}),
	"rds-cluster-deletion-protection-enabled":     one(clusterToken, invariant.Properties{"deletionProtection": false}),
	"rds-cluster-multi-az-enabled": {
		made(clusterToken, "c", nil), made(dbInstanceToken, "i", invariant.Properties{"clusterIdentifier": "c"}),
		made(dbInstanceToken, "j", invariant.Properties{"clusterIdentifier": "d"}),
	},
	"rds-enhanced-monitoring-enabled":  one(dbInstanceToken, invariant.Properties{"monitoringInterval": 0.0}),
	"rds-in-backup-plan":               one(clusterToken, invariant.Properties{"arn": "arn:c"}),
	"rds-instance-public-access-check": one(dbInstanceToken, invariant.Properties{"publiclyAccessible": true}),
	"rds-logging-enabled":              one(clusterToken, invariant.Properties{"enabledCloudwatchLogsExports": []any{"upgrade"}}),
	"rds-multi-az-support":             one(clusterToken, nil),
	"rds-snapshot-encrypted":           one(clusterToken, invariant.Properties{"storageEncrypted": false}),
	"rds-snapshots-public-prohibited":  one(clusterToken, invariant.Properties{"kmsKeyId": "alias/aws/rds"}),
	"rds-storage-encrypted":            one(clusterToken, invariant.Properties{"storageEncrypted": false}),
	"restricted-common-ports":          openPort(3306),
	"restricted-ssh":                   openPort(22),
	"s3-bucket-acl-prohibited": bucket(ownershipToken, invariant.Properties{
		"rule": map[string]any{"objectOwnership": "ObjectWriter"},
	}),
	"s3-bucket-default-lock-enabled":           bucket("", nil),
	"s3-bucket-logging-enabled":                bucket("", nil),
	"s3-bucket-public-read-prohibited":         public,
	"s3-bucket-public-write-prohibited":        public,
	"s3-bucket-replication-enabled":            bucket("", nil),
	"s3-bucket-server-side-encryption-enabled": bucket(encryptionToken, nil),
	"s3-bucket-ssl-requests-only":              public,
	"s3-bucket-versioning-enabled": bucket(versioningToken, invariant.Properties{
		"versioningConfiguration": map[string]any{"status": "Suspended"},
	}),
	"s3-default-encryption-kms": bucket(encryptionToken, invariant.Properties{"rules": []any{map[string]any{
		"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"},
	}}}),
	"s3-event-notifications-enabled":        bucket("", nil),
	"s3-version-lifecycle-policy-check":     bucket(lifecycleToken, nil),
	"secretsmanager-rotation-enabled-check": one(secretToken, invariant.Properties{"arn": "arn:s"}),
	"secretsmanager-using-cmk":              one(secretToken, invariant.Properties{"kmsKeyId": ""}),
	"sns-encrypted-kms":                     one("aws:sns/topic:Topic", invariant.Properties{"kmsMasterKeyId": "alias/aws/sns"}),
	"subnet-auto-assign-public-ip-disabled": one(subnetToken, invariant.Properties{"mapPublicIpOnLaunch": true}),
	"vpc-default-security-group-closed": {
		made(vpcToken, "v", nil), made(defaultGroupToken, "d", invariant.Properties{"vpcId": "v", "egress": []any{map[string]any{}}}),
	},
	"vpc-flow-logs-enabled": {
		made(vpcToken, "v", nil), made("aws:ec2/flowLog:FlowLog", "f", invariant.Properties{"vpcId": "v", "trafficType": "REJECT"}),
	},
	"vpc-sg-open-only-to-authorized-ports": openPort(443),
	"wafv2-logging-enabled":                one(webACLToken, invariant.Properties{"arn": "arn:w"}),
}
