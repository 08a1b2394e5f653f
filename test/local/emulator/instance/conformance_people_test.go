package instance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// personal is the ARN of resources of the account in every region, as policies of people name them.
func personal(kind, name string) string {
	return "arn:aws:" + kind + ":*:" + testAccount + ":" + name
}

// A person's request is judged for each resource that it names, whatever the form in which it names them, and where nobody can name
// them, as in EC2, by the action alone.
func TestPermissionsOfPeople(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	tagged := object{"StringEquals": object{"aws:ResourceTag/Environment": "dev"}}
	own := func(resource any, condition object, actions ...string) object {
		statement := allow(resource, actions...)
		if condition != nil {
			statement["Condition"] = condition
		}
		return statement
	}
	key := p.key()
	person := p.as("person",
		own([]string{
			personal("rds", "cluster-pg:dbparams-*-dev"), personal("rds", "cluster:aurora-*-dev"), personal("rds", "subgrp:dbsubnets-*-dev"),
		}, nil, "rds:CreateDBClusterParameterGroup", "rds:CreateDBCluster"),
		own([]string{personal("events", "event-bus/bus-*-dev"), personal("events", "archive/archive-*-dev")}, nil,
			"events:CreateEventBus", "events:CreateArchive"),
		own([]string{personal("cloudwatch", "alarm:alarm-*-dev"), "arn:aws:cloudwatch::" + testAccount + ":dashboard/dashboard-*-dev"}, nil,
			"cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards"),
		own(personal("elasticloadbalancing", "targetgroup/tg-*-dev/*"), nil, "elasticloadbalancing:CreateTargetGroup"),
		own([]string{key, personal("kms", "alias/key-*-dev")}, nil, "kms:CreateAlias"),
		own(personal("secretsmanager", "secret:secret-*-dev-??????"), nil, "secretsmanager:CreateSecret"),
		own(personal("backup", "backup-vault:vault-*-dev"), nil, "backup:CreateBackupVault"),
		own(personal("backup", "backup-plan:*"), object{"StringEquals": object{"aws:RequestTag/Environment": "dev"}}, "backup:CreateBackupPlan"),
		own(personal("ec2", "vpc/*"), tagged, "ec2:CreateSubnet"),
		object{"Effect": "Deny", "Action": "ec2:DeleteSubnet", "Resource": everything},
		allow(everything, "ec2:DeleteSubnet"),
	)
	rest := func(method, path, service, body string) attempt {
		return func() (int, string, error) {
			return person.send(t.Context(), method, path, east, service, []byte(body), http.Header{"Content-Type": {"application/json"}})
		}
	}
	plan := func(tag string) string {
		return `{"BackupPlan":{"BackupPlanName":"daily","Rules":[]},"BackupPlanTags":{"Environment":"` + tag + `"}}`
	}
	group := func(name string) attempt {
		return p.query(person, "rds", "CreateDBClusterParameterGroup", "DBClusterParameterGroupName", name,
			"DBParameterGroupFamily", "aurora-postgresql16", "Description", "x")
	}
	call := func(service, target, field string, name any, more object) attempt {
		input := object{field: name}
		for other, value := range more {
			input[other] = value
		}
		return p.json(person, service, target, input)
	}
	archive := func(bus string) attempt {
		return call("events", "AWSEvents.CreateArchive", "ArchiveName", "archive-records-dev", object{"EventSourceArn": bus})
	}
	secret := object{"SecretString": "x"}
	toKey := object{"TargetKeyId": key}
	for _, c := range []struct {
		name, action   string
		refused, asked attempt
	}{
		{"a parameter group", "rds:CreateDBClusterParameterGroup", group("dbparams-records-prod"), group("dbparams-records-dev")},
		{
			"each of what a cluster is made of", "rds:CreateDBCluster",
			p.query(person, "rds", "CreateDBCluster", "DBClusterIdentifier", "aurora-records-dev", "Engine", "aurora-postgresql",
				"DBSubnetGroupName", "dbsubnets-records-prod"),
			p.query(person, "rds", "CreateDBCluster", "DBClusterIdentifier", "aurora-records-dev", "Engine", "aurora-postgresql",
				"DBSubnetGroupName", "dbsubnets-records-dev"),
		},
		{
			"a bus", "events:CreateEventBus", call("events", "AWSEvents.CreateEventBus", "Name", "bus-records-prod", nil),
			call("events", "AWSEvents.CreateEventBus", "Name", "bus-records-dev", nil),
		},
		{
			"an archive's bus", "events:CreateArchive",
			archive(busARN(east, "default")), archive(busARN(east, "bus-records-dev")),
		},
		{
			"each alarm of several", "cloudwatch:DeleteAlarms",
			call("monitoring", "GraniteServiceVersion20100801.DeleteAlarms", "AlarmNames", []string{"alarm-reads-dev", "alarm-reads-prod"}, nil),
			call("monitoring", "GraniteServiceVersion20100801.DeleteAlarms", "AlarmNames", []string{"alarm-reads-dev"}, nil),
		},
		{
			"a dashboard", "cloudwatch:DeleteDashboards",
			call("monitoring", "GraniteServiceVersion20100801.DeleteDashboards", "DashboardNames", []string{"dashboard-primary-prod"}, nil),
			call("monitoring", "GraniteServiceVersion20100801.DeleteDashboards", "DashboardNames", []string{"dashboard-primary-dev"}, nil),
		},
		{
			"a target group that is made", "elasticloadbalancing:CreateTargetGroup",
			p.query(person, "elasticloadbalancing", "CreateTargetGroup", "Name", "tg-app-prod", "TargetType", "lambda"),
			p.query(person, "elasticloadbalancing", "CreateTargetGroup", "Name", "tg-app-dev", "TargetType", "lambda"),
		},
		{
			"an alias", "kms:CreateAlias", call("kms", "TrentService.CreateAlias", "AliasName", "alias/key-app-prod", toKey),
			call("kms", "TrentService.CreateAlias", "AliasName", "alias/key-app-dev", toKey),
		},
		{
			"an alias's key", "kms:CreateAlias",
			call("kms", "TrentService.CreateAlias", "AliasName", "alias/key-app-dev", object{"TargetKeyId": p.key()}),
			call("kms", "TrentService.CreateAlias", "AliasName", "alias/key-data-dev", toKey),
		},
		{
			"a secret that is made", "secretsmanager:CreateSecret",
			call("secretsmanager", "secretsmanager.CreateSecret", "Name", "secret-database-prod", secret),
			call("secretsmanager", "secretsmanager.CreateSecret", "Name", "secret-database-dev", secret),
		},
		{
			"a vault in a path", "backup:CreateBackupVault", rest(http.MethodPut, "/backup-vaults/vault-primary-prod", "backup", "{}"),
			rest(http.MethodPut, "/backup-vaults/vault-primary-dev", "backup", "{}"),
		},
		{
			"the tags of a plan that is made", "backup:CreateBackupPlan", rest(http.MethodPut, "/backup/plans", "backup", plan("prod")),
			rest(http.MethodPut, "/backup/plans", "backup", plan("dev")),
		},
		{
			"an action of EC2, whose resources are not known", "ec2:CreateVpc", p.query(person, "ec2", "CreateVpc", "CidrBlock", "10.9.0.0/16"),
			p.query(person, "ec2", "CreateSubnet", "VpcId", p.vpc(east, "10.8.0.0/16"), "CidrBlock", "10.8.0.0/24"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, err := c.refused()
			if err != nil || status < http.StatusBadRequest || !strings.Contains(body, c.action) {
				t.Errorf("what is not allowed: %d %s, %v; want a refusal of %s", status, body, err, c.action)
			}
			// What is allowed may still be refused for what it is, as a cluster without a password.
			if status, body, err := c.asked(); err != nil || status == http.StatusForbidden || strings.Contains(body, "not authorized") {
				t.Errorf("what is allowed: %d %s, %v", status, body, err)
			}
		})
	}
	t.Run("a function is judged by the resource in EC2, too", func(t *testing.T) {
		function := p.functionsSession()
		p.role("app", "lambda.amazonaws.com", own(personal("ec2", "vpc/*"), tagged, "ec2:CreateSubnet"))
		status, body, err := p.query(function, "ec2", "CreateSubnet", "VpcId", p.vpc(east, "10.7.0.0/16"), "CidrBlock", "10.7.0.0/24")()
		if err != nil || status != http.StatusForbidden || !strings.Contains(body, "ec2:CreateSubnet") {
			t.Errorf("%d %s, %v", status, body, err)
		}
	})
	t.Run("what EC2 is denied stays denied", func(t *testing.T) {
		status, body, err := p.query(person, "ec2", "DeleteSubnet", "SubnetId", "subnet-1")()
		if err != nil || status != http.StatusForbidden || !strings.Contains(body, "explicit deny") {
			t.Errorf("%d %s, %v", status, body, err)
		}
	})
}

// functionsSession returns a function's own session: what it has in its environment.
func (p permissionTest) functionsSession() principal {
	p.t.Helper()
	function := p.function(east, "asker", `export const handler = async () => [
		process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN]`)
	answer := p.lambda(east, "/2015-03-31/functions/"+function+"/invocations", "{}")
	var session []string
	if err := json.Unmarshal([]byte(answer), &session); err != nil || len(session) != 3 {
		p.t.Fatalf("the function has the session %q, %v", session, err)
	}
	return principal{endpoint: p.endpoint, key: session[0], secret: session[1], token: session[2]}
}
