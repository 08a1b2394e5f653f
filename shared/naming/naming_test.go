package naming

import (
	"strings"
	"testing"
)

// mustNew returns the namer of a suffix that is known to be good.
func mustNew(t *testing.T, suffix string) Namer {
	t.Helper()
	namer, err := New(suffix)
	if err != nil {
		t.Fatalf("New(%q): %v", suffix, err)
	}
	return namer
}

// wantMessage fails the test unless err contains every part.
func wantMessage(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q, which does not contain %q", err, part)
		}
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		name, suffix string
		accepted     bool
	}{
		{"a word is accepted", "local", true},
		{"a pull request's stack is accepted", "pr-123", true},
		{"a suffix that begins with a digit is accepted", "2026-drill", true},
		{"one character is accepted", "a", true},
		{"15 characters are accepted", "abcdefghijklmno", true}, // tg-app-secondary- leaves 15 of 32
		{"16 characters are refused", "abcdefghijklmnop", false},
		{"an empty suffix is refused", "", false},
		{"the ending of an access point's alias is refused", "blue-s3alias", false},
		{"the ending of an access point's alias alone is refused", "s3alias", false},
		{"the ending of a regional namespace is refused", "blue-an", false},
		{"a word that ends as a regional namespace does is accepted", "milan", true},
		{"a reserved word that is not the last is accepted", "an-s3alias-1", true},
		{"an upper-case letter is refused, because S3 takes none", "Dev", false},
		{"an underscore is refused, because S3 and load balancers take none", "my_env", false},
		{"a dot is refused, because load balancers take none", "v1.2", false},
		{"a hyphen at the beginning is refused, because it would double", "-dev", false},
		{"a hyphen at the end is refused, because RDS takes none there", "dev-", false},
		{"two hyphens in a row are refused, because RDS takes none", "pr--1", false},
		{"a line break at the end is refused", "dev\n", false},
		{"a letter outside ASCII is refused", "dév", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.suffix)
			if test.accepted && err != nil {
				t.Errorf("New(%q): %v", test.suffix, err)
			}
			if !test.accepted {
				wantMessage(t, err, SuffixRule())
			}
		})
	}
}

// The error has the suffix's length and what limits it.
func TestNewErrorNamesTheLimit(t *testing.T) {
	_, err := New("feature-login-form")
	wantMessage(t, err, `"feature-login-form"`, "18 characters", "1 to 15", "target group", "32")
}

// The error counts characters and not bytes.
func TestNewErrorCountsCharacters(t *testing.T) {
	_, err := New("dév")
	wantMessage(t, err, `"dév" (3 characters)`)
}

