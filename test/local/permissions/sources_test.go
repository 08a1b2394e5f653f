package permissions

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goInput is a request of AWS's SDK for Go, with its package, and jsCommand and jsPages are those of its SDK for JavaScript.
var (
	goInput   = regexp.MustCompile(`\b(\w+)\.(\w+)Input\{`)
	jsCommand = regexp.MustCompile(`new (\w+)Command\(`)
	jsPages   = regexp.MustCompile(`\bpaginate([A-Z]\w+)\(`)
	jsClient  = regexp.MustCompile(`from '@aws-sdk/client-([\w-]+)'`)
)

// services are IAM's names of services whose packages in the SDKs have another one.
var services = map[string]string{
	"secrets-manager": "secretsmanager", "eventbridge": "events", "cloudwatchlogs": "logs", "cloudwatch-logs": "logs",
	"elasticloadbalancingv2": "elasticloadbalancing",
}

// actions are IAM's names of operations of another name (Service Authorization Reference).
var actions = map[string]string{
	"lambda:Invoke": "lambda:InvokeFunction", "s3:ListBuckets": "s3:ListAllMyBuckets", "s3:ListObjectsV2": "s3:ListBucket",
	"sqs:DeleteMessageBatch": "sqs:DeleteMessage",
	"s3:ListObjectVersions":  "s3:ListBucketVersions", "s3:HeadObject": "s3:GetObjectVersion", "s3:CopyObject": "s3:PutObject",
}

// byOperator are the operations in the controller's source that only its command line makes, with an operator's own permissions, or, for
// the promotion of a restore, with the deployer's.
var byOperator = []string{
	"ssm:PutParameter", "rds:RemoveFromGlobalCluster", "rds:DescribeDBClusterSnapshots", "rds:RestoreDBClusterFromSnapshot",
	"rds:RestoreDBClusterToPointInTime",
	"rds:CreateDBInstance", "rds:DeleteDBInstance", "rds:DeleteDBCluster",
	"s3:ListBucketVersions", "s3:GetObjectVersion", "s3:DeleteObject",
	"rds:CreateDBClusterSnapshot", "rds:ModifyDBCluster", "rds:ModifyGlobalCluster", "rds:DeleteGlobalCluster", "rds:CreateGlobalCluster",
}

// observers are the packages beside the controller's that its function has not, which observers alone run.
var observers = []string{"lambda/failover/observer", "lambda/failover/history", "lambda/failover/healthcheck"}

// sources returns the text of every source file under a folder of the repository, without those of the observers where the folder is none
// of theirs.
func sources(t *testing.T, folder, extension, test string) map[string]string {
	t.Helper()
	found := map[string]string{}
	top := filepath.Join("..", "..", "..", filepath.FromSlash(folder))
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != top && slices.ContainsFunc(observers, func(observer string) bool {
			return filepath.Join("..", "..", "..", filepath.FromSlash(observer)) == path
		}) {
			return filepath.SkipDir
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != extension || strings.HasSuffix(path, test) {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// actionOf returns IAM's name of an operation.
func actionOf(service, operation string) string {
	if name, other := services[service]; other {
		service = name
	}
	action := service + ":" + operation
	if name, other := actions[action]; other {
		return name
	}
	return action
}

// TestEachCallIsInTheTable reads which operations of AWS the sources of the two functions have.
func TestEachCallIsInTheTable(t *testing.T) {
	e := read(t, "local")
	primary, standby := e.views()
	for _, function := range []struct {
		name, folder, extension, test string
		role                          string
		least                         int // the operations that the source certainly has; fewer: this test has gone blind
		operations                    func(text string) [][2]string
	}{
		{"the failover controller", "lambda/failover", ".go", "_test.go", standby.named("failover"), 14, func(text string) (all [][2]string) {
			for _, found := range goInput.FindAllStringSubmatch(text, -1) {
				all = append(all, [2]string{found[1], found[2]})
			}
			return all
		}},
		{"the records API", "lambda/app/src", ".js", ".test.js", primary.named("app"), 5, func(text string) (all [][2]string) {
			for _, operation := range append(jsCommand.FindAllStringSubmatch(text, -1), jsPages.FindAllStringSubmatch(text, -1)...) {
				client := jsClient.FindStringSubmatch(text)
				if client == nil {
					t.Fatalf("%s is called in a file that imports no client", operation[1])
				}
				all = append(all, [2]string{client[1], operation[1]})
			}
			return all
		}},
	} {
		t.Run("each operation of "+function.name+" has a row", func(t *testing.T) {
			var seen []string
			for path, text := range sources(t, function.folder, function.extension, function.test) {
				for _, operation := range function.operations(text) {
					action := actionOf(operation[0], operation[1])
					if !slices.Contains(seen, action) {
						seen = append(seen, action)
					}
					inTable := slices.ContainsFunc(e.table(), func(row call) bool {
						return row.principal == function.role && row.action == action && row.refused == ""
					})
					if !inTable && !slices.Contains(byOperator, action) {
						t.Errorf("%s calls %s, and %s has no row with it", path, action, function.role)
					}
				}
			}
			if len(seen) < function.least {
				t.Errorf("only %q were found in %s, want %d or more", seen, function.folder, function.least)
			}
		})
	}
}

// TestToolsCallsAreAllowed reads which operations the tools have that a deployer's and an operator's commands run.
func TestToolsCallsAreAllowed(t *testing.T) {
	rows := ofPeople(t)
	for _, tool := range []struct {
		folder, principal string
		least             int
		except            []string
	}{
		{"shared/staterepair", "deployer", 25, nil},
		{"test/sweep/services", "deployer", 25, nil},
		{"shared/engineupgrade", "deployer", 3, nil},
		// The validation is the controller's alone, and the promotion of a restore is a deployer's. A version of an object is deleted by
		// s3:DeleteObjectVersion.
		{"lambda/failover", "operator", 19, []string{
			"backup:PutRestoreValidationResult", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricData", "s3:GetObject", "s3:PutObject",
			"s3:DeleteObject", "rds:CreateDBClusterSnapshot", "rds:ModifyDBCluster", "rds:ModifyGlobalCluster", "rds:DeleteGlobalCluster",
			"rds:CreateGlobalCluster", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota",
		}},
		{observers[0], "observer", 3, nil},
		{observers[1], "observer", 2, nil},
		{observers[2], "observer", 3, nil},
		{"test/access", "observer", 9, nil},
	} {
		t.Run("each operation of "+tool.folder+" is among the calls of the "+tool.principal, func(t *testing.T) {
			seen := map[string]bool{}
			for path, text := range sources(t, tool.folder, ".go", "_test.go") {
				for _, found := range goInput.FindAllStringSubmatch(text, -1) {
					action := actionOf(found[1], found[2])
					seen[action] = true
					if !slices.Contains(tool.except, action) && !slices.ContainsFunc(rows, func(row call) bool {
						return row.principal == tool.principal && row.action == action && row.refused == ""
					}) {
						t.Errorf("%s calls %s, and no row of the %s has it", path, action, tool.principal)
					}
				}
			}
			if len(seen) < tool.least {
				t.Errorf("only %d operations were found in %s, want %d or more", len(seen), tool.folder, tool.least)
			}
		})
	}
}
