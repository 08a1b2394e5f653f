package emulator

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// savingProcess is a process whose emulator's side of saving the test plays.
func savingProcess() (process *Process, requests *bufio.Reader, answers *io.PipeWriter) {
	fromProcess, out := io.Pipe()
	in, toProcess := io.Pipe()
	return &Process{requests: out, answers: bufio.NewReader(in)}, bufio.NewReader(fromProcess), toProcess
}

func TestASaveSaysWhenItsCopyIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		process, requests, answers := savingProcess()
		var taken, ended atomic.Bool
		go func() {
			if err := process.Save(func() { taken.Store(true) }); err != nil {
				t.Error(err)
			}
			ended.Store(true)
		}()
		for _, step := range []struct {
			says         string
			taken, ended bool
		}{{"", false, false}, {"taken\n", true, false}, {"saved\n", true, true}} {
			if step.says == "" {
				if _, err := requests.ReadString('\n'); err != nil {
					t.Error(err)
				}
			} else if _, err := io.WriteString(answers, step.says); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if taken.Load() != step.taken || ended.Load() != step.ended {
				t.Errorf("after %q it is taken: %t, ended: %t", step.says, taken.Load(), ended.Load())
			}
		}
	})
}

func TestAFailedSaveSaysWhy(t *testing.T) {
	for answer, want := range map[string]string{"failed: no space left\n": "no space left", "": "waiting for the emulator to save"} {
		process, requests, answers := savingProcess()
		go func() {
			requests.ReadString('\n')
			io.WriteString(answers, answer)
			answers.Close()
		}()
		if err := process.Save(func() {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("answer %q gives %v, want %q", answer, err, want)
		}
	}
}

func TestASaveThatWasMadeButNotAnsweredCounts(t *testing.T) {
	for name, test := range map[string]struct {
		left   func(asked string) string // what the killed emulator left as the name of its last save
		wanted bool
	}{
		"it is the one that was asked for": {func(asked string) string { return asked }, true},
		"it is an earlier one":             {func(string) string { return "EARLIER" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			process, requests, answers := savingProcess()
			process.saved = filepath.Join(t.TempDir(), "saved")
			go func() {
				asked, err := requests.ReadString('\n')
				if err == nil {
					err = os.WriteFile(process.saved, []byte(test.left(strings.TrimSpace(asked))), 0o600)
				}
				if err != nil {
					t.Error(err)
				}
				answers.Close()
			}()
			if err := process.Save(func() {}); (err == nil) != test.wanted {
				t.Errorf("the save ended with %v", err)
			}
		})
	}
}
