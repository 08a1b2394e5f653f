//go:build !linux

package aurora

import "syscall"

// complete adds nothing: a server whose runner was killed is found by its lock and stopped at the next start.
func complete(*syscall.SysProcAttr) {}
