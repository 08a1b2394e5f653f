//go:build !linux

package aurora

import "syscall"

// setPlatformAttributes adds nothing. A server whose runner was killed is found by its lock, and stopped, at the next start.
func setPlatformAttributes(*syscall.SysProcAttr) {}
