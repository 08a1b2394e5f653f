package gateway

import (
	"net/url"
	"slices"
)

// databaseFields are the fields of a DB cluster or instance that the emulator does not keep. Their names are keys of
// databases.json.
type databaseFields struct {
	Exports []string          // log types that go to CloudWatch Logs
	Values  map[string]string // by the element's name in descriptions
}

// databaseValues maps the parameters that are kept unchanged to their elements in descriptions.
var databaseValues = []struct{ param, element string }{
	{"DatabaseInsightsMode", "DatabaseInsightsMode"},
	{"EnablePerformanceInsights", "PerformanceInsightsEnabled"},
	{"MonitoringInterval", "MonitoringInterval"},
	{"MonitoringRoleArn", "MonitoringRoleArn"},
	{"PerformanceInsightsKMSKeyId", "PerformanceInsightsKMSKeyId"},
	{"PerformanceInsightsRetentionPeriod", "PerformanceInsightsRetentionPeriod"},
	{"StorageType", "StorageType"},
}

// standardStorage is Aurora's storage type that descriptions leave out. AWS: Amazon RDS API Reference, CreateDBCluster,
// StorageType.
const standardStorage = "aurora"

// Where requests list log types.
const (
	// The parameters in which requests list log types.
	exportsAtCreation = "EnableCloudwatchLogsExports.member"
	exportsAdded      = "CloudwatchLogsExportConfiguration.EnableLogTypes.member"
	exportsRemoved    = "CloudwatchLogsExportConfiguration.DisableLogTypes.member"
)

// databaseFieldsHandler keeps the fields by ARN, so that one table serves clusters and instances of all regions.
type databaseFieldsHandler struct{ fields *table[databaseFields] }

func newDatabaseFields(folder string) (Handler, error) {
	fields, err := openTable[databaseFields](folder, "databases")
	h := databaseFieldsHandler{fields}
	return Handler{
		Name: "DB cluster and instance fields",
		AWS: "DescribeDBClusters and DescribeDBInstances return log exports, storage type, monitoring, Performance Insights and" +
			" Database Insights as they were put.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html",
		Matches: matchActions("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters", "DeleteDBCluster",
			"CreateDBInstance", "ModifyDBInstance", "DescribeDBInstances", "DeleteDBInstance"),
		Edit: func(_ *Gateway, c *Call, root *xmlElement) error {
			for name, arn := range map[string]string{"DBCluster": "DBClusterArn", "DBInstance": "DBInstanceArn"} {
				if err := root.each(name, func(database *xmlElement) error {
					return h.edit(c, database, database.findText(arn))
				}); err != nil {
					return err
				}
			}
			return nil
		},
	}, err
}

// edit keeps the parameters of the call and completes the database's description.
func (h databaseFieldsHandler) edit(c *Call, database *xmlElement, arn string) error {
	switch c.Action {
	case "CreateDBCluster", "CreateDBInstance", "ModifyDBCluster", "ModifyDBInstance":
		if err := h.fields.update(arn, func(fields *databaseFields) { fields.put(c.Form) }); err != nil {
			return err
		}
	case "DeleteDBCluster", "DeleteDBInstance":
		return h.fields.remove(arn)
	}
	fields, ok := h.fields.get(arn)
	if !ok {
		return nil
	}
	exports := list("EnabledCloudwatchLogsExports")
	for _, log := range fields.Exports {
		exports.Children = append(exports.Children, text("member", log))
	}
	database.set(exports)
	for _, v := range databaseValues {
		if value, ok := fields.Values[v.element]; ok && value != standardStorage {
			database.set(text(v.element, value))
		}
	}
	return nil
}

// put keeps the parameters of a creation or modification.
func (f *databaseFields) put(form url.Values) {
	removed := listParam(form, exportsRemoved)
	exports := slices.DeleteFunc(slices.Clone(f.Exports), func(log string) bool { return slices.Contains(removed, log) })
	for _, log := range append(listParam(form, exportsAtCreation), listParam(form, exportsAdded)...) {
		if !slices.Contains(exports, log) {
			exports = append(exports, log)
		}
	}
	f.Exports = exports
	values := map[string]string{} // a new map: readers hold the old one
	for _, v := range databaseValues {
		if value, ok := f.Values[v.element]; ok {
			values[v.element] = value
		}
		if form.Has(v.param) {
			values[v.element] = form.Get(v.param)
		}
	}
	f.Values = values
}
