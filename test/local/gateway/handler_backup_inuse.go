package gateway

import (
	"net/http"
	"strings"
)

// backupPlans is the path of backup plans. AWS: AWS Backup API Reference, DeleteBackupPlan.
const backupPlans = "/backup/plans/"

// newBackupPlansInUse refuses to delete a backup plan that has selections.
func newBackupPlansInUse(string) (Handler, error) {
	return Handler{
		Name:   "backup plans in use",
		AWS:    "A backup plan is not deleted while it has selections.",
		Source: "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html",
		Matches: func(c *Call) bool {
			plan, ok := strings.CutPrefix(c.URL.Path, backupPlans)
			return ok && c.Service == "backup" && c.Method == http.MethodDelete && plan != "" && !strings.Contains(plan, "/")
		},
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			var output struct {
				BackupSelectionsList []struct{ SelectionId string }
			}
			_, err := g.getJSON(c.Context(), c.Region, c.Service, c.URL.EscapedPath()+"/selections/", &output)
			if err != nil || len(output.BackupSelectionsList) == 0 {
				return nil, err
			}
			refusal := jsonError("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
			refusal.Header.Set("X-Amzn-Errortype", "InvalidRequestException")
			return &refusal, nil
		},
	}, nil
}
