package instance

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestASecretMadeWithoutAValueHasNoVersion(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	const service, name = "secretsmanager", "app/database"
	a.json(east, service, "CreateSecret", object{"Name": name})
	value := func(label string) (int, object) {
		return a.tryJSON(east, service, "GetSecretValue", object{"SecretId": name, "VersionStage": label})
	}
	absent := func(label string) {
		if status, body := value(label); status != http.StatusBadRequest || body["__type"] != "ResourceNotFoundException" {
			t.Errorf("its version %s: %d %v, want none", label, status, body)
		}
	}
	absent("AWSCURRENT")
	a.json(east, service, "PutSecretValue", object{"SecretId": name, "SecretString": "first"})
	absent("AWSPREVIOUS")
	if status, body := value("AWSCURRENT"); status != http.StatusOK || body["SecretString"] != "first" {
		t.Errorf("its value: %d %v, want the first", status, body)
	}
}

// A secret is replicated at creation and its replicas removed.
func TestSecretReplicas(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	const service, name, key = "secretsmanager", "app/database", "arn:aws:kms:us-west-2:000000000000:key/k"
	a.json(east, service, "CreateSecret", object{
		"Name": name, "SecretString": "first", "AddReplicaRegions": []object{{"Region": west, "KmsKeyId": key}},
	})
	e.down()
	a.endpoint = e.up().Endpoint
	secret := a.json(east, service, "DescribeSecret", object{"SecretId": name})
	replicas, _ := secret["ReplicationStatus"].([]any)
	if len(replicas) != 1 {
		t.Fatalf("the secret has the replicas %v, want one", secret["ReplicationStatus"])
	}
	replica := replicas[0].(map[string]any)
	if replica["Region"] != west || replica["KmsKeyId"] != key || replica["Status"] != "InSync" || secret["PrimaryRegion"] != east {
		t.Errorf("the secret of %v has the replica %v, want one in sync in %s with its key", secret["PrimaryRegion"], replica, west)
	}
	a.json(east, service, "PutSecretValue", object{"SecretId": name, "SecretString": "second"})
	if got := a.json(west, service, "GetSecretValue", object{"SecretId": name}); got["SecretString"] != "second" || got["Name"] != name {
		t.Errorf("the replica is %v, want the secret's new value under the same name", got)
	}
	gone := object{"SecretId": name, "ForceDeleteWithoutRecovery": true}
	if status, body := a.tryJSON(east, service, "DeleteSecret", gone); status != http.StatusBadRequest ||
		body["__type"] != "InvalidParameterException" {
		t.Errorf("deleting a secret that has a replica: %d %v, want a refusal", status, body)
	}
	a.json(east, service, "RemoveRegionsFromReplication", object{"SecretId": name, "RemoveReplicaRegions": []string{west}})
	if status, body := a.tryJSON(
		west, service, "GetSecretValue", object{"SecretId": name},
	); status != http.StatusBadRequest || body["__type"] != "ResourceNotFoundException" {
		t.Errorf("the removed replica: %d %v, want that it is not found", status, body)
	}
	if left, ok := a.json(east, service, "DescribeSecret", object{"SecretId": name})["ReplicationStatus"]; ok {
		t.Errorf("the secret still has the replicas %v", left)
	}
	a.json(east, service, "DeleteSecret", gone)
}

// A secret whose name is taken in the other region is not made.
func TestSecretNameTaken(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	const service, name = "secretsmanager", "app/database"
	a.json(west, service, "CreateSecret", object{"Name": name, "SecretString": "theirs"})
	status, body := a.tryJSON(east, service, "CreateSecret", object{
		"Name": name, "SecretString": "ours", "AddReplicaRegions": []object{{"Region": west}},
	})
	if status != http.StatusBadRequest || body["__type"] != "ResourceExistsException" {
		t.Errorf("making it: %d %v, want a refusal", status, body)
	}
	if status, _ := a.tryJSON(east, service, "DescribeSecret", object{"SecretId": name}); status != http.StatusBadRequest {
		t.Error("the refused secret is there")
	}
	if got := a.json(west, service, "GetSecretValue", object{"SecretId": name})["SecretString"]; got != "theirs" {
		t.Errorf("the other region's secret holds %v", got)
	}
}

