package naming

import (
	"strings"
	"testing"
)

// stems are names up to their suffix, at least one a kind, as the stacks make them.
var stems = map[string]Kind{
	"vpc-primary-":                                  VPC,
	"subnet-secondary-isolated-3-":                  Subnet,
	"rtb-primary-private-1-":                        RouteTable,
	"igw-primary-":                                  InternetGateway,
	"nat-primary-1-":                                NATGateway,
	"eip-secondary-2-":                              ElasticIP,
	"pcx-secondary-":                                PeeringConnection,
	"vpce-secretsmanager-primary-":                  VPCEndpoint,
	"fl-vpc-primary-":                               FlowLog,
	"hc-secondary-":                                 HealthCheck,
	"secgroup-database-primary-":                    SecurityGroup,
	"logs-vpc-secondary-":                           LogGroup,
	"role-replicate-documents-primary-":             IAMRole,
	"alias/key-data-primary-":                       KMSAlias,
	"globaldb-records-":                             GlobalDatabase,
	"aurora-records-secondary-":                     DatabaseCluster,
	"instance-records-primary-1-":                   DatabaseInstance,
	"dbsubnets-records-primary-":                    DatabaseSubnetGroup,
	"dbparams-records-secondary-pg16-":              DatabaseParameterGroup,
	"dbsnapshot-records-primary-":                   DatabaseSnapshot,
	"dbsnapshot-records-secondary-20261129t020304-": DatabaseSnapshot,
	"secret-database-":                              Secret,
	"bucket-accesslogs-primary-111122223333-":       Bucket,
	"vault-primary-":                                BackupVault,
	"plan-secondary-":                               BackupPlan,
	"selection-primary-":                            BackupSelection,
	"restoretest_documents_secondary_":              RestoreTest,
	"table-failover-secondary-":                     Table,
	"dashboard-primary-":                            Dashboard,
	"bus-records-":                                  EventBus,
	"rule-forward-records-primary-":                 EventRule,
	"archive-records-primary-":                      EventArchive,
	"queue-undelivered-records-secondary-":          Queue,
	"alb-primary-":                                  LoadBalancer,
	"tg-app-secondary-":                             TargetGroup,
	"lambda-app-primary-":                           Function,
	"topic-notices-primary-":                        Topic,
	"alarm-balancer-5xx-primary-":                   Alarm,
	"alarm-primary-endpoint-primary-":               Alarm,
	"schedule-maintain-secondary-":                  Schedule,
	"webacl-app-primary-":                           WebACL,
	"aws-waf-logs-app-secondary-":                   WebACLLogGroup,
}

// suffixes are environments, each of which ends as another does, or looks like a part of a name.
var suffixes = []string{
	"a", "b-a", "1-a", "primary-a", "x-primary-a", "private-1-a", "pg16-a", "records-a", "000000000000-a", "secondary",
	"20261129t020304",
}

// nameOf is the name of a stem and a suffix: in a kind that takes no hyphen, the suffix has none either.
func nameOf(stem, suffix string) string {
	if strings.HasSuffix(stem, "_") {
		suffix = strings.ReplaceAll(suffix, "-", "_")
	}
	return stem + suffix
}

func TestSuffixOf(t *testing.T) {
	tested := map[Kind]bool{}
	for stem, kind := range stems {
		tested[kind] = true
		for _, suffix := range suffixes {
			if got, ok := SuffixOf(nameOf(stem, suffix)); !ok || got != suffix {
				t.Errorf("SuffixOf(%q) = %q, %t; want %q", stem+suffix, got, ok, suffix)
			}
		}
	}
	for kind, r := range rules {
		if !tested[Kind(kind)] {
			t.Errorf("no name of a %s is read back: add a stem, and a format if it is not a purpose and a role", r.noun)
		}
	}
}

func TestSuffixOfRefuses(t *testing.T) {
	for reason, name := range map[string]string{
		"nothing":                                    "",
		"a kind that is not ours":                    "thing-primary-a",
		"a name without a role":                      "queue-undelivered-a",
		"a name that ends with its role":             "queue-undelivered-primary",
		"a name that ends with a hyphen":             "queue-undelivered-primary-",
		"a purpose where there is none":              "vpc-shared-primary-a",
		"no purpose where there is one":              "topic-primary-a",
		"a detail that is missing":                   "subnet-primary-private-a",
		"a detail of another form":                   "bucket-documents-primary-1111-a",
		"a suffix in upper case":                     "topic-notices-primary-A",
		"a purpose in upper case":                    "topic-Notices-primary-a",
		"a suffix longer than one may be":            "topic-notices-primary-" + strings.Repeat("a", MaxSuffixLength+1),
		"an empty word":                              "topic--primary-a",
		"the default key's alias, which AWS has set": "alias/aws/rds",
	} {
		if got, ok := SuffixOf(name); ok {
			t.Errorf("%s: SuffixOf(%q) = %q, want none", reason, name, got)
		}
	}
}

func FuzzSuffixOf(f *testing.F) {
	for _, suffix := range suffixes {
		f.Add("a", suffix)
	}
	f.Fuzz(func(t *testing.T, own, other string) {
		if _, err := New(own); err != nil || own == other {
			return
		}
		if _, err := New(other); err != nil {
			return
		}
		for stem := range stems {
			if got, ok := SuffixOf(nameOf(stem, own)); !ok || got != own {
				t.Errorf("SuffixOf(%q) = %q, %t; want %q", stem+own, got, ok, own)
			}
			if got, ok := SuffixOf(nameOf(stem, other)); !ok || got == own {
				t.Errorf("SuffixOf(%q) = %q, %t; want %q", stem+other, got, ok, other)
			}
		}
	})
}
