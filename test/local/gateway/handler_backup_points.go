package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"warmstandby/test/local/aurora"
)

// pointsOf are a vault's recovery points, the newest first; all of the region's where the vault is "".
func (h *backupHandler) pointsOf(region, vault string) []recoveryPoint {
	all := h.points.sorted(func(a, b recoveryPoint) int { return b.Created.Compare(a.Created) })
	return slices.DeleteFunc(all, func(point recoveryPoint) bool { return point.Region != region || !matches(vault, point.Vault) })
}

// output is the recovery point as DescribeRecoveryPoint answers.
func (p recoveryPoint) output() map[string]any {
	output := map[string]any{
		"RecoveryPointArn": p.ARN, "BackupVaultName": p.Vault, "BackupVaultArn": p.VaultARN, "ResourceArn": p.ResourceARN,
		"ResourceType": p.ResourceType, "IamRoleArn": p.RoleARN, "Status": jobCompleted, "CreationDate": epoch(p.Created),
		"CompletionDate": epoch(p.Created), "BackupSizeInBytes": p.Bytes, "IsEncrypted": true,
	}
	if p.SourceVaultARN != "" {
		output["SourceBackupVaultArn"] = p.SourceVaultARN
	}
	if p.RetentionDays > 0 {
		output["Lifecycle"] = map[string]int{"DeleteAfterDays": p.RetentionDays}
		output["CalculatedLifecycle"] = map[string]float64{"DeleteAt": epoch(p.Created.AddDate(0, 0, p.RetentionDays))}
	}
	return output
}

// listPoints serves ListRecoveryPointsByBackupVault.
func (h *backupHandler) listPoints(g *Gateway, c *Call) (apiResponse, error) {
	name, query := segments(c)[1], c.URL.Query()
	if _, resp, err := g.vaultCall(c.Context(), c.Region, name); err != nil || !resp.ok() {
		return resp, err
	}
	listed := []map[string]any{}
	for _, point := range h.pointsOf(c.Region, name) {
		if matches(query.Get("resourceArn"), point.ResourceARN) && matches(query.Get("resourceType"), point.ResourceType) {
			listed = append(listed, point.output())
		}
	}
	return jsonResponse(map[string]any{"RecoveryPoints": listed})
}

// listPointsOfResource serves ListRecoveryPointsByResource.
func (h *backupHandler) listPointsOfResource(_ *Gateway, c *Call) (apiResponse, error) {
	listed := []map[string]any{}
	for _, point := range h.pointsOf(c.Region, "") {
		if point.ResourceARN == segments(c)[1] {
			listed = append(listed, point.output())
		}
	}
	return jsonResponse(map[string]any{"RecoveryPoints": listed})
}

// find returns a recovery point of a vault.
func (h *backupHandler) find(c *Call) (recoveryPoint, bool) {
	parts := segments(c)
	point, ok := h.points.get(parts[3])
	return point, ok && point.Region == c.Region && point.Vault == parts[1]
}

// describePoint serves DescribeRecoveryPoint.
func (h *backupHandler) describePoint(_ *Gateway, c *Call) (apiResponse, error) {
	point, ok := h.find(c)
	if !ok {
		return notFound("Recovery point", segments(c)[3])
	}
	return jsonResponse(point.output())
}

// deletePoint serves DeleteRecoveryPoint. AWS: AWS Backup Developer Guide, "Vault access policies" and "AWS Backup Vault Lock".
func (h *backupHandler) deletePoint(g *Gateway, c *Call) (apiResponse, error) {
	point, ok := h.find(c)
	if !ok {
		return notFound("Recovery point", segments(c)[3])
	}
	guards, _ := h.vaults.get(vaultKey(point.Region, point.Vault))
	switch {
	case guards.deniesDelete():
		return restError(http.StatusForbidden, "AccessDeniedException",
			"User is not authorized to perform: "+deleteAction+" with an explicit deny in a resource-based policy")
	case guards.Locked:
		return restError(http.StatusBadRequest, "InvalidRequestException",
			fmt.Sprintf("Recovery point %s cannot be deleted: backup vault %s is locked.", point.ARN, point.Vault))
	}
	return apiResponse{Status: http.StatusOK, Header: jsonHeader(), Body: []byte("{}")}, h.removePoint(g, point)
}

// removePoint removes a recovery point with what it holds.
func (h *backupHandler) removePoint(g *Gateway, point recoveryPoint) error {
	if point.ResourceType == typeAurora && g.aurora != nil {
		_, name := aurora.NewSnapshotName(point.Region, point.ARN)
		if _, err := g.aurora.DeleteSnapshot(point.Region, name); err != nil && !errors.Is(err, aurora.ErrNoSnapshot) {
			return fmt.Errorf("deleting the snapshot of %s: %w", point.ARN, err)
		}
	}
	if err := h.points.remove(point.ARN); err != nil {
		return err
	}
	if err := os.RemoveAll(h.folderOf(point.ARN)); err != nil {
		return fmt.Errorf("deleting what %s holds: %w", point.ARN, err)
	}
	return nil
}

// tagsOfPoint serves ListTags for a recovery point; of other resources the emulator has the tags.
func (h *backupHandler) tagsOfPoint(parts []string) backupOperation {
	if len(parts) != 2 || !strings.Contains(parts[1], ":recovery-point:") && !strings.Contains(parts[1], ":"+aurora.BackupSnapshots) {
		return nil
	}
	return func(*Gateway, *Call) (apiResponse, error) {
		point, ok := h.points.get(parts[1])
		if !ok {
			return notFound("Recovery point", parts[1])
		}
		return jsonResponse(map[string]any{"Tags": point.Tags})
	}
}
