package invariant

import (
	"slices"
	"strings"
	"testing"
)

func TestTheRecordedPlatformKeepsEveryRule(t *testing.T) {
	for _, line := range Check(recorded(t), testPlatform) {
		t.Error(line)
	}
}

func TestEveryExceptionIsAboutATypeOfTheTableAndHasAReason(t *testing.T) {
	for _, e := range Exceptions {
		if _, known := Types[e.Type]; !known || e.Reason == "" || e.Name == "*" {
			t.Errorf("the exception %+v is of no known type, of every name, or has no reason", e)
		}
	}
}

func TestCheckFindsEachBreach(t *testing.T) {
	const (
		queue    = "aws:sqs/queue:Queue"
		bucket   = "aws:s3/bucketV2:BucketV2"
		sealing  = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
		blocking = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
		ingress  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	)
	tests := []struct {
		name        string
		token, of   string // the resource that is changed
		change      func(*Resource)
		says        string
		alsoMissing bool // another line follows from the change
	}{
		{"no tags at all", queue, "", func(r *Resource) { r.set("tagsAll", nil) }, `not tagged: the tag Environment is "", want "local"`, true},
		{"one tag missing", queue, "", func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "local", "Region": r.Region})
		}, `not tagged: the tag DR-Role is ""`, false},
		{"the other region's role", queue, "", func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "local", "Region": r.Region, "DR-Role": "elsewhere"})
		}, `not tagged: the tag DR-Role is "elsewhere"`, false},
		{"another environment's tag", queue, "", func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "b-local", "Region": r.Region, "DR-Role": "primary"})
		}, `not tagged: the tag Environment is "b-local", want "local"`, false},
		{"a region that the platform is not in", queue, "", func(r *Resource) { r.Region = "eu-west-1" }, `it is made in "eu-west-1"`, false},
		{"an ARN of another region than the tag's", queue, "", func(r *Resource) {
			r.set("arn", "arn:aws:sqs:eu-west-1:111122223333:queue")
		}, `the resource is in "eu-west-1" by its ARN`, false},
		{"tags where the table says that there are none", "aws:kms/alias:Alias", "", func(r *Resource) {
			r.set("tagsAll", map[string]any{})
		}, "it carries tags, and the table", false},
		{"another environment's name", queue, "", func(r *Resource) { r.set("name", "queue-failed-other") }, `not named: has the name "queue-failed-other"`, false},
		{"no Name tag on what awsx made", "aws:ec2/vpc:Vpc", "", func(r *Resource) { r.set("tags", map[string]any{}) }, `not named: has the tags.Name ""`, false},
		{"a type that no table knows", "aws:kms/alias:Alias", "", func(r *Resource) { r.Type = "aws:efs/fileSystem:FileSystem" },
			"not known: say in test/support/invariant how a aws:efs/fileSystem:FileSystem is named, whether it carries tags, and whether it can be encrypted", false},
		{"a function's URL", "aws:kms/alias:Alias", "", func(r *Resource) { r.Type = "aws:lambda/functionUrl:FunctionUrl" }, "not closed: a function's URL", false},
		{"a database in the clear", "aws:rds/cluster:Cluster", "", func(r *Resource) { r.set("storageEncrypted", false) },
			"not encrypted: has storageEncrypted false, want true", false},
		{"a database under the service's own key", "aws:rds/cluster:Cluster", "", func(r *Resource) { r.set("kmsKeyId", "alias/aws/rds") },
			"not encrypted: has kmsKeyId alias/aws/rds, want the ARN of a KMS key", false},
		{"a log without a key", "aws:cloudwatch/logGroup:LogGroup", "", func(r *Resource) { r.set("kmsKeyId", "") }, "not encrypted: has kmsKeyId", false},
		{"a queue encrypted in neither way", queue, "", func(r *Resource) {
			r.set("kmsMasterKeyId", "")
			r.set("sqsManagedSseEnabled", false)
		}, "not encrypted: has kmsMasterKeyId , want the ARN of a KMS key, or has sqsManagedSseEnabled false, want true", false},
		{"a queue encrypted in the other way", queue, "", func(r *Resource) {
			r.set("kmsMasterKeyId", "")
			r.set("sqsManagedSseEnabled", true)
		}, "", false},
		{"a bucket with S3's own key", sealing, "bucket-documents", func(r *Resource) {
			r.set("rules", []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}})
		}, "not encrypted: has rules.0.applyServerSideEncryptionByDefault.sseAlgorithm AES256, want aws:kms", false},
		{"a bucket whose encryption is another bucket's", bucket, "bucket-documents", func(r *Resource) { r.set("bucket", "bucket-other-local") },
			"not encrypted: no " + sealing + " belongs to it", true},
		{"public access half blocked", blocking, "bucket-documents", func(r *Resource) { r.set("blockPublicPolicy", false) },
			"not closed: has blockPublicPolicy false, want true", false},
		{"a group open to the world", ingress, "database", func(r *Resource) { r.set("cidrIpv4", "0.0.0.0/0") }, "not closed: admits 0.0.0.0/0, where the internet is", false},
		{"a group open to half of the world", ingress, "database", func(r *Resource) { r.set("cidrIpv4", "0.0.0.0/1") }, "not closed: admits 0.0.0.0/1", false},
		{"a group open to the world of IPv6", ingress, "database", func(r *Resource) { r.set("cidrIpv6", "::/0") }, "not closed: admits ::/0", false},
		{"a group open to more than a private range", ingress, "database", func(r *Resource) { r.set("cidrIpv4", "10.0.0.0/7") }, "not closed: admits 10.0.0.0/7", false},
		{"a range that is none", ingress, "database", func(r *Resource) { r.set("cidrIpv4", "anywhere") }, "which is no range", false},
		{"a group open to a prefix list", ingress, "database", func(r *Resource) { r.set("prefixListId", "pl-1") }, "not closed: admits the prefix list pl-1", false},
		{"rules inside a group", "aws:ec2/securityGroup:SecurityGroup", "", func(r *Resource) {
			r.Inputs = Properties{"ingress": []any{map[string]any{}}}
		}, "not closed: gives 1 rules of its own that admit", false},
		{"rules that a refresh saw in a group", "aws:ec2/securityGroup:SecurityGroup", "", func(r *Resource) {
			r.set("ingress", []any{map[string]any{}})
		}, "", false},
		{"a rule in the default group", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "", func(r *Resource) {
			r.set("ingress", []any{map[string]any{}})
		}, "not closed: has 1 rules of its own", false},
		{"a database that the internet reaches", "aws:rds/clusterInstance:ClusterInstance", "", func(r *Resource) { r.set("publiclyAccessible", true) },
			"not closed: has publiclyAccessible true, want false", false},
		{"a function that anybody invokes", "aws:lambda/permission:Permission", "", func(r *Resource) { r.set("principal", "*") }, `admits the principal "*"`, false},
		{"a function that a service invokes for anybody", "aws:lambda/permission:Permission", "", func(r *Resource) { r.set("sourceArn", "") }, "names no sourceArn", false},
		{"a queue's policy for everybody", "aws:sqs/queuePolicy:QueuePolicy", "", func(r *Resource) {
			r.set("policy", `{"Statement": [{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]}`)
		}, `not closed: the policy allows everybody by its statement "Open"`, false},
		{"a VPC whose default group is left as AWS makes it", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "", func(r *Resource) {
			r.set("vpcId", "vpc-other")
		}, "no aws:ec2/defaultSecurityGroup:DefaultSecurityGroup belongs to it", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resources := recorded(t)
			test.change(find(t, resources, test.token, test.of))
			lines := Check(resources, testPlatform)
			switch all := strings.Join(lines, "\n"); {
			case test.says == "" && len(lines) > 0:
				t.Errorf("the breaches are %q, want none", lines)
			case !strings.Contains(all, test.says):
				t.Errorf("the breaches are %q, want one that says %q", lines, test.says)
			case test.says != "" && !test.alsoMissing && len(lines) != 1:
				t.Errorf("the breaches are %q, want one", lines)
			}
		})
	}
}

