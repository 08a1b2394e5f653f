package instance

import (
	"bufio"
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
// The columns are those of proc_net_tcp: local address and port in hexadecimal, state 0A for LISTEN, inode as the tenth.
func listeningInode(port int) string {
	suffix := fmt.Sprintf(":%s", strings.ToUpper(fmt.Sprintf("%04x", port)))
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(path)
		if err != nil {
			continue
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == "0A" {
				if _, err := strconv.ParseUint(fields[9], 10, 64); err == nil {
					return fields[9]
				}
			}
		}
	}
	return ""
}
