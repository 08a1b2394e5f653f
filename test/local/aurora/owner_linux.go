package aurora

import "syscall"

// capDacOverride is CAP_DAC_OVERRIDE of capabilities(7).
const capDacOverride = 1

// complete adds what Linux offers. A server is stopped, as by pg_ctl stop, when the process that runs it dies, however
// that happens. And a server that runs as nobody for root keeps root's right to pass through folders, because the state
// folder may stand in one that is closed to nobody; PostgreSQL refuses root for its id, not for this right.
func complete(attributes *syscall.SysProcAttr) {
	attributes.Pdeathsig = syscall.SIGINT
	if attributes.Credential != nil {
		attributes.AmbientCaps = []uintptr{capDacOverride}
	}
}
