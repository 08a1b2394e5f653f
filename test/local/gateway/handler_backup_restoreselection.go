package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// putSelection creates or changes a selection.
func (h *restoreTestHandler) putSelection(c *Call, plan restoreTestPlan, name string, selection jsonObject) (apiResponse, error) {
	planName := segments(c)[2]
	err := h.plans.update(h.key(c, planName), func(row *restoreTestPlan) {
		all := map[string]jsonObject{name: selection}
		for other, kept := range row.Selections {
			if other != name {
				all[other] = kept
			}
		}
		row.Selections = all
	})
	if err != nil {
		return apiResponse{}, err
	}
	output := plan.head(planName)
	output["RestoreTestingSelectionName"] = name
	return jsonResponse(output)
}

func (h *restoreTestHandler) createSelection(_ *Gateway, c *Call) (apiResponse, error) {
	var input struct{ RestoreTestingSelection jsonObject }
	plan, name, ok := h.find(c)
	if !ok {
		return notFound("Restore testing plan", name)
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	selection := input.RestoreTestingSelection.stringMember("RestoreTestingSelectionName")
	if _, taken := plan.Selections[selection]; taken {
		return restError(http.StatusBadRequest, "AlreadyExistsException", "Restore testing selection "+selection+" already exists.")
	}
	resp, err := h.putSelection(c, plan, selection, input.RestoreTestingSelection)
	resp.Status = http.StatusCreated
	return resp, err
}

func (h *restoreTestHandler) updateSelection(_ *Gateway, c *Call) (apiResponse, error) {
	var input struct{ RestoreTestingSelection jsonObject }
	plan, _, _ := h.find(c)
	name := segments(c)[4]
	old, ok := plan.Selections[name]
	if !ok {
		return notFound("Restore testing selection", name)
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	changed, err := whole(old, nil)
	if err != nil {
		return apiResponse{}, err
	}
	for member, value := range input.RestoreTestingSelection {
		changed[member] = value
	}
	return h.putSelection(c, plan, name, changed)
}

// selection is one as Get and List answer.
func (p restoreTestPlan) selection(planName, name string) (jsonObject, error) {
	members := map[string]any{"RestoreTestingPlanName": planName, "CreationTime": epoch(p.Created)}
	return whole(p.Selections[name], members)
}

func (h *restoreTestHandler) getSelection(_ *Gateway, c *Call) (apiResponse, error) {
	plan, planName, _ := h.find(c)
	name := segments(c)[4]
	if _, ok := plan.Selections[name]; !ok {
		return notFound("Restore testing selection", name)
	}
	output, err := plan.selection(planName, name)
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{"RestoreTestingSelection": output})
}

func (h *restoreTestHandler) listSelections(_ *Gateway, c *Call) (apiResponse, error) {
	plan, planName, ok := h.find(c)
	if !ok {
		return notFound("Restore testing plan", planName)
	}
	listed := []jsonObject{}
	for name := range plan.Selections {
		output, err := plan.selection(planName, name)
		if err != nil {
			return apiResponse{}, err
		}
		listed = append(listed, output)
	}
	slices.SortFunc(listed, func(a, b jsonObject) int {
		return strings.Compare(a.stringMember("RestoreTestingSelectionName"), b.stringMember("RestoreTestingSelectionName"))
	})
	return jsonResponse(map[string]any{"RestoreTestingSelections": listed})
}

func (h *restoreTestHandler) deleteSelection(_ *Gateway, c *Call) (apiResponse, error) {
	plan, planName, _ := h.find(c)
	name := segments(c)[4]
	if _, ok := plan.Selections[name]; !ok {
		return notFound("Restore testing selection", name)
	}
	err := h.plans.update(h.key(c, planName), func(row *restoreTestPlan) {
		kept := map[string]jsonObject{}
		for other, selection := range row.Selections {
			if other != name {
				kept[other] = selection
			}
		}
		row.Selections = kept
	})
	return apiResponse{Status: http.StatusNoContent, Header: jsonHeader()}, err
}
