package emulator

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
)

// The answers of the emulator to a request to save; a third one, "failed: ", says why it could not.
const (
	copyTaken = "taken"
	copySaved = "saved"
)

// Save makes the emulator write its state to its folder, and returns when everything that it had answered before the call is
// there: tenths of a second. It calls taken as soon as the state has been copied: later changes are not part of the save.
// Concurrent calls run one after another.
//
// If the emulator is killed before it answers, the files on disk show whether the save was complete; if it was, Save succeeds,
// because the next run will have that state.
func (p *Process) Save(taken func()) error {
	p.saving.Lock()
	defer p.saving.Unlock()
	name := rand.Text()
	if _, err := io.WriteString(p.requests, name+"\n"); err != nil {
		return fmt.Errorf("asking the emulator to save: %w", err)
	}
	for {
		answer, err := p.answers.ReadString('\n')
		if err != nil {
			if saved, readErr := os.ReadFile(p.saved); readErr == nil && string(saved) == name {
				return nil
			}
			return fmt.Errorf("waiting for the emulator to save: %w", err)
		}
		switch answer = strings.TrimSpace(answer); answer {
		case copyTaken:
			taken()
		case copySaved:
			return nil
		default:
			return fmt.Errorf("saving the emulator's state: %s", answer)
		}
	}
}
