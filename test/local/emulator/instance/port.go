package instance

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portOwner names the process that listens on a loopback port, for a message. It reads /proc, so it knows no more than
// "another process" where there is none, and for processes of other users.
func portOwner(port int) string {
	const unknown = "another process"
	inode := listeningInode(port)
	if inode == "" {
		return unknown
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return unknown
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != "socket:["+inode+"]" {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, err := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		if err != nil {
			return "process " + pid
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return unknown
}

// listeningInode returns the inode of the socket that listens on port, by Linux's tables, or "".
func listeningInode(port int) string {
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		table, err := os.ReadFile(path)
		if err != nil {
			continue // no such table: another system, or no IPv6
		}
		for line := range strings.Lines(string(table)) {
			if inode := inodeOf(line, port); inode != "" {
				return inode
			}
		}
	}
	return ""
}

// inodeOf reads a line of proc_net_tcp(5): local address and port in hexadecimal in the second column, the state in the
// fourth, 0A for LISTEN, the inode in the tenth. It returns "" for a line about anything but a listener on port.
func inodeOf(line string, port int) string {
	const listen = "0A"
	fields := strings.Fields(line)
	if len(fields) < 10 || fields[3] != listen || !strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
		return ""
	}
	if _, err := strconv.ParseUint(fields[9], 10, 64); err != nil {
		return ""
	}
	return fields[9]
}