func TestWhatAProgramAsksForMayBeUnknownAndMayNotBeLeftOut(t *testing.T) {
	const topic = "aws:sns/topic:Topic"
	for _, given := range []any{"arn of a key", struct{}{}} { // The engine's unknown is a value that is no text.
		if found := PlannedEncryptionFaults(topic, Properties{"kmsMasterKeyId": given}); len(found) > 0 {
			t.Errorf("%v: the breaches are %q, want none", given, found)
		}
	}
	for _, given := range []any{nil, ""} {
		if found := PlannedEncryptionFaults(topic, Properties{"kmsMasterKeyId": given}); len(found) != 1 {
			t.Errorf("%v: the breaches are %q, want one", given, found)
		}
	}
}

func TestAnExceptionThatExcusesNothingIsABreach(t *testing.T) {
	unused := Exception{Closed, "aws:sqs/queue:Queue", "queue-*", "of old"}
	lines := check(recorded(t), testPlatform, append(slices.Clone(Exceptions), unused))
	if want := `the exception of aws:sqs/queue:Queue queue-* from "closed" excuses nothing: take it out`; !slices.Equal(lines, []string{want}) {
		t.Errorf("the breaches are %q, want %q", lines, want)
	}
}

func TestAnExceptionIsOfOneRuleOneTypeAndItsNames(t *testing.T) {
	e := Exception{Closed, "aws:lb/loadBalancer:LoadBalancer", "alb-*", "users reach it"}
	tests := []struct {
		name        string
		rule        Rule
		token, with string
		want        bool
	}{
		{"what it names", Closed, "aws:lb/loadBalancer:LoadBalancer", "alb-primary-dev", true},
		{"another rule", Tagged, "aws:lb/loadBalancer:LoadBalancer", "alb-primary-dev", false},
		{"another type", Closed, "aws:lb/listener:Listener", "alb-primary-dev", false},
		{"another name", Closed, "aws:lb/loadBalancer:LoadBalancer", "internal", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := e.excuses(test.rule, test.token, test.with); got != test.want {
				t.Errorf("it excuses: %t, want %t", got, test.want)
			}
		})
	}
}

func TestStatesWithoutResourcesProveNothing(t *testing.T) {
	if lines := Check(nil, testPlatform); len(lines) != 1 || !strings.Contains(lines[0], "nothing was looked at") {
		t.Errorf("the breaches are %q, want that nothing was looked at", lines)
	}
}
