package aurora

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// serverUser is the operating-system user of the servers: nobody when this process is root, because PostgreSQL refuses to run
// as root.
type serverUser struct {
	switchUser bool
	uid, gid   uint32
}

// findServerUser returns nobody when this process is root. initdb looks its user up by name, so an id without a name would not
// do.
func findServerUser() (serverUser, error) {
	if os.Geteuid() != 0 {
		return serverUser{}, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return serverUser{}, fmt.Errorf("PostgreSQL does not run as root and there is no user nobody to run it as (run as another user): %w", err)
	}
	uid, err := strconv.ParseInt(nobody.Uid, 10, 64) // -2 on macOS
	if err != nil {
		return serverUser{}, fmt.Errorf("reading the id of nobody: %w", err)
	}
	gid, err := strconv.ParseInt(nobody.Gid, 10, 64)
	if err != nil {
		return serverUser{}, fmt.Errorf("reading the group of nobody: %w", err)
	}
	return serverUser{switchUser: true, uid: uint32(uid), gid: uint32(gid)}, nil
}

// command prepares a PostgreSQL program. It gets a process group of its own: an interrupt from a terminal must reach only the
// process that runs the servers, which then stops them.
func (o serverUser) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/" // the working directory of this process may be closed to the user
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o.switchUser {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	setPlatformAttributes(cmd.SysProcAttr)
	return cmd
}

// chown makes the servers' user the owner of a file or directory.
func (o serverUser) chown(path string) error {
	if !o.switchUser {
		return nil
	}
	if err := os.Lchown(path, int(o.uid), int(o.gid)); err != nil {
		return fmt.Errorf("giving %s to nobody: %w", path, err)
	}
	return nil
}

// writeFile writes a file atomically that only the servers' user can read.
func (o serverUser) writeFile(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if err := o.chown(path + ".new"); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// replaceDir removes what is at path and creates an empty directory there that only the servers' user can read.
func (o serverUser) replaceDir(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("removing %s: %w", path, err)
	}
	if err := os.MkdirAll(path, fs.FileMode(0o700)); err != nil {
		return fmt.Errorf("making %s: %w", path, err)
	}
	return o.chown(path)
}
