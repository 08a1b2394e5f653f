package invariant

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestRecorded(t *testing.T) {
	t.Run("the recorded platform keeps every rule", func(t *testing.T) {
		for _, line := range Check(recorded(t), testPlatform) {
			t.Error(line)
		}
	})
}

func TestExceptions(t *testing.T) {
	for _, e := range Exceptions {
		if _, known := Types[e.Type]; !known || e.Reason == "" || e.Name == "*" {
			t.Errorf("the exception %+v is of no known type, of every name, or has no reason", e)
		}
	}
}

func TestCheck(t *testing.T) {
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
		want        string // part of a line; nothing: there is none
		alsoMissing bool   // another line follows from the change
	}{
		{
			name:        "no tags at all",
			token:       queue,
			change:      func(r *Resource) { r.set("tagsAll", nil) },
			want:        `not tagged: the tag Environment is "", want "local"`,
			alsoMissing: true,
		},
		{name: "one tag missing", token: queue, change: func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "local", "Region": r.Region})
		}, want: `not tagged: the tag DR-Role is ""`},
		{name: "the other region's role", token: queue, change: func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "local", "Region": r.Region, "DR-Role": "elsewhere"})
		}, want: `not tagged: the tag DR-Role is "elsewhere"`},
		{name: "another environment's tag", token: queue, change: func(r *Resource) {
			r.set("tagsAll", map[string]any{"Environment": "b-local", "Region": r.Region, "DR-Role": "primary"})
		}, want: `not tagged: the tag Environment is "b-local", want "local"`},
		{
			name:   "a region that the platform is not in",
			token:  queue,
			change: func(r *Resource) { r.Region = "eu-west-1" },
			want:   `it is made in "eu-west-1"`,
		},
		{name: "an ARN of another region than the tag's", token: queue, change: func(r *Resource) {
			r.set("arn", "arn:aws:sqs:eu-west-1:111122223333:queue")
		}, want: `the resource is in "eu-west-1" by its ARN`},
		{name: "tags where the table excludes them", token: "aws:kms/alias:Alias", change: func(r *Resource) {
			r.set("tagsAll", map[string]any{})
		}, want: "it has tags, which the table"},
		{
			name:   "another environment's name",
			token:  queue,
			change: func(r *Resource) { r.set("name", "queue-failed-other") },
			want:   `not named: has the name "queue-failed-other"`,
		},
		{
			name:   "no Name tag on a resource of awsx",
			token:  "aws:ec2/vpc:Vpc",
			change: func(r *Resource) { r.set("tags", map[string]any{}) },
			want:   `not named: has the tags.Name ""`,
		},
		{name: "a type that no table knows", token: "aws:kms/alias:Alias", change: func(r *Resource) { r.Type = "aws:efs/fileSystem:FileSystem" },
			want: "not known: add a row for aws:efs/fileSystem:FileSystem to Types in test/support/invariant"},
		{
			name:   "a function's URL",
			token:  "aws:kms/alias:Alias",
			change: func(r *Resource) { r.Type = "aws:lambda/functionUrl:FunctionUrl" },
			want:   "not closed: it is reached from the internet",
		},
		{name: "a database without encryption", token: "aws:rds/cluster:Cluster", change: func(r *Resource) { r.set("storageEncrypted", false) },
			want: "not encrypted: has storageEncrypted false, want true"},
		{
			name:   "a database under the service's own key",
			token:  "aws:rds/cluster:Cluster",
			change: func(r *Resource) { r.set("kmsKeyId", "alias/aws/rds") },
			want:   "not encrypted: has kmsKeyId alias/aws/rds, want the ARN of a KMS key",
		},
		{
			name:   "a log without a key",
			token:  "aws:cloudwatch/logGroup:LogGroup",
			change: func(r *Resource) { r.set("kmsKeyId", "") },
			want:   "not encrypted: has kmsKeyId",
		},
		{name: "a queue without encryption", token: queue, change: func(r *Resource) {
			r.set("kmsMasterKeyId", "")
			r.set("sqsManagedSseEnabled", false)
		}, want: "not encrypted: has kmsMasterKeyId , want the ARN of a KMS key, or has sqsManagedSseEnabled false, want true"},
		{name: "a queue encrypted by SQS", token: queue, change: func(r *Resource) {
			r.set("kmsMasterKeyId", "")
			r.set("sqsManagedSseEnabled", true)
		}},
		{name: "a bucket with S3's own key", token: sealing, of: "bucket-documents", change: func(r *Resource) {
			r.set("rules", []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}})
		}, want: "not encrypted: has rules.0.applyServerSideEncryptionByDefault.sseAlgorithm AES256, want aws:kms"},
		{
			name:        "a bucket whose encryption is another bucket's",
			token:       bucket,
			of:          "bucket-documents",
			change:      func(r *Resource) { r.set("bucket", "bucket-other-local") },
			want:        "not encrypted: no " + sealing + " belongs to it",
			alsoMissing: true,
		},
		{
			name:   "public access half blocked",
			token:  blocking,
			of:     "bucket-documents",
			change: func(r *Resource) { r.set("blockPublicPolicy", false) },
			want:   "not closed: has blockPublicPolicy false, want true",
		},
		{
			name:   "a group open to the world",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("cidrIpv4", "0.0.0.0/0") },
			want:   "not closed: admits 0.0.0.0/0, which has addresses of the internet",
		},
		{
			name:   "a group open to half of the world",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("cidrIpv4", "0.0.0.0/1") },
			want:   "not closed: admits 0.0.0.0/1",
		},
		{
			name:   "a group open to the world of IPv6",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("cidrIpv6", "::/0") },
			want:   "not closed: admits ::/0",
		},
		{
			name:   "a group open to more than a private range",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("cidrIpv4", "10.0.0.0/7") },
			want:   "not closed: admits 10.0.0.0/7",
		},
		{
			name:   "a range that is none",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("cidrIpv4", "anywhere") },
			want:   "which is no range",
		},
		{
			name:   "a group open to a prefix list",
			token:  ingress,
			of:     "database",
			change: func(r *Resource) { r.set("prefixListId", "pl-1") },
			want:   "not closed: admits the prefix list pl-1",
		},
		{name: "inline rules of a group", token: "aws:ec2/securityGroup:SecurityGroup", change: func(r *Resource) {
			r.Inputs = Properties{"ingress": []any{map[string]any{}}}
		}, want: "not closed: sets 1 ingress rules inline"},
		{name: "inline egress of a group", token: "aws:ec2/securityGroup:SecurityGroup", change: func(r *Resource) {
			r.Inputs = Properties{"egress": []any{map[string]any{}}}
		}, want: "not closed: sets 1 egress rules inline"},
		{name: "inline rules after a refresh", token: "aws:ec2/securityGroup:SecurityGroup", change: func(r *Resource) {
			r.set("ingress", []any{map[string]any{"protocol": "tcp"}})
		}},
		{name: "a group that keeps EC2's rule of all egress", token: "aws:ec2/securityGroup:SecurityGroup", change: func(r *Resource) {
			r.set("egress", []any{map[string]any{"protocol": "-1", "cidrBlocks": []any{"0.0.0.0/0"}}})
		}, want: "not closed: has a rule of all egress"},
		{name: "all egress of the default group", token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", change: func(r *Resource) {
			r.set("egress", []any{map[string]any{"protocol": "tcp"}})
		}, want: "not closed: has 1 egress rules inline"},
		{
			name: "egress to the world", token: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", of: "function",
			change: func(r *Resource) { r.set("cidrIpv4", "0.0.0.0/0") },
			want:   "not closed: lets out to 0.0.0.0/0, which has addresses of the internet",
		},
		{name: "a rule in the default group", token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", change: func(r *Resource) {
			r.set("ingress", []any{map[string]any{}})
		}, want: "not closed: has 1 ingress rules inline"},
		{
			name:   "a database that the internet reaches",
			token:  "aws:rds/clusterInstance:ClusterInstance",
			change: func(r *Resource) { r.set("publiclyAccessible", true) },
			want:   "not closed: has publiclyAccessible true, want false",
		},
		{
			name:   "a function that anybody invokes",
			token:  "aws:lambda/permission:Permission",
			change: func(r *Resource) { r.set("principal", "*") },
			want:   `admits the principal "*"`,
		},
		{
			name:   "a function that a service invokes for anybody",
			token:  "aws:lambda/permission:Permission",
			change: func(r *Resource) { r.set("sourceArn", "") },
			want:   "names no sourceArn",
		},
		{name: "a queue's policy for everybody", token: "aws:sqs/queuePolicy:QueuePolicy", change: func(r *Resource) {
			r.set("policy", `{"Statement": [{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]}`)
		}, want: `not closed: the policy allows everybody by its statement "Open"`},
		{
			name:  "a VPC whose default group is not managed",
			token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
			change: func(r *Resource) {
				r.set("vpcId", "vpc-other")
			},
			want: "no aws:ec2/defaultSecurityGroup:DefaultSecurityGroup belongs to it",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resources := recorded(t)
			test.change(find(t, resources, test.token, test.of))
			lines := Check(resources, testPlatform)
			switch all := strings.Join(lines, "\n"); {
			case test.want == "" && len(lines) > 0:
				t.Errorf("the breaches are %q, want none", lines)
			case !strings.Contains(all, test.want):
				t.Errorf("the breaches are %q, want one that contains %q", lines, test.want)
			case test.want != "" && !test.alsoMissing && len(lines) != 1:
				t.Errorf("the breaches are %q, want one", lines)
			}
		})
	}
}

