package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cleanable is a repository and a state folder as make has left them.
func cleanable(t *testing.T) (*controller, *machine, func() string) {
	t.Helper()
	c, m, printed := newTestController(t, map[string]string{})
	c.root = t.TempDir()
	for _, file := range []string{".state/make/local", "lambda/app/dist/index.mjs", "lambda/app/node_modules/.package-lock.json"} {
		write(t, filepath.Join(c.root, file), "")
	}
	for _, file := range []string{
		"pulumi/.pulumi/stacks/data-global/local.json", "aurora/x", "instance.json", "drills/index.html", "notes.txt",
	} {
		if file != "notes.txt" {
			write(t, filepath.Join(c.state, file), "")
		}
	}
	write(t, filepath.Join(c.root, "stacks/data-global/Pulumi.local.yaml"), "encryptionsalt: v1:x\nconfig:\n"+
		"  data-global:jwtDefaultTenant: local\n  data-global:jwtKeys: '{}'\n  data-global:jwtTenantClaim: tenant\n")
	for _, folder := range []string{c.state, c.defaultState()} {
		if err := claim(folder); err != nil {
			t.Fatal(err)
		}
	}
	m.answers = append([]answer{{contains: "local down"}}, m.answers...)
	m.t = t
	c.process = m.runAnywhere
	return c, m, printed.String
}

// files returns all files under a folder, by their paths in it.
func files(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			short, _ := filepath.Rel(folder, path)
			found = append(found, short)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return found
}