func TestName(t *testing.T) {
	tests := []struct {
		name     string
		kind     Kind
		purposes []string
		want     string
	}{
		{"a VPC is named by its role", VPC, []string{"primary"}, "vpc-primary-local"},
		{
			"a subnet's purposes are joined by hyphens", Subnet, []string{"secondary", "isolated", "us-west-2c"},
			"subnet-secondary-isolated-us-west-2c-local",
		},
		{"a route table begins with rtb", RouteTable, []string{"private-1"}, "rtb-private-1-local"},
		{"an internet gateway begins with igw", InternetGateway, []string{"primary"}, "igw-primary-local"},
		{"a NAT gateway begins with nat", NATGateway, []string{"primary"}, "nat-primary-local"},
		{"an elastic IP begins with eip", ElasticIP, []string{"nat"}, "eip-nat-local"},
		{"a peering connection begins with pcx", PeeringConnection, []string{"primary", "secondary"}, "pcx-primary-secondary-local"},
		{"a VPC endpoint begins with vpce", VPCEndpoint, []string{"secretsmanager"}, "vpce-secretsmanager-local"},
		{"a flow log begins with fl", FlowLog, []string{"secondary"}, "fl-secondary-local"},
		{"a health check begins with hc", HealthCheck, []string{"primary"}, "hc-primary-local"},
		{
			"a security group does not begin with sg-, which EC2 keeps for ids", SecurityGroup, []string{"database", "primary"},
			"secgroup-database-primary-local",
		},
		{"a log group begins with logs", LogGroup, []string{"flow", "primary"}, "logs-flow-primary-local"},
		{"an IAM role begins with role", IAMRole, []string{"flowlogs"}, "role-flowlogs-local"},
		{"a KMS alias begins with alias/, which KMS demands", KMSAlias, []string{"logs"}, "alias/key-logs-local"},
		{"a global database begins with globaldb", GlobalDatabase, []string{"records"}, "globaldb-records-local"},
		{"an Aurora cluster begins with aurora", DatabaseCluster, []string{"records", "primary"}, "aurora-records-primary-local"},
		{"an Aurora instance begins with instance", DatabaseInstance, []string{"records", "primary", "1"}, "instance-records-primary-1-local"},
		{"a DB subnet group begins with dbsubnets", DatabaseSubnetGroup, []string{"records"}, "dbsubnets-records-local"},
		{"a DB cluster parameter group begins with dbparams", DatabaseParameterGroup, []string{"records"}, "dbparams-records-local"},
		{"a DB cluster snapshot begins with dbsnapshot", DatabaseSnapshot, []string{"records"}, "dbsnapshot-records-local"},
		{"a restore test has no hyphen", RestoreTest, []string{"weekly", "primary"}, "restoretest_weekly_primary_local"},
		{"a secret begins with secret", Secret, []string{"records"}, "secret-records-local"},
		{"a bucket begins with bucket", Bucket, []string{"documents", "primary", "111122223333"}, "bucket-documents-primary-111122223333-local"},
		{"a backup vault begins with vault", BackupVault, []string{"primary"}, "vault-primary-local"},
		{"a backup plan begins with plan", BackupPlan, []string{"primary"}, "plan-primary-local"},
		{"a backup selection begins with selection", BackupSelection, []string{"primary"}, "selection-primary-local"},
		{"a table begins with table", Table, []string{"failover", "secondary"}, "table-failover-secondary-local"},
		{"a dashboard begins with dashboard", Dashboard, []string{"primary"}, "dashboard-primary-local"},
		{"an event bus begins with bus", EventBus, []string{"records"}, "bus-records-local"},
		{"an event rule begins with rule", EventRule, []string{"forward", "primary"}, "rule-forward-primary-local"},
		{"an event archive begins with archive", EventArchive, []string{"records", "primary"}, "archive-records-primary-local"},
		{"a queue begins with queue", Queue, []string{"undelivered", "primary"}, "queue-undelivered-primary-local"},
		{"a load balancer begins with alb", LoadBalancer, []string{"primary"}, "alb-primary-local"},
		{"a target group begins with tg", TargetGroup, []string{"app", "secondary"}, "tg-app-secondary-local"},
		{"a function begins with lambda", Function, []string{"app", "primary"}, "lambda-app-primary-local"},
		{"a topic begins with topic", Topic, []string{"notices", "primary"}, "topic-notices-primary-local"},
		{"an alarm begins with alarm", Alarm, []string{"no-traffic", "primary"}, "alarm-no-traffic-primary-local"},
		{"a schedule begins with schedule", Schedule, []string{"maintain", "primary"}, "schedule-maintain-primary-local"},
		{"a web ACL begins with webacl", WebACL, []string{"app", "primary"}, "webacl-app-primary-local"},
		{
			"the log group of a web ACL begins with aws-waf-logs, which AWS WAF demands", WebACLLogGroup, []string{"app", "primary"},
			"aws-waf-logs-app-primary-local",
		},
	}
	namer, named := mustNew(t, "local"), map[Kind]bool{}
	for _, test := range tests {
		named[test.kind] = true
		t.Run(test.name, func(t *testing.T) {
			got, err := namer.Name(test.kind, test.purposes...)
			if err != nil || got != test.want {
				t.Errorf("Name = %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if len(named) != len(rules) {
		t.Errorf("%d kinds are tested, the table has %d", len(named), len(rules))
	}
}

func TestNameRefuses(t *testing.T) {
	tests := []struct {
		name    string
		namer   Namer
		kind    Kind
		purpose []string
		want    []string // parts of the error
	}{
		{"the zero namer", Namer{}, VPC, []string{"primary"}, []string{"naming.New"}},
		{"a kind before the table", mustNew(t, "dev"), -1, []string{"primary"}, []string{"kind -1"}},
		{"a kind behind the table", mustNew(t, "dev"), Kind(len(rules)), []string{"primary"}, []string{"not in the table"}},
		{"a name with no purpose", mustNew(t, "dev"), IAMRole, nil, []string{"IAM role", "at least one purpose"}},
		{"an empty purpose", mustNew(t, "dev"), VPC, []string{"primary", ""}, []string{"VPC", `got ""`}},
		{"an upper-case purpose", mustNew(t, "dev"), VPC, []string{"Primary"}, []string{`got "Primary"`}},
		{"a slash in a purpose", mustNew(t, "dev"), LogGroup, []string{"a/b"}, []string{"log group", `got "a/b"`}},
		{
			// role- (5) and a purpose of 52 and a hyphen leave 6 of 64.
			"a role's name over 64, saying what the suffix may have", mustNew(t, "preview"), IAMRole, []string{strings.Repeat("p", 52)},
			[]string{"has 65 characters", "the limit is 64", "CreateRole", "the environment suffix may have 6"},
		},
		{
			// role- (5) and a purpose of 57 and a hyphen leave 1 of 64.
			"a purpose that leaves a suffix of one character", mustNew(t, "dev"), IAMRole, []string{strings.Repeat("p", 57)},
			[]string{"has 66 characters", "the environment suffix may have 1"},
		},
		{
			// role- (5) and a purpose of 58 and a hyphen are 64 and leave nothing.
			"a purpose that fills the limit by itself", mustNew(t, "dev"), IAMRole, []string{strings.Repeat("p", 58)},
			[]string{"has 67 characters", "shorten the purpose by 15"},
		},
		{
			// role- (5) and a purpose of 60 and a hyphen are 66 and leave nothing: 66 + 15 - 64 are too many.
			"a purpose that leaves a suffix no room, saying by how much to shorten it", mustNew(t, "dev"), IAMRole,
			[]string{strings.Repeat("p", 60)},
			[]string{"has 69 characters", "shorten the purpose by 17", "suffix of 15"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.namer.Name(test.kind, test.purpose...)
			if got != "" {
				t.Errorf("Name = %q beside an error", got)
			}
			wantMessage(t, err, test.want...)
		})
	}
}