func TestPlannedEncryption(t *testing.T) {
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

func TestUnusedException(t *testing.T) {
	unused := Exception{Rule: Closed, Type: "aws:sqs/queue:Queue", Name: "queue-*", Stack: "data-global", Reason: "of old"}
	want := `the exception of aws:sqs/queue:Queue queue-* from "closed" covers nothing: remove it`
	lines := check(recorded(t), testPlatform, append(slices.Clone(Exceptions), unused))
	if !slices.Equal(lines, []string{want}) {
		t.Errorf("the breaches are %q, want %q", lines, want)
	}
	for name, change := range map[string]func(*Exception){
		"one of another stack":          func(e *Exception) { e.Stack = "another" },
		"one for a setting that is off": func(e *Exception) { e.When = HTTPS },
	} {
		t.Run(name+" may cover nothing", func(t *testing.T) {
			changed := unused
			change(&changed)
			if lines := check(recorded(t), testPlatform, append(slices.Clone(Exceptions), changed)); len(lines) > 0 {
				t.Errorf("the breaches are %q, want none", lines)
			}
		})
	}
}

func TestExcuses(t *testing.T) {
	e := Exception{
		Rule: Closed, Type: "aws:lb/loadBalancer:LoadBalancer", Name: "alb-*", Stack: "region-app-*", When: HTTPS,
		With: map[string]any{"port": 80.0}, Reason: "users reach it",
	}
	covered := Resource{Type: "aws:lb/loadBalancer:LoadBalancer", Name: "alb-primary-dev", Outputs: Properties{"port": 80.0}}
	tests := []struct {
		name     string
		rule     Rule
		change   func(*Resource)
		settings []Setting
		want     bool
	}{
		{name: "what it names", rule: Closed, settings: []Setting{HTTPS}, want: true},
		{name: "another rule", rule: Tagged, settings: []Setting{HTTPS}},
		{
			name: "another type", rule: Closed, settings: []Setting{HTTPS},
			change: func(r *Resource) { r.Type = "aws:lb/listener:Listener" },
		},
		{name: "another name", rule: Closed, settings: []Setting{HTTPS}, change: func(r *Resource) { r.Name = "internal" }},
		{
			name: "another output", rule: Closed, settings: []Setting{HTTPS},
			change: func(r *Resource) { r.Outputs = Properties{"port": 22.0} },
		},
		{name: "another setting", rule: Closed, settings: []Setting{NAT}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := covered
			if test.change != nil {
				test.change(&r)
			}
			if got := e.excuses(test.rule, r, Platform{Settings: test.settings}); got != test.want {
				t.Errorf("it excuses: %t, want %t", got, test.want)
			}
		})
	}
}

