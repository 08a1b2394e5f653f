package aurora

import "syscall"

// capDacOverride is CAP_DAC_OVERRIDE of capabilities(7).
const capDacOverride = 1

// setPlatformAttributes adds what only Linux has. When the process that runs a server dies, in whatever way, the kernel sends
// the server SIGINT, as pg_ctl stop does. A server that runs as nobody keeps root's capability to traverse directories,
// because the state folder may be in a directory closed to nobody; PostgreSQL refuses the user root, not this capability.
func setPlatformAttributes(attributes *syscall.SysProcAttr) {
	attributes.Pdeathsig = syscall.SIGINT
	if attributes.Credential != nil {
		attributes.AmbientCaps = []uintptr{capDacOverride}
	}
}