func TestALogGroupThatStandsChangesItsKey(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	const service, name = "logs", "logs-vpc-primary-blue"
	const first, second = "arn:aws:kms:us-east-1:000000000000:key/1", "arn:aws:kms:us-east-1:000000000000:key/2"
	key := func() any {
		groups, _ := a.json(east, service, "DescribeLogGroups", object{"logGroupNamePrefix": name})["logGroups"].([]any)
		if len(groups) != 1 {
			t.Fatalf("the log groups are %v, want one", groups)
		}
		return groups[0].(map[string]any)["kmsKeyId"]
	}
	a.json(east, service, "CreateLogGroup", object{"logGroupName": name, "kmsKeyId": first})
	a.json(east, service, "AssociateKmsKey", object{"logGroupName": name, "kmsKeyId": second})
	e.down()
	a.endpoint = e.up().Endpoint
	if got := key(); got != second {
		t.Errorf("the log group has the key %v, want %s", got, second)
	}
	a.json(
		east, service, "AssociateKmsKey",
		object{"resourceIdentifier": "arn:aws:logs:us-east-1:000000000000:log-group:" + name, "kmsKeyId": first},
	)
	if got := key(); got != first {
		t.Errorf("the log group that was named by its ARN has the key %v, want %s", got, first)
	}
	a.json(east, service, "DisassociateKmsKey", object{"logGroupName": name})
	if got := key(); got != nil {
		t.Errorf("the log group has the key %v, want none", got)
	}
	for _, missing := range []object{
		{"logGroupName": "logs-other"}, {"resourceIdentifier": "arn:aws:logs:us-east-1:000000000000:log-group:logs-other"},
	} {
		missing["kmsKeyId"] = first
		if status, body := a.tryJSON(
			east, service, "AssociateKmsKey", missing,
		); status != http.StatusBadRequest || body["__type"] != "ResourceNotFoundException" {
			t.Errorf("the key of a log group that is not there: %d %v, want that it is not found", status, body)
		}
	}
}

// A database reads back as put and a global one has an endpoint.
func TestDatabaseReadsBack(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	const engine, version = "aurora-postgresql", "16.8"
	endpoint := a.field(
		a.query(east, "rds", "CreateGlobalCluster", "GlobalClusterIdentifier", "records", "Engine", engine, "EngineVersion", version), "Endpoint",
	)
	credentials := []string{"MasterUsername", "clinic", "MasterUserPassword", password} // of the primary alone
	for _, region := range []string{east, west} {
		a.query(region, "rds", "CreateDBCluster", append(credentials,
			"DBClusterIdentifier", "records-"+region, "Engine", engine, "EngineVersion", version,
			"GlobalClusterIdentifier", "records", "EnableCloudwatchLogsExports.member.1", "postgresql",
			"StorageType", "aurora-iopt1", "EnablePerformanceInsights", "true", "DatabaseInsightsMode", "advanced")...)
		a.instance(region, "records-"+region)
		credentials = nil
	}
	a.query(west, "rds", "ModifyDBCluster", "DBClusterIdentifier", "records-"+west, "DatabaseInsightsMode", "standard",
		"CloudwatchLogsExportConfiguration.EnableLogTypes.member.1", "instance")
	e.down()
	a.endpoint = e.up().Endpoint
	for region, wants := range map[string][]string{
		east: {"<member>postgresql</member></EnabledCloudwatchLogsExports>", "<DatabaseInsightsMode>advanced<"},
		west: {"<member>postgresql</member><member>instance</member></EnabledCloudwatchLogsExports>", "<DatabaseInsightsMode>standard<"},
	} {
		described := a.query(region, "rds", "DescribeDBClusters", "DBClusterIdentifier", "records-"+region)
		for _, want := range append(wants, "<StorageType>aurora-iopt1<", "<PerformanceInsightsEnabled>true<") {
			if !strings.Contains(described, want) {
				t.Errorf("the cluster in %s lacks %s: %s", region, want, described)
			}
		}
	}
	if net.ParseIP(endpoint) == nil {
		t.Errorf("the global writer endpoint is %s, want an address that leads to the writer", endpoint)
	}
	target := "arn:aws:rds:us-west-2:000000000000:cluster:records-us-west-2"
	a.query(west, "rds", "SwitchoverGlobalCluster", "GlobalClusterIdentifier", "records", "TargetDbClusterIdentifier", target)
	for _, region := range []string{east, west} {
		described := a.query(region, "rds", "DescribeGlobalClusters", "GlobalClusterIdentifier", "records")
		if got := a.field(described, "Endpoint"); got != endpoint || strings.Count(described, "<Endpoint>") != 1 {
			t.Errorf("the endpoint in %s is %s after a switchover, want %s once: %s", region, got, endpoint, described)
		}
	}
}

func TestAHostedZoneSaysThatItIsNotSigned(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	send := func(method, path, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, a.endpoint+"/2013-04-01/hostedzone"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		sign(request, east, "route53")
		return a.do(request)
	}
	zone := func(reference, more string) string {
		t.Helper()
		_, body := send(http.MethodPost, "", `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`+
			`<Name>example.com</Name>`+
			`<CallerReference>`+reference+`</CallerReference>`+more+`</CreateHostedZoneRequest>`)
		return strings.TrimPrefix(a.field(body, "Id"), "/hostedzone/")
	}
	const private = `<VPC><VPCRegion>us-east-1</VPCRegion><VPCId>vpc-1</VPCId></VPC><HostedZoneConfig><PrivateZone>true</PrivateZone></HostedZoneConfig>`
	for name, test := range map[string]struct {
		id     string
		status int
		want   string
	}{
		"a public zone":            {zone("public", ""), http.StatusOK, "<Status><ServeSignature>NOT_SIGNING</ServeSignature></Status>"},
		"a private zone":           {zone("private", private), http.StatusBadRequest, "<Code>InvalidArgument</Code>"},
		"a zone that is not there": {"Z0", http.StatusNotFound, "<Code>NoSuchHostedZone</Code>"},
	} {
		if status, body := send(http.MethodGet, "/"+test.id+"/dnssec", ""); status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d with %s", name, status, body, test.status, test.want)
		}
	}
}