// With HTTPS the redirect of port 80 passes, with HTTPS alone, and nothing else under its name.
func TestRedirect(t *testing.T) {
	withHTTPS := testPlatform
	withHTTPS.Settings = []Setting{HTTPS}
	redirect := func(port float64, source string) Resource {
		return Resource{
			Type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", Name: "loadbalancer-redirect-from-world-primary",
			Stack: "foundation-network", Region: "us-east-1", Outputs: Properties{
				"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": source,
				"tagsAll": map[string]any{"Environment": "local", "Region": "us-east-1", "DR-Role": "primary"},
			},
		}
	}
	for _, test := range []struct {
		name     string
		rule     Resource
		platform Platform
		excused  bool
	}{
		{"port 80 with HTTPS", redirect(80, "0.0.0.0/0"), withHTTPS, true},
		{"port 80 without HTTPS", redirect(80, "0.0.0.0/0"), testPlatform, false},
		{"port 22 with HTTPS", redirect(22, "0.0.0.0/0"), withHTTPS, false},
		{"half of the world", redirect(80, "0.0.0.0/1"), withHTTPS, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines := Check([]Resource{test.rule}, test.platform)
			open := slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "has addresses of the internet") })
			if open == test.excused {
				t.Errorf("the breaches are %q; excused: %t", lines, test.excused)
			}
		})
	}
}

