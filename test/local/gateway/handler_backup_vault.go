package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// vaultGuards are what keeps a vault's recovery points from being deleted.
type vaultGuards struct {
	Policy           string
	Locked           bool
	MinRetentionDays int
	MaxRetentionDays int
}

const deleteAction = "backup:DeleteRecoveryPoint"

// deniesDelete says whether a policy denies everybody to delete recovery points. AWS: AWS Backup Developer Guide, "Vault access
// policies".
func (v vaultGuards) deniesDelete() bool {
	var document struct {
		Statement []struct {
			Effect    string
			Principal struct{ AWS stringOrList }
			Action    stringOrList
		}
	}
	if json.Unmarshal([]byte(v.Policy), &document) != nil {
		return false
	}
	for _, one := range document.Statement {
		if one.Effect == "Deny" && slices.Contains(one.Principal.AWS, "*") && slices.Contains(one.Action, deleteAction) {
			return true
		}
	}
	return false
}

// stringOrList is an element of a policy that may be one string or a list of them. AWS: IAM User Guide, "Grammar of the IAM JSON
// policy language".
type stringOrList []string

// UnmarshalJSON implements json.Unmarshaler.
func (s *stringOrList) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*s = stringOrList{one}
		return nil
	}
	var several []string
	err := json.Unmarshal(text, &several)
	*s = several
	return err
}

// vaultKey is the tables' key of a vault.
func vaultKey(region, name string) string { return region + "/" + name }

// vaultCall asks the emulator for a vault of a region; a response that is not ok is its refusal.
func (g *Gateway) vaultCall(ctx context.Context, region, name string) (arn string, resp apiResponse, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.emulator.String()+"/backup-vaults/"+name, nil)
	if err != nil {
		return "", apiResponse{}, fmt.Errorf("asking for vault %s: %w", name, err)
	}
	signAs(request, region, "backup")
	resp, err = g.callEmulator(&Call{Request: request, Region: region, Service: "backup"})
	if err != nil || !resp.ok() {
		return "", resp, err
	}
	vault := jsonObject{}
	if err := json.Unmarshal(resp.Body, &vault); err != nil {
		return "", resp, fmt.Errorf("reading vault %s: %w", name, err)
	}
	return vault.stringMember("BackupVaultArn"), resp, nil
}

// describeVault serves DescribeBackupVault.
func (h *backupHandler) describeVault(g *Gateway, c *Call) (apiResponse, error) {
	resp, err := g.callEmulator(c)
	if err != nil || !resp.ok() {
		return resp, err
	}
	return resp.withEditedJSON(func(vault jsonObject) error { return h.complete(c.Region, vault) })
}

// listVaults serves ListBackupVaults.
func (h *backupHandler) listVaults(g *Gateway, c *Call) (apiResponse, error) {
	resp, err := g.callEmulator(c)
	if err != nil || !resp.ok() {
		return resp, err
	}
	return resp.withEditedJSON(func(output jsonObject) error {
		var vaults []jsonObject
		if err := json.Unmarshal(output["BackupVaultList"], &vaults); err != nil {
			return fmt.Errorf("reading the backup vaults: %w", err)
		}
		for _, vault := range vaults {
			if err := h.complete(c.Region, vault); err != nil {
				return err
			}
		}
		return output.setMember("BackupVaultList", vaults)
	})
}

// complete adds to a vault what the emulator does not know of it.
func (h *backupHandler) complete(region string, vault jsonObject) error {
	name := vault.stringMember("BackupVaultName")
	guards, _ := h.vaults.get(vaultKey(region, name))
	members := map[string]any{"NumberOfRecoveryPoints": len(h.pointsOf(region, name)), "Locked": guards.Locked}
	if guards.MinRetentionDays > 0 {
		members["MinRetentionDays"] = guards.MinRetentionDays
	}
	if guards.MaxRetentionDays > 0 {
		members["MaxRetentionDays"] = guards.MaxRetentionDays
	}
	for member, value := range members {
		if err := vault.setMember(member, value); err != nil {
			return err
		}
	}
	return nil
}

// deleteVault serves DeleteBackupVault. AWS: its page, "A vault can be deleted only if it is empty".
func (h *backupHandler) deleteVault(g *Gateway, c *Call) (apiResponse, error) {
	name := segments(c)[1]
	if count := len(h.pointsOf(c.Region, name)); count > 0 {
		return restError(http.StatusBadRequest, "InvalidRequestException",
			fmt.Sprintf("Backup vault cannot be deleted because it contains %d recovery points.", count))
	}
	resp, err := g.callEmulator(c)
	if err != nil || !resp.ok() {
		return resp, err
	}
	return resp, h.vaults.remove(vaultKey(c.Region, name))
}

// guard changes a vault's guards, if there is the vault.
func (h *backupHandler) guard(g *Gateway, c *Call, change func(*vaultGuards)) (apiResponse, error) {
	name := segments(c)[1]
	if _, resp, err := g.vaultCall(c.Context(), c.Region, name); err != nil || !resp.ok() {
		return resp, err
	}
	return apiResponse{Status: http.StatusOK, Header: jsonHeader(), Body: []byte("{}")}, h.vaults.update(vaultKey(c.Region, name), change)
}

// putPolicy serves PutBackupVaultAccessPolicy.
func (h *backupHandler) putPolicy(g *Gateway, c *Call) (apiResponse, error) {
	var input struct{ Policy string }
	if err := decodeREST(c, &input); err != nil || !json.Valid([]byte(input.Policy)) {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", "The policy is no JSON.")
	}
	return h.guard(g, c, func(guards *vaultGuards) { guards.Policy = input.Policy })
}

// deletePolicy serves DeleteBackupVaultAccessPolicy.
func (h *backupHandler) deletePolicy(g *Gateway, c *Call) (apiResponse, error) {
	return h.guard(g, c, func(guards *vaultGuards) { guards.Policy = "" })
}

// getPolicy serves GetBackupVaultAccessPolicy.
func (h *backupHandler) getPolicy(g *Gateway, c *Call) (apiResponse, error) {
	name := segments(c)[1]
	arn, resp, err := g.vaultCall(c.Context(), c.Region, name)
	if err != nil || !resp.ok() {
		return resp, err
	}
	guards, _ := h.vaults.get(vaultKey(c.Region, name))
	if guards.Policy == "" {
		return notFound("A policy of the vault", name)
	}
	return jsonResponse(map[string]string{"BackupVaultName": name, "BackupVaultArn": arn, "Policy": guards.Policy})
}

// putLock serves PutBackupVaultLockConfiguration, in governance mode: who may delete the lock may do so at any time.
func (h *backupHandler) putLock(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		MinRetentionDays, MaxRetentionDays int
		ChangeableForDays                  *int
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	if input.ChangeableForDays != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException",
			"ChangeableForDays: the local AWS emulator has no locks in compliance mode.")
	}
	return h.guard(g, c, func(guards *vaultGuards) {
		guards.Locked, guards.MinRetentionDays, guards.MaxRetentionDays = true, input.MinRetentionDays, input.MaxRetentionDays
	})
}

// deleteLock serves DeleteBackupVaultLockConfiguration.
func (h *backupHandler) deleteLock(g *Gateway, c *Call) (apiResponse, error) {
	return h.guard(g, c, func(guards *vaultGuards) { *guards = vaultGuards{Policy: guards.Policy} })
}
