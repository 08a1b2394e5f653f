//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// environments are the numbers of environments in one backend at which a preview is measured.
var environments = [...]int{1, 5, 20}

// BenchmarkGrowth measures whether the cost of a preview grows with the number of environments in the backend. The other
// environments are copies of the five states under other names, without resources in AWS. The memory is that of the largest
// process, an engine or a provider.
func BenchmarkGrowth(b *testing.B) {
	p := newPlatform(b)
	p.make(b, "up")
	p.make(b, "preview") // Links the programs, where the deployment has not.
	for b.Loop() {
		seconds, megabytes := map[int]float64{}, map[int]float64{}
		for _, count := range environments {
			p.copyStates(b, count-1)
			seconds[count], megabytes[count] = p.measureMake(b, "preview")
			report(b, fmt.Sprintf("s/preview-of-%d", count), seconds[count])
			report(b, fmt.Sprintf("MB/preview-of-%d", count), megabytes[count])
		}
		first, last := environments[0], environments[len(environments)-1]
		report(b, "s-growth", seconds[last]/seconds[first])
		report(b, "MB-growth", megabytes[last]/megabytes[first])
		p.copyStates(b, 0)
	}
}

// copyStates gives the backend a number of further environments.
func (p *platform) copyStates(b *testing.B, count int) {
	b.Helper()
	for _, stack := range stacks {
		folder := filepath.Join(p.state, "pulumi", ".pulumi", "stacks", stack)
		own, err := os.ReadFile(filepath.Join(folder, p.name+".json"))
		if err != nil {
			b.Fatalf("reading the state of %s: %v", stack, err)
		}
		for i := range environments[len(environments)-1] {
			name := fmt.Sprintf("%s-%d", p.name, i)
			file := filepath.Join(folder, name+".json")
			if i >= count {
				err = os.RemoveAll(file)
			} else {
				err = os.WriteFile(file, []byte(strings.ReplaceAll(string(own), p.name, name)), 0o600)
			}
			if err != nil {
				b.Fatalf("copying the state of %s: %v", stack, err)
			}
		}
	}
}

// measureMake runs make and returns its time, and the memory of its largest process.
func (p *platform) measureMake(b *testing.B, arguments ...string) (seconds, megabytes float64) {
	b.Helper()
	start := time.Now()
	r := p.start(b, arguments...)
	if err := r.await(); err != nil {
		b.Fatalf("make %v: %v\n%s", arguments, err, r.output)
	}
	took := time.Since(start)
	usage, ok := r.command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("the system does not say how much memory make and what it ran had")
	}
	unit := 1e3 // getrusage(2): kilobytes, and bytes on macOS.
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return took.Seconds(), float64(usage.Maxrss) * unit / 1e6
}
