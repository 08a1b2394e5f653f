package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// count is the number of tests of a run. Errors of a package that did not compile count as failed.
type count struct{ total, failed, skipped int }

// parseGoTestCount reads "total failed errors skipped".
func parseGoTestCount(printed string) (count, error) {
	words := strings.Fields(printed)
	if len(words) != 4 {
		return count{}, fmt.Errorf("reading the count %q: want total, failed, errors and skipped", printed)
	}
	var n [4]int
	for i, word := range words {
		value, err := strconv.Atoi(word)
		if err != nil || value < 0 {
			return count{}, fmt.Errorf("reading the count %q: %q is no number of tests", printed, word)
		}
		n[i] = value
	}
	return count{total: n[0], failed: n[1] + n[2], skipped: n[3]}, nil
}

// parseTAPCount reads the summary at the end of Node's TAP: lines such as "# fail 0".
func parseTAPCount(printed string) (count, error) {
	found := map[string]int{}
	lines := bufio.NewScanner(strings.NewReader(printed))
	lines.Buffer(nil, len(printed)+1) // a line may hold the output of a test
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 3 || words[0] != "#" {
			continue
		}
		if value, err := strconv.Atoi(words[2]); err == nil && value >= 0 {
			found[words[1]] = value
		}
	}
	if err := lines.Err(); err != nil {
		return count{}, fmt.Errorf("reading the tests' TAP: %w", err)
	}
	for _, name := range [...]string{"tests", "fail", "cancelled", "skipped", "todo"} {
		if _, there := found[name]; !there {
			return count{}, fmt.Errorf("reading the tests' TAP: it does not end with the number of %s", name)
		}
	}
	return count{total: found["tests"], failed: found["fail"] + found["cancelled"], skipped: found["skipped"] + found["todo"]}, nil
}

// counter adds the counts of runs that go side by side.
type counter struct {
	mu     sync.Mutex
	sum    count
	failed []error // each names its run and the reason
}

// add adds a run's count, and why it failed when it did.
func (c *counter) add(tests count, failed error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sum = count{c.sum.total + tests.total, c.sum.failed + tests.failed, c.sum.skipped + tests.skipped}
	if failed != nil {
		c.failed = append(c.failed, failed)
	}
}

// report prints what failed and, in the last line, the number of tests.
func (c *counter) report(out io.Writer) error {
	for _, reason := range c.failed {
		fmt.Fprintln(out, "failed:", reason)
	}
	line := fmt.Sprintf("%d passed, %d failed", c.sum.total-c.sum.failed-c.sum.skipped, c.sum.failed)
	if c.sum.skipped > 0 {
		line += fmt.Sprintf(", %d skipped", c.sum.skipped)
	}
	if _, err := fmt.Fprintln(out, line); err != nil {
		return err
	}
	if len(c.failed) > 0 || c.sum.failed > 0 {
		return errTestsFailed
	}
	return nil
}
