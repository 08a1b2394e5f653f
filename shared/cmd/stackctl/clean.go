package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// clean stops the local AWS emulator and deletes the local state. It deletes only what make has put there, in folders that make has
// marked, and lists it. It keeps the drills' reports, settings that somebody has written, and whatever it does not know.
func clean(ctx context.Context, c *controller, _ []string) error {
	plan, err := c.planClean()
	if err != nil {
		return fmt.Errorf("clean is refused, and nothing was deleted: %w", err)
	}
	if marked(c.state) {
		if _, err := os.Stat(c.built("local")); err == nil {
			if err := localDown(ctx, c, nil); err != nil {
				return fmt.Errorf("stopping the local AWS emulator: %w", err)
			}
		} else if _, err := os.Stat(filepath.Join(c.state, "instance.json")); err == nil {
			return fmt.Errorf(
				"a local AWS emulator may run from %s, and the program that stops it is not built: %s, then clean again",
				c.state,
				c.command("local-down"),
			)
		}
	}
	return c.remove(plan)
}

// cleanDrills deletes the drills' reports.
func cleanDrills(_ context.Context, c *controller, _ []string) error {
	var plan cleaning
	if err := plan.folder(c.state, []string{reportsFolder}, nil); err != nil {
		return fmt.Errorf("clean-drills is refused, and nothing was deleted: %w", err)
	}
	return c.remove(plan)
}

// cleaning is what is to be deleted, and what stays beside it.
type cleaning struct {
	delete []string // absolute paths
	empty  []string // folders that are deleted when nothing is left in them
	kept   []string // a line each
}

// remove deletes what is planned and lists it, and what is kept.
func (c *controller) remove(plan cleaning) error {
	for _, path := range plan.delete {
		fmt.Fprintln(c.stdout, "deleting", c.short(path))
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("deleting %s: %w", path, err)
		}
	}
	for _, folder := range plan.empty {
		if left, err := os.ReadDir(folder); err == nil && (len(left) == 0 || len(left) == 1 && left[0].Name() == markerFile) {
			if err := os.RemoveAll(folder); err != nil {
				return fmt.Errorf("deleting %s: %w", folder, err)
			}
		}
	}
	for _, kept := range plan.kept {
		fmt.Fprintln(c.stdout, "keeping", kept)
	}
	if len(plan.delete) == 0 {
		fmt.Fprintln(c.stdout, "nothing to delete")
	}
	return nil
}

