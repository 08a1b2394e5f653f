package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// restoreTestHandler keeps the plans that test restores; restoretests.go runs them.
type restoreTestHandler struct{ plans *table[restoreTestPlan] }

// restoreTestPlan is a plan with its selections, as they were put.
type restoreTestPlan struct {
	ARN, Region string
	Created     time.Time
	Plan        jsonObject
	Tags        map[string]string
	Selections  map[string]jsonObject // by name
}

const restoreTesting = "restore-testing"

func newRestoreTests(folder string) (Handler, error) {
	plans, err := openTable[restoreTestPlan](folder, "backup-restore-tests")
	h := &restoreTestHandler{plans}
	return Handler{
		RestoreTests: h,
		Name:         "AWS Backup's restore testing plans",
		AWS: "A restore testing plan has a schedule, and selections that say what is restored of which type of resource; each reads back as" +
			" it was put. A plan with selections is not deleted. When a plan is due, AWS Backup restores what its selections name, and deletes" +
			" it after its validation.",
		Source:  "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingPlan.html",
		Matches: func(c *Call) bool { return c.Service == "backup" && h.route(c) != nil },
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			resp, err := h.route(c)(g, c)
			g.respond(w, c, resp, err)
		},
	}, err
}

// route finds the operation of a request, or nil. AWS: AWS Backup API Reference, "Request Syntax" of each operation.
func (h *restoreTestHandler) route(c *Call) backupOperation {
	parts := segments(c)
	if len(parts) == 2 && parts[0] == "tags" && c.Method == http.MethodGet && strings.Contains(parts[1], ":restore-testing-plan:") {
		return h.tags
	}
	if len(parts) < 2 || parts[0] != restoreTesting || parts[1] != "plans" || len(parts) > 3 && parts[3] != "selections" {
		return nil
	}
	return map[string]backupOperation{
		"PUT 2": h.createPlan, "GET 2": h.listPlans,
		"GET 3": h.getPlan, "PUT 3": h.updatePlan, "DELETE 3": h.deletePlan,
		"PUT 4": h.createSelection, "GET 4": h.listSelections,
		"GET 5": h.getSelection, "PUT 5": h.updateSelection, "DELETE 5": h.deleteSelection,
	}[fmt.Sprintf("%s %d", c.Method, len(parts))]
}

// key is the table's key of a plan.
func (h *restoreTestHandler) key(c *Call, name string) string { return c.Region + "/" + name }

// find returns the plan that a request names.
func (h *restoreTestHandler) find(c *Call) (plan restoreTestPlan, name string, ok bool) {
	name = segments(c)[2]
	plan, ok = h.plans.get(h.key(c, name))
	return plan, name, ok
}

// head are the members that every answer about a plan has.
func (p restoreTestPlan) head(name string) map[string]any {
	return map[string]any{
		"RestoreTestingPlanName": name,
		"RestoreTestingPlanArn":  p.ARN,
		"CreationTime":           epoch(p.Created),
		"UpdateTime":             epoch(p.Created),
	}
}

// whole is an object as it was put, with further members.
func whole(object jsonObject, members map[string]any) (jsonObject, error) {
	output := jsonObject{}
	for name, value := range object {
		output[name] = value
	}
	for name, value := range members {
		if err := output.setMember(name, value); err != nil {
			return nil, err
		}
	}
	return output, nil
}

func (h *restoreTestHandler) createPlan(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		RestoreTestingPlan jsonObject
		Tags               map[string]string
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	name := input.RestoreTestingPlan.stringMember("RestoreTestingPlanName")
	if _, taken := h.plans.get(h.key(c, name)); taken {
		return restError(http.StatusBadRequest, "AlreadyExistsException", "Restore testing plan "+name+" already exists.")
	}
	account, err := g.account(c)
	if err != nil {
		return apiResponse{}, err
	}
	plan := restoreTestPlan{
		ARN:    fmt.Sprintf("arn:aws:backup:%s:%s:restore-testing-plan:%s-%s", c.Region, account, name, requestID()),
		Region: c.Region, Created: time.Now().UTC(), Plan: input.RestoreTestingPlan, Tags: input.Tags, Selections: map[string]jsonObject{},
	}
	if err := h.plans.update(h.key(c, name), func(row *restoreTestPlan) { *row = plan }); err != nil {
		return apiResponse{}, err
	}
	resp, err := jsonResponse(plan.head(name))
	resp.Status = http.StatusCreated
	return resp, err
}

// account asks the emulator for the account.
func (g *Gateway) account(c *Call) (string, error) {
	root, err := g.queryEmulator(c.Context(), c.Region, "sts", map[string][]string{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}})
	if err != nil {
		return "", err
	}
	parsed, err := parseXML(root.Body)
	if err != nil {
		return "", fmt.Errorf("reading the account: %w", err)
	}
	return parsed.findText("GetCallerIdentityResult", "Account"), nil
}

func (h *restoreTestHandler) listPlans(_ *Gateway, c *Call) (apiResponse, error) {
	listed := []jsonObject{}
	for _, plan := range h.plans.sorted(func(a, b restoreTestPlan) int { return strings.Compare(a.ARN, b.ARN) }) {
		if plan.Region != c.Region {
			continue
		}
		output, err := whole(plan.Plan, plan.head(plan.Plan.stringMember("RestoreTestingPlanName")))
		if err != nil {
			return apiResponse{}, err
		}
		listed = append(listed, output)
	}
	return jsonResponse(map[string]any{"RestoreTestingPlans": listed})
}

func (h *restoreTestHandler) getPlan(_ *Gateway, c *Call) (apiResponse, error) {
	plan, name, ok := h.find(c)
	if !ok {
		return notFound("Restore testing plan", name)
	}
	output, err := whole(plan.Plan, plan.head(name))
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{"RestoreTestingPlan": output})
}

func (h *restoreTestHandler) updatePlan(_ *Gateway, c *Call) (apiResponse, error) {
	var input struct{ RestoreTestingPlan jsonObject }
	plan, name, ok := h.find(c)
	if !ok {
		return notFound("Restore testing plan", name)
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	changed, err := whole(plan.Plan, nil)
	if err != nil {
		return apiResponse{}, err
	}
	for member, value := range input.RestoreTestingPlan {
		changed[member] = value
	}
	if err := h.plans.update(h.key(c, name), func(row *restoreTestPlan) { row.Plan = changed }); err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(plan.head(name))
}

func (h *restoreTestHandler) deletePlan(_ *Gateway, c *Call) (apiResponse, error) {
	plan, name, ok := h.find(c)
	switch {
	case !ok:
		return notFound("Restore testing plan", name)
	case len(plan.Selections) > 0:
		return restError(http.StatusBadRequest, "InvalidRequestException", "Restore testing plan "+name+" has selections.")
	}
	return apiResponse{Status: http.StatusNoContent, Header: jsonHeader()}, h.plans.remove(h.key(c, name))
}

// tags serves ListTags for a plan.
func (h *restoreTestHandler) tags(_ *Gateway, c *Call) (apiResponse, error) {
	arn := segments(c)[1]
	for _, plan := range h.plans.sorted(func(a, b restoreTestPlan) int { return strings.Compare(a.ARN, b.ARN) }) {
		if plan.ARN == arn {
			return jsonResponse(map[string]any{"Tags": plan.Tags})
		}
	}
	return notFound("Restore testing plan", arn)
}
