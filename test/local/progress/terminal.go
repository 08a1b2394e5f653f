package progress

import (
	"io"
	"os"
	"syscall"
	"unsafe"
)

// columns answers whether w is a terminal that understands control sequences, and how wide it is (0 when it does not say).
func columns(w io.Writer) (int, bool) {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return 0, false
	}
	var size struct{ rows, columns, x, y uint16 }
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	return int(size.columns), errno == 0
}

// Foreground answers whether this process belongs to the foreground group of a terminal. A key such as Ctrl-C then
// reaches every process of the group, children included, without anybody's help.
func Foreground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer terminal.Close()
	var group int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	return errno == 0 && int(group) == syscall.Getpgrp()
}
