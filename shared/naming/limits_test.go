package naming

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

// AWS's rules for each kind's name, written independently of the table that they test.
var (
	tagForm = regexp.MustCompile(`^[A-Za-z0-9 +\-=._:/@]{1,256}$`)
	// RDS begins an identifier with a letter and has no two hyphens in a row, nor one at the end.
	rdsForm  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	awsForms = map[Kind]*regexp.Regexp{
		VPC: tagForm, Subnet: tagForm, RouteTable: tagForm, InternetGateway: tagForm, NATGateway: tagForm,
		ElasticIP: tagForm, PeeringConnection: tagForm, VPCEndpoint: tagForm, FlowLog: tagForm, HealthCheck: tagForm,
		SecurityGroup:  regexp.MustCompile(`^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`),
		LogGroup:       regexp.MustCompile(`^[A-Za-z0-9_\-/.#]{1,512}$`),
		IAMRole:        regexp.MustCompile(`^[A-Za-z0-9_+=,.@\-]{1,64}$`),
		KMSAlias:       regexp.MustCompile(`^alias/[A-Za-z0-9/_\-]{1,250}$`), // 256 with "alias/"
		GlobalDatabase: rdsForm, DatabaseCluster: rdsForm, DatabaseInstance: rdsForm, DatabaseSnapshot: rdsForm,
		DatabaseSubnetGroup:    regexp.MustCompile(`^[a-z0-9._ \-]{1,255}$`),
		DatabaseParameterGroup: regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
		Secret:                 regexp.MustCompile(`^[A-Za-z0-9/_+=.@\-]{1,512}$`),
		Bucket:                 regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`),
		BackupVault:            regexp.MustCompile(`^[A-Za-z0-9\-_]{2,50}$`),
		BackupPlan:             regexp.MustCompile(`^[A-Za-z0-9\-_.]{1,50}$`),
		BackupSelection:        regexp.MustCompile(`^[A-Za-z0-9\-_.]{1,50}$`),
		RestoreTest:            regexp.MustCompile(`^[A-Za-z0-9_]{1,50}$`),
		Table:                  regexp.MustCompile(`^[A-Za-z0-9_.\-]{3,255}$`),
		Dashboard:              regexp.MustCompile(`^[A-Za-z0-9_\-]{1,255}$`),
		EventBus:               regexp.MustCompile(`^[/.\-_A-Za-z0-9]{1,256}$`),
		EventRule:              regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`),
		EventArchive:           regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,48}$`),
		Queue:                  regexp.MustCompile(`^[A-Za-z0-9_\-]{1,80}$`),
		// Elastic Load Balancing takes hyphens inside only, and keeps "internal-" to itself.
		LoadBalancer: regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9\-]{0,30}[A-Za-z0-9])?$`),
		TargetGroup:  regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9\-]{0,30}[A-Za-z0-9])?$`),
		Function:     regexp.MustCompile(`^[A-Za-z0-9_\-]{1,64}$`),
		Topic:        regexp.MustCompile(`^[A-Za-z0-9_\-]{1,256}$`),
		Alarm:        regexp.MustCompile(`^[^:].{0,254}$`), // any character but a colon at the beginning
		Schedule:     regexp.MustCompile(`^[A-Za-z0-9_.\-]{1,64}$`),
		WebACL:       regexp.MustCompile(`^[A-Za-z0-9_\-]{1,128}$`),
		// AWS WAF wants the beginning (AWS WAF API, LoggingConfiguration, LogDestinationConfigs).
		WebACLLogGroup: regexp.MustCompile(`^aws-waf-logs-[A-Za-z0-9_\-/.#]{1,499}$`),
	}
	// reserved are the beginnings that AWS keeps to itself.
	reserved = []string{"sg-", "aws:", "aws/", "alias/aws/", "internal-"}
)

