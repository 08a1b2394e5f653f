package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// databases is an emulator with one cluster and one instance, of which it forgets most.
func databases(w http.ResponseWriter, r *http.Request) {
	action := r.FormValue("Action")
	kind := "DBCluster"
	if strings.Contains(action, "DBInstance") {
		kind = "DBInstance"
	}
	fmt.Fprintf(w,
		"<R><%sResult><%s><%sArn>arn:%s</%sArn><EnabledCloudwatchLogsExports/><MonitoringInterval>0</MonitoringInterval></%s></%sResult></R>",
		action, kind, kind, kind, kind, kind, action)
}

func TestADatabaseReadsBackAsPut(t *testing.T) {
	const enable = "CloudwatchLogsExportConfiguration.EnableLogTypes.member.1"
	const disable = "CloudwatchLogsExportConfiguration.DisableLogTypes.member.1"
	for name, test := range map[string]struct {
		create, modify []string
		want           []string
		lacks          string
	}{
		"nothing put": {
			want: []string{"<EnabledCloudwatchLogsExports></EnabledCloudwatchLogsExports>", "<MonitoringInterval>0<"}, lacks: "StorageType",
		},
		"log exports": {
			create: []string{"EnableCloudwatchLogsExports.member.1", "postgresql", "EnableCloudwatchLogsExports.member.2", "upgrade"},
			want:   []string{"<EnabledCloudwatchLogsExports><member>postgresql</member><member>upgrade</member></EnabledCloudwatchLogsExports>"},
		},
		"log exports added and taken away": {
			create: []string{"EnableCloudwatchLogsExports.member.1", "postgresql"}, modify: []string{enable, "upgrade", disable, "postgresql"},
			want: []string{"<EnabledCloudwatchLogsExports><member>upgrade</member></EnabledCloudwatchLogsExports>"},
		},
		"storage that is named": {create: []string{"StorageType", "aurora-iopt1"}, want: []string{"<StorageType>aurora-iopt1<"}},
		"storage that is not":   {create: []string{"StorageType", "aurora"}, lacks: "StorageType"},
		"storage that is named no more": {
			create: []string{"StorageType", "aurora-iopt1"}, modify: []string{"StorageType", "aurora"}, lacks: "StorageType",
		},
		"an unrelated modification": {
			create: []string{"DatabaseInsightsMode", "advanced"}, modify: []string{"Port", "5433"},
			want: []string{"<DatabaseInsightsMode>advanced<"},
		},
		"monitoring in place of default": {
			create: []string{"MonitoringInterval", "60", "MonitoringRoleArn", "arn:r"},
			want:   []string{"<MonitoringInterval>60<", "<MonitoringRoleArn>arn:r<"}, lacks: "<MonitoringInterval>0<",
		},
		"Performance Insights": {
			create: []string{
				"EnablePerformanceInsights", "true", "PerformanceInsightsKMSKeyId", "arn:k", "PerformanceInsightsRetentionPeriod", "465",
			},
			want: []string{"<PerformanceInsightsEnabled>true<", "<PerformanceInsightsKMSKeyId>arn:k<", "<PerformanceInsightsRetentionPeriod>465<"},
		},
	} {
		for _, kind := range []string{"DBCluster", "DBInstance"} {
			t.Run(kind+" "+name, func(t *testing.T) {
				folder := t.TempDir()
				f := newFake(t, folder, databases)
				f.query("us-east-1", "rds", "Create"+kind, test.create...)
				if test.modify != nil {
					f.query("us-east-1", "rds", "Modify"+kind, test.modify...)
				}
				_, described := newFake(t, folder, databases).query("us-east-1", "rds", "Describe"+kind+"s")
				wantParts(t, described, test.want...)
				if test.lacks != "" && strings.Contains(described, test.lacks) {
					t.Errorf("has %s: %s", test.lacks, described)
				}
				f.query("us-east-1", "rds", "Delete"+kind)
				_, described = f.query("us-east-1", "rds", "Describe"+kind+"s")
				wantParts(t, described, "<EnabledCloudwatchLogsExports></EnabledCloudwatchLogsExports>", "<MonitoringInterval>0<")
			})
		}
	}
}
