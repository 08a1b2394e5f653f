package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"warmstandby/test/local/progress"
)

// origin is one way to get tools.
type origin interface {
	toolchain() Toolchain
	// key names all that determines the content of the groups.
	key(ctx context.Context, of []group) (string, error)
	// install puts every binary of the groups below out, using work for what is in between. Both folders exist and are empty.
	// log is a file path for what is too long to print.
	install(ctx context.Context, of []group, work, out, log string) error
	// announcement says what install will do, without the groups: "downloading from …".
	announcement() string
}

// mix says which origin each group comes from.
type mix map[group]origin

// tools returns the tools of a mix, given the folder that has each group.
func (m mix) tools(folders map[group]string) Tools {
	return Tools{
		Bin: filepath.Join(folders[cli], "bin"), Home: filepath.Join(folders[plugins], "home"),
		CLI: m[cli].toolchain(), Plugins: m[plugins].toolchain(),
	}
}

// missing lists what is to be got: the groups that no folder has, as one set where all come from one origin. A build of all
// is faster than one build after another, and leaves no processor idle at the end of the first.
func (m mix) missing(folders map[group]string) []set {
	var sets []set
	for _, g := range groups() {
		switch {
		case folders[g] != "":
		case len(sets) > 0 && sets[0].from == m[g]:
			sets[0].of = append(sets[0].of, g)
		default:
			sets = append(sets, set{m[g], []group{g}})
		}
	}
	return sets
}

// set is the content of one folder in the cache: groups from one origin.
type set struct {
	from origin
	of   []group
}

// title names the set in messages.
func (s set) title() string {
	var titles []string
	for _, g := range s.of {
		titles = append(titles, g.title())
	}
	return strings.Join(titles, " and ")
}

// cache is the folder that has the folders of sets.
type cache struct {
	dir string
	log io.Writer
}

// folder is where a set stands, or would stand: a folder with all groups has no group in its name.
func (c cache) folder(ctx context.Context, s set) (string, error) {
	key, err := s.from.key(ctx, s.of)
	if err != nil {
		return "", fmt.Errorf("finding the key of %s from %s: %w", s.title(), s.from.toolchain(), err)
	}
	name := string(s.from.toolchain())
	if len(s.of) < len(groups()) {
		for _, g := range s.of {
			name += "-" + string(g)
		}
	}
	return filepath.Join(c.dir, name+"-"+key), nil
}

// find returns, for each group of the mix that the cache has, a complete folder with it: one with all groups or with it alone.
func (c cache) find(ctx context.Context, m mix) (map[group]string, error) {
	found := map[group]string{}
	for g, from := range m {
		for _, s := range []set{{from, groups()}, {from, []group{g}}} {
			dir, err := c.folder(ctx, s)
			if err != nil {
				return nil, err
			}
			if complete(dir, s.of) == nil {
				found[g] = dir
				break
			}
		}
	}
	return found, nil
}

// get returns the tools of a mix, getting the groups that are missing.
func (c cache) get(ctx context.Context, m mix) (Tools, error) {
	folders, err := c.find(ctx, m)
	if err != nil {
		return Tools{}, err
	}
	for _, s := range m.missing(folders) {
		dir, err := c.add(ctx, s)
		if err != nil {
			return Tools{}, err
		}
		for _, g := range s.of {
			folders[g] = dir
		}
	}
	return m.tools(folders), nil
}

// add installs a set in a folder of its own and renames it when it is complete, all under a lock. What a killed run left is
// deleted, not resumed: the Go command's own cache keeps what was compiled, so little is lost.
func (c cache) add(ctx context.Context, s set) (dir string, err error) {
	dir, err = c.folder(ctx, s)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", fmt.Errorf("making the tools' cache: %w", err)
	}
	unlock, err := lock(ctx, dir+".lock", c.log)
	if err != nil {
		return "", err
	}
	defer unlock()
	if complete(dir, s.of) == nil {
		return dir, nil
	}
	partial := filepath.Join(c.dir, ".partial-"+filepath.Base(dir))
	work, out := filepath.Join(partial, "work"), filepath.Join(partial, "out")
	if err := errors.Join(os.RemoveAll(partial), os.RemoveAll(dir), os.MkdirAll(work, 0o755), os.MkdirAll(out, 0o755)); err != nil {
		return "", fmt.Errorf("clearing what an interrupted run left: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	start := time.Now()
	fmt.Fprintf(c.log, "%s: %s\n", s.from.announcement(), s.title())
	if err := s.from.install(ctx, s.of, work, out, dir+".log"); err != nil {
		return "", fmt.Errorf("getting %s: %w", s.title(), err)
	}
	if err := verify(ctx, out, s.of, filepath.Join(partial, "home")); err != nil {
		return "", fmt.Errorf("checking %s: %w", s.title(), err)
	}
	if err := seal(out, s.of); err != nil {
		return "", fmt.Errorf("writing the tools' manifest: %w", err)
	}
	if err := os.Rename(out, dir); err != nil {
		return "", fmt.Errorf("moving the tools into the cache: %w", err)
	}
	fmt.Fprintf(c.log, "ready after %s: %s\n", progress.Elapsed(time.Since(start)), s.title())
	return dir, nil
}