// Each kind's limit is reached and not exceeded.
func TestLimits(t *testing.T) {
	limits := map[Kind]int{
		VPC: 256, Subnet: 256, RouteTable: 256, InternetGateway: 256, NATGateway: 256, // a tag's value
		ElasticIP: 256, PeeringConnection: 256, VPCEndpoint: 256, FlowLog: 256, HealthCheck: 256,
		SecurityGroup:  255,                                                                 // GroupName
		LogGroup:       512,                                                                 // logGroupName
		IAMRole:        64,                                                                  // RoleName
		KMSAlias:       256,                                                                 // AliasName, "alias/" included
		GlobalDatabase: 63, DatabaseCluster: 63, DatabaseInstance: 63, DatabaseSnapshot: 63, // identifiers of RDS
		DatabaseSubnetGroup: 255, DatabaseParameterGroup: 255, // names of RDS
		Secret:      512,
		Bucket:      63,
		BackupVault: 50, BackupPlan: 50, BackupSelection: 50, RestoreTest: 50, // names of AWS Backup
		Table: 255, Dashboard: 255, // TableName and DashboardName
		EventBus: 256, EventRule: 64, EventArchive: 48, // names of EventBridge
		Queue:        80,                  // QueueName
		LoadBalancer: 32, TargetGroup: 32, // names of Elastic Load Balancing
		Function: 64, Topic: 256, Alarm: 255, Schedule: 64, WebACL: 128, WebACLLogGroup: 512,
	}
	namer := mustNew(t, "dev")
	for kind := range Kind(len(rules)) {
		t.Run(rules[kind].noun, func(t *testing.T) {
			purpose := strings.Repeat("p", limits[kind]-len(rules[kind].prefix+"--dev"))
			name, err := namer.Name(kind, purpose)
			if err != nil || len(name) != limits[kind] {
				t.Errorf("a name of %d: got one of %d, %v", limits[kind], len(name), err)
			}
			_, err = namer.Name(kind, purpose+"p")
			wantMessage(t, err, rules[kind].noun, rules[kind].source)
		})
	}
}

// No two kinds have the same prefix.
func TestPrefixesAreUnique(t *testing.T) {
	owner := map[string]string{}
	for _, r := range rules {
		if other, taken := owner[r.prefix]; taken {
			t.Errorf("%q is the prefix of %s and of %s", r.prefix, other, r.noun)
		}
		owner[r.prefix] = r.noun
	}
}

// The longest suffix fits the platform's tightest names.
func TestMaxSuffixLength(t *testing.T) {
	suffix := strings.Repeat("s", MaxSuffixLength)
	tests := []struct {
		name, stem string
		limit      int
	}{
		{"a target group has 32", "tg-app-secondary-", 32},
		{"a load balancer has 32", "alb-secondary-", 32},
		{"a bucket has 63, its account id included", "bucket-documents-secondary-123456789012-", 63},
		{"a Lambda function has 64", "lambda-failover-controller-", 64},
		{"an Aurora cluster has 63", "aurora-records-secondary-", 63},
		{"an event archive has 48", "archive-records-secondary-", 48},
		{"an Aurora instance has 63", "instance-records-secondary-15-", 63},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if name := test.stem + suffix; len(name) > test.limit {
				t.Errorf("%q has %d characters", name, len(name))
			}
		})
	}
}

func TestRequiredTags(t *testing.T) {
	got := RequiredTags("pr-123", "us-west-2", Secondary)
	want := map[string]string{"Environment": "pr-123", "Region": "us-west-2", "DR-Role": "secondary"}
	if !maps.Equal(got, want) {
		t.Errorf("RequiredTags = %v, want %v", got, want)
	}
	got[TagRole] = "changed"
	if again := RequiredTags("pr-123", "us-west-2", Primary); again[TagRole] != "primary" {
		t.Errorf("a change of one map shows in the next: %v", again)
	}
}

func FuzzName(f *testing.F) {
	f.Add("local", "primary", int(VPC))
	f.Add("pr-123", "database-primary", int(SecurityGroup))
	f.Add("Dev_1", "a/b", int(KMSAlias))
	f.Add("dev\n", "aws", int(LogGroup))
	f.Add("dev", strings.Repeat("p", 300), int(IAMRole))
	f.Add("é", "", -1)
	f.Fuzz(func(t *testing.T, suffix, purpose string, number int) {
		namer, err := New(suffix)
		if err != nil {
			return
		}
		kind := Kind(number)
		name, err := namer.Name(kind, purpose)
		if err != nil {
			return
		}
		if !awsForms[kind].MatchString(name) {
			t.Errorf("%q is not what AWS takes for a %s", name, rules[kind].noun)
		}
		for _, beginning := range reserved {
			if strings.HasPrefix(name, beginning) {
				t.Errorf("%q begins with the reserved %q", name, beginning)
			}
		}
		if kind == RestoreTest {
			name = strings.ReplaceAll(name, "_", "-") // neither purpose nor suffix has an underscore
		}
		if !strings.HasSuffix(name, "-"+purpose+"-"+suffix) {
			t.Errorf("%q does not end with its purpose and suffix", name)
		}
	})
}
