package main

import (
	"context"
	"errors"
	"fmt"
)

// buildJob is the name of the line, and of the log, of what a goal builds before its stacks.
const buildJob = "build"

// show begins to show a goal's work in a few lines, unless all is printed.
func (c *controller) show() {
	if c.screen == nil && c.quiet() {
		c.screen = newScreen(c.stdout, c.isTerminal(c.stdout), c.showsASCII())
	}
}

// hide ends that.
func (c *controller) hide() {
	if c.screen != nil {
		c.screen.stop()
		c.screen = nil
	}
}

// prepare builds what a command needs. What builders print of a goal that prints a few lines goes to its log.
func (c *controller) prepare(ctx context.Context, command string, artifacts []string) error {
	if stateDoing[command] == "" || !c.quiet() {
		return c.build(ctx, artifacts...)
	}
	c.show()
	where := "on AWS"
	if c.emulated() {
		where = "on the local AWS emulator, port " + c.port
	}
	c.screen.note(fmt.Sprintf("make %s: ENV=%s %s", command, c.settings.environment, where))
	c.screen.note(fmt.Sprintf("logs: %s/%s-NAME.log (VERBOSE=yes prints all)", c.short(c.logged()), command))
	j, err := c.newJob(command, buildJob, "building", c.stdout)
	if err != nil {
		return err
	}
	j.row.detail = j.tail.last
	stdout, stderr := c.stdout, c.stderr
	c.stdout, c.stderr = j, j
	err = c.build(ctx, artifacts...)
	c.stdout, c.stderr = stdout, stderr
	err = errors.Join(err, j.close())
	if err != nil {
		j.row.end("FAILED", "")
		c.hide()
		return c.failed(command, []failure{{job: j, err: err}}, nil, err)
	}
	made := "nothing to build"
	if len(c.made) > 0 {
		made = fmt.Sprintf("%d built", len(c.made))
	}
	j.row.end("ready", made)
	return nil
}
