package instance

import (
	"context"
	"fmt"
)

// CheckOrphan returns an error that says what to do when the local AWS emulator on a port is this folder's, and the folder was
// deleted while it ran: nothing in the folder knows of it, so [Folder.Down] cannot stop it. The emulator itself is asked.
func (f Folder) CheckOrphan(ctx context.Context, port int) error {
	other, err := askStatus(ctx, endpointOf(port))
	if err != nil || other.StateDir != string(f) {
		return nil //nolint:nilerr // What does not answer, or is another folder's, is no orphan of this one.
	}
	return other.orphan(port)
}

// orphan returns an error for a run that answers on a port although its folder has no record of it, or of another run.
func (r Record) orphan(port int) error {
	recorded, ok, err := Folder(r.StateDir).readRecord()
	if err != nil || ok && recorded.GatewayPID == r.GatewayPID {
		return err
	}
	return fmt.Errorf(
		"a local AWS emulator runs on port %d as process %d, and its state in %s was deleted while it ran: end it with kill %d, "+
			"then try again; what it held is lost", port, r.GatewayPID, r.StateDir, r.GatewayPID,
	)
}