func TestListeners(t *testing.T) {
	const listener = "aws:lb/listener:Listener"
	serving := Properties{"protocol": "HTTPS", "certificateArn": "arn", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
	with := func(key string, value any) Properties {
		changed := maps.Clone(serving)
		changed[key] = value
		return changed
	}
	action := func(action map[string]any) Properties {
		return Properties{"protocol": "HTTP", "defaultActions": []any{action}}
	}
	for _, test := range []struct {
		name    string
		outputs Properties
		want    string
	}{
		{name: "HTTPS", outputs: serving},
		{
			name:    "a redirect to HTTPS",
			outputs: action(map[string]any{"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS"}}),
		},
		{
			name:    "a redirect to HTTP",
			outputs: action(map[string]any{"type": "redirect", "redirect": map[string]any{"protocol": "HTTP"}}), want: `redirects to "HTTP"`,
		},
		{name: "plain HTTP", outputs: action(map[string]any{"type": "forward"}), want: `serves users by "HTTP"`},
		{name: "no certificate", outputs: with("certificateArn", ""), want: "with the certificate"},
		{name: "an old policy", outputs: with("sslPolicy", "ELBSecurityPolicy-2016-08"), want: "admits TLS before 1.2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := strings.Join(listenerFaults(Resource{Type: listener, Outputs: test.outputs}, Platform{Settings: []Setting{HTTPS}}), "\n")
			if !strings.Contains(found, test.want) || (found == "") != (test.want == "") {
				t.Errorf("the breaches are %q, want %q", found, test.want)
			}
			if found := listenerFaults(Resource{Type: listener, Outputs: test.outputs}, Platform{}); len(found) > 0 {
				t.Errorf("without HTTPS the breaches are %q, want none", found)
			}
		})
	}
}

func TestNoResources(t *testing.T) {
	if lines := Check(nil, testPlatform); len(lines) != 1 || !strings.Contains(lines[0], "nothing was checked") {
		t.Errorf("the breaches are %q, want that nothing was checked", lines)
	}
}