// short is a path as seen from the repository, where it lies there.
func (s settings) short(path string) string {
	if short, err := filepath.Rel(s.root, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// planClean finds what clean deletes. It refuses the whole when any part of it is not plainly make's own.
func (c *controller) planClean() (cleaning, error) {
	var plan cleaning
	kept := map[string]string{reportsFolder: "the drills' reports; `" + c.command("clean-drills") + "` deletes them"}
	remembered := filepath.Dir(c.rememberedIn(c.settings.environment))
	others, err := os.ReadDir(remembered)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return plan, fmt.Errorf("reading which environments there are: %w", err)
	}
	if slices.ContainsFunc(others, func(e fs.DirEntry) bool { return e.Name() != c.settings.environment+".json" }) {
		kept[environmentsFolder] = "where other environments are"
	}
	plan.empty = append(plan.empty, remembered)
	if err := plan.folder(c.state, stateEntries, kept); err != nil {
		return plan, err
	}
	if onAWS := stacksOnAWS(c.state); len(onAWS) > 0 {
		var names []string
		for _, k := range onAWS {
			names = append(names, k.project+"/"+k.name)
		}
		return plan, fmt.Errorf(
			"%s holds the state of stacks on AWS (%s), which make does not delete: their resources would be left with nobody who knows them. Move it to a backend (pulumi stack export, pulumi stack import), or delete it yourself",
			pulumiFolder(c.state),
			strings.Join(names, ", "),
		)
	}
	if err := plan.add(c.rememberedIn(c.settings.environment), ""); err != nil {
		return plan, err
	}
	if c.state != c.defaultState() {
		if err := plan.folder(c.defaultState(), []string{"make"}, nil); err != nil {
			return plan, err
		}
	}
	for _, built := range []struct {
		path, proof string // proof is a file in it by which it is known to be what the build makes
	}{
		{"lambda/app/dist", "index.mjs"},
		{"lambda/app/node_modules", ".package-lock.json"},
	} {
		path := filepath.Join(c.root, filepath.FromSlash(built.path))
		if err := plan.add(path, built.proof); err != nil {
			return plan, err
		}
	}
	return plan, c.planSettings(&plan)
}

// folder plans to delete entries of a folder that make has marked. One that does not exist has nothing to delete.
func (p *cleaning) folder(folder string, entries []string, kept map[string]string) error {
	information, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", folder, err)
	}
	if information.Mode()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(folder)
		if err != nil {
			target = "nothing"
		}
		return fmt.Errorf("%s is a symbolic link to %s: name that folder instead (STATE=…)", folder, target)
	}
	if !information.IsDir() {
		return fmt.Errorf("%s is no folder", folder)
	}
	if !marked(folder) {
		return fmt.Errorf("%s has no marker (%s) of `make up`: it is not the platform's", folder, markerFile)
	}
	found, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("reading %s: %w", folder, err)
	}
	for _, entry := range found {
		name := entry.Name()
		path := filepath.Join(folder, name)
		reason, keeps := kept[name]
		switch {
		case name == markerFile:
		case keeps:
			p.kept = append(p.kept, path+": "+reason)
		case slices.Contains(entries, name):
			if err := p.add(path, ""); err != nil {
				return err
			}
		case !slices.Contains(stateEntries, name) && name != reportsFolder && name != environmentsFolder:
			p.kept = append(p.kept, path+": it is not the platform's")
		}
	}
	p.empty = append(p.empty, folder)
	return nil
}

// add plans to delete one path. It refuses a symbolic link, and anything in which another file system is mounted.
func (p *cleaning) add(path, proof string) error {
	information, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	if information.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s is a symbolic link, which make has not made: remove it yourself", path)
	}
	if proof != "" {
		if _, err := os.Lstat(filepath.Join(path, proof)); err != nil {
			p.kept = append(p.kept, path+": it has no "+proof+", so it is not what the build makes")
			return nil
		}
	}
	mounted, err := mountsUnder(path)
	if err != nil {
		return err
	}
	if len(mounted) > 0 {
		return fmt.Errorf("another file system is mounted at %s: unmount it first", strings.Join(mounted, ", "))
	}
	p.delete = append(p.delete, path)
	return nil
}

// generatedSettings begin the lines of a settings file that make and Pulumi write by themselves: the salt of the stack's
// passphrase, and the settings by which the application admits the local AWS emulator's tokens.
var generatedSettings = []string{
	"encryptionsalt:", "config:",
	"  data-global:jwtIssuer: urn:warmstandby:local", "  data-global:jwtAudience: urn:warmstandby:records", "  data-global:jwtKeys:",
	"  data-global:jwtTenantClaim: tenant", "  data-global:jwtDefaultTenant: local",
}

// planSettings plans to delete the settings files of the environments whose state goes, where nobody has written a setting.
func (c *controller) planSettings(plan *cleaning) error {
	for _, k := range stacksIn(c.state) {
		file := filepath.Join(c.root, stackFolder(k.project), "Pulumi."+k.name+".yaml")
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading settings: %w", err)
		}
		if !generated(string(content)) {
			plan.kept = append(plan.kept, c.short(file)+": somebody has written settings into it")
			continue
		}
		if err := plan.add(file, ""); err != nil {
			return err
		}
	}
	return nil
}

// generated says whether a settings file has nothing but what make and Pulumi write by themselves.
func generated(content string) bool {
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\n")
		if line != "" && !slices.ContainsFunc(generatedSettings, func(known string) bool { return strings.HasPrefix(line, known) }) {
			return false
		}
	}
	return true
}
