package permissions

import "slices"

// view is the environment as one region's part sees it.
type view struct {
	*environment
	region     string
	role       string // primary or secondary, as in the names of resources
	key        string // primary or standby, as in the keys of outputs
	app        string // the region's project
	peerRegion string
	peerRole   string
	peerKey    string
}

// views returns the two regions.
func (e *environment) views() (primary, standby view) {
	east, west := e.output("foundation-network", "primaryRegion"), e.output("foundation-network", "standbyRegion")
	primary = view{
		environment: e, region: east, role: "primary", key: "primary", app: "region-app-east",
		peerRegion: west, peerRole: "secondary", peerKey: "standby",
	}
	standby = view{
		environment: e, region: west, role: "secondary", key: "standby", app: "region-app-west",
		peerRegion: east, peerRole: "primary", peerKey: "primary",
	}
	return primary, standby
}

// table returns every call that the platform's parts make on AWS, and those that must be refused.
func (e *environment) table() []call {
	primary, standby := e.views()
	var rows []call
	for _, in := range []view{primary, standby} {
		rows = slices.Concat(rows, in.network(), in.buckets(), in.buses(), in.backup(), in.application(), in.alarms(), in.keys())
	}
	return slices.Concat(rows, e.controller())
}

// named returns the name of the region's role for a purpose.
func (v view) named(purpose string) string {
	return "role-" + purpose + "-" + v.role + "-" + v.output("foundation-network", "environmentSuffix")
}

// arn returns an ARN of the region.
func (v view) arn(service, id string) string {
	return "arn:aws:" + service + ":" + v.region + ":" + account + ":" + id
}

func (v view) data(key string) string { return v.output("data-global", v.key+key) }

// another is the id of an account that is not the platform's.
const another = "444455556666"

// assumed returns the rows of a service that assumes a role. The source, if there is one, is in the context of the call; one of
// another account or another source is refused then.
func assumed(role, service, source, otherSource, page string) []call {
	row := call{principal: service, action: "sts:AssumeRole", resource: roleARN(role), page: page}
	if source == "" {
		return []call{row}
	}
	row = row.with(map[string]any{"aws:SourceArn": source, "aws:SourceAccount": account})
	return []call{
		row,
		row.with(map[string]any{"aws:SourceAccount": another}).mustFail("it is for another account"),
		row.with(map[string]any{"aws:SourceArn": otherSource}).mustFail("it is for another resource"),
	}
}

// assumedByLambda returns the rows of a function's role. AWS's own trust policies of functions' roles name the account of the source (for
// example in the repository aws/agent-toolkit-for-aws, lambda-trust-policy.json); no page of AWS's names the source's ARN.
func assumedByLambda(role string) []call {
	row := call{
		principal: "lambda.amazonaws.com", action: "sts:AssumeRole", resource: roleARN(role), page: executionRole,
		context: map[string]any{"aws:SourceAccount": account},
	}
	return []call{row, row.with(map[string]any{"aws:SourceAccount": another}).mustFail("it is for another account")}
}

// throughKMS returns the rows of a service that uses a key in a principal's name: the actions with the service's encryption context, and
// that the principal may not use the key itself.
func throughKMS(principal, service, region, key string, context map[string]any, page string, actions ...string) []call {
	var rows []call
	for _, action := range actions {
		row := call{principal: principal, action: action, resource: key, context: context, page: page}
		row = row.with(map[string]any{"kms:ViaService": service + "." + region + ".amazonaws.com"})
		rows = append(rows, row, row.without("kms:ViaService").mustFail("it is not through "+service))
	}
	return rows
}

// onlyByTLS returns the rows of a resource that refuses requests without TLS to everybody.
func onlyByTLS(action string, resources ...string) []call {
	var rows []call
	for _, resource := range resources {
		rows = append(rows, call{
			principal: administrator, action: action, resource: resource, context: map[string]any{"aws:SecureTransport": "false"},
			page: "IAM User Guide, AWS global condition context keys, aws:SecureTransport", refused: "it is not by TLS",
		})
	}
	return rows
}