func TestClean(t *testing.T) {
	t.Run("what make has put there goes, and is listed; reports stay", func(t *testing.T) {
		c, m, printed := cleanable(t)
		if err := clean(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if left := files(t, c.state); !slices.Equal(left, []string{".warmstandby", "drills/index.html"}) {
			t.Errorf("left in STATE are %q", left)
		}
		if left := files(t, c.root); len(left) > 0 {
			t.Errorf("left in the repository are %q", left)
		}
		for _, want := range []string{
			"deleting " + filepath.Join(c.state, "pulumi"), "deleting .state/make", "deleting lambda/app/dist",
			"keeping " + filepath.Join(c.state, "drills"),
		} {
			if !strings.Contains(printed(), want) {
				t.Errorf("%q is not printed:\n%s", want, printed())
			}
		}
		if len(m.called("local down")) != 1 {
			t.Errorf("the local AWS emulator was not stopped: %q", m.calls)
		}
	})
	t.Run("what somebody has put there stays", func(t *testing.T) {
		c, _, printed := cleanable(t)
		write(t, filepath.Join(c.state, "notes.txt"), "mine")
		write(
			t,
			filepath.Join(c.root, "stacks/data-global/Pulumi.local.yaml"),
			"encryptionsalt: v1:x\nconfig:\n  data-global:minCapacity: \"2\"\n",
		)
		write(t, filepath.Join(c.root, "stacks/data-global/Pulumi.local-other.yaml"), "encryptionsalt: v1:x\n")
		if err := os.Remove(filepath.Join(c.root, "lambda/app/dist/index.mjs")); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(c.root, "lambda/app/dist/thesis.txt"), "mine")
		if err := clean(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		left := append(files(t, c.state), files(t, c.root)...)
		for _, want := range []string{
			"notes.txt", "stacks/data-global/Pulumi.local.yaml", "stacks/data-global/Pulumi.local-other.yaml", "lambda/app/dist/thesis.txt",
		} {
			if !slices.Contains(left, want) {
				t.Errorf("%s is gone", want)
			}
		}
		for _, want := range []string{"notes.txt: it is not the platform's", "somebody has written settings into it"} {
			if !strings.Contains(printed(), want) {
				t.Errorf("%q is not printed:\n%s", want, printed())
			}
		}
	})
	t.Run("a second clean has nothing to do", func(t *testing.T) {
		c, _, printed := cleanable(t)
		for range 2 {
			if err := clean(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasSuffix(printed(), "nothing to delete\n") {
			t.Errorf("got\n%s", printed())
		}
	})
	t.Run("reports go by a command of their own", func(t *testing.T) {
		c, _, _ := cleanable(t)
		if err := cleanDrills(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		left := files(t, c.state)
		if slices.Contains(left, "drills/index.html") || !slices.Contains(left, "aurora/x") {
			t.Errorf("left are %q", left)
		}
	})
}

func TestCleanRefuses(t *testing.T) {
	link := func(t *testing.T, target, path string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		arrange func(t *testing.T, c *controller, elsewhere string)
		want    string
	}{
		{"a foreign folder", func(t *testing.T, c *controller, elsewhere string) { c.state = elsewhere }, "has no marker"},
		{"a foreign folder with names like ours", func(t *testing.T, c *controller, elsewhere string) {
			write(t, filepath.Join(elsewhere, "pulumi", "mine"), "")
			c.state = elsewhere
		}, "has no marker"},
		{"a marker that says something else", func(t *testing.T, c *controller, elsewhere string) {
			write(t, filepath.Join(elsewhere, markerFile), "")
			c.state = elsewhere
		}, "has no marker"},
		{"a file", func(t *testing.T, c *controller, elsewhere string) { c.state = filepath.Join(elsewhere, "precious") }, "is no folder"},
		{
			"a symbolic link to a foreign folder", func(t *testing.T, c *controller, elsewhere string) { link(t, elsewhere, c.state) },
			"is a symbolic link to ",
		},
		{"a symbolic link to a folder of ours", func(t *testing.T, c *controller, elsewhere string) {
			if err := os.Remove(filepath.Join(elsewhere, "precious")); err != nil {
				t.Fatal(err)
			}
			if err := claim(elsewhere); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(elsewhere, "pulumi", "precious"), "")
			link(t, elsewhere, c.state)
		}, "is a symbolic link to "},
		{"an entry that is a symbolic link", func(t *testing.T, c *controller, elsewhere string) {
			link(t, elsewhere, filepath.Join(c.state, "aurora"))
		}, "is a symbolic link"},
		{"a bundle's folder that is a symbolic link", func(t *testing.T, c *controller, elsewhere string) {
			link(t, elsewhere, filepath.Join(c.root, "lambda/app/dist"))
		}, "is a symbolic link"},
		{"the state of a stack on AWS", func(t *testing.T, c *controller, elsewhere string) {
			write(t, filepath.Join(c.state, "pulumi", ".pulumi", "stacks", "global-edge", "prod.json"), "{}")
		}, "global-edge/prod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, m, _ := cleanable(t)
			elsewhere := t.TempDir()
			write(t, filepath.Join(elsewhere, "precious"), "")
			test.arrange(t, c, elsewhere)
			before := append(files(t, c.root), files(t, elsewhere)...)
			err := clean(t.Context(), c, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "nothing was deleted") {
				t.Errorf("got %v, want a refusal with %q", err, test.want)
			}
			if after := append(files(t, c.root), files(t, elsewhere)...); !slices.Equal(before, after) {
				t.Errorf("files were %q and are %q", before, after)
			}
			if len(m.calls) > 0 {
				t.Errorf("something was run: %q", m.calls)
			}
		})
	}
}

// TestCleanStopsAtAMount mounts a folder into the state, where the kernel lets this process do so.
func TestCleanStopsAtAMount(t *testing.T) {
	c, _, _ := cleanable(t)
	elsewhere := t.TempDir()
	write(t, filepath.Join(elsewhere, "precious"), "")
	point := filepath.Join(c.state, "aurora", "mounted")
	if err := os.MkdirAll(point, 0o755); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("mount", "--bind", elsewhere, point).CombinedOutput(); err != nil {
		t.Logf("this process may mount nothing (%s); TestMountTable holds the rest", strings.TrimSpace(string(output)))
		return
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", point).Run(); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	err := clean(t.Context(), c, nil)
	if err == nil || !strings.Contains(err.Error(), "mounted at "+point) {
		t.Errorf("got %v, want a refusal that names the mount point", err)
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "precious")); err != nil {
		t.Errorf("the mounted folder's file: %v", err)
	}
}

func TestMountTable(t *testing.T) {
	const table = `22 1 252:0 / / rw,relatime - ext4 /dev/vda rw
41 22 0:35 / /srv/with\040space\134x rw - tmpfs tmpfs rw
`
	points, err := parseMounts(strings.NewReader(table))
	if want := []string{"/", `/srv/with space\x`}; err != nil || !slices.Equal(points, want) {
		t.Errorf("got %q, %v, want %q", points, err, want)
	}
	if _, err := parseMounts(strings.NewReader("22 1 252:0 /\n")); err == nil {
		t.Error("a line without a mount point is accepted")
	}
}

func FuzzMountTable(f *testing.F) {
	for _, seed := range []string{"22 1 252:0 / /a\\040b rw", "", "1 2 3 4 \\", "1 2 3 4 \\777 x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, table string) {
		points, err := parseMounts(strings.NewReader(table))
		if err == nil && len(points) > strings.Count(table, "\n")+1 {
			t.Errorf("%d mount points in %q", len(points), table)
		}
	})
}
