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

// owner is the user that the servers run as, when it is not the one of this process: PostgreSQL refuses to run as root.
type owner struct {
	other    bool
	uid, gid uint32
}

// findOwner returns nobody when this process is root. initdb looks its user up by name, so a bare number would not do.
func findOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return owner{}, fmt.Errorf("PostgreSQL does not run as root and there is no user nobody to run it as (run as another user): %w", err)
	}
	uid, err := strconv.ParseInt(nobody.Uid, 10, 64) // -2 on macOS
	if err != nil {
		return owner{}, fmt.Errorf("reading the id of nobody: %w", err)
	}
	gid, err := strconv.ParseInt(nobody.Gid, 10, 64)
	if err != nil {
		return owner{}, fmt.Errorf("reading the group of nobody: %w", err)
	}
	return owner{other: true, uid: uint32(uid), gid: uint32(gid)}, nil
}

// command prepares a program of PostgreSQL's. It gets a group of its own: an interrupt typed at a terminal is for the
// process that runs the servers, which then stops them.
func (o owner) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/" // the folder of this process may be closed to the owner
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	complete(cmd.SysProcAttr)
	return cmd
}

// own gives a file or folder to the owner.
func (o owner) own(path string) error {
	if !o.other {
		return nil
	}
	if err := os.Lchown(path, int(o.uid), int(o.gid)); err != nil {
		return fmt.Errorf("giving %s to nobody: %w", path, err)
	}
	return nil
}

// write writes a file that only the owner reads, whole or not at all.
func (o owner) write(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if err := o.own(path + ".new"); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// folder makes an empty folder that only the owner reads, in place of what stood there.
func (o owner) folder(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("removing %s: %w", path, err)
	}
	if err := os.MkdirAll(path, fs.FileMode(0o700)); err != nil {
		return fmt.Errorf("making %s: %w", path, err)
	}
	return o.own(path)
}
